/** Planted bugs of replication: what a leader sends and counts, and what a follower makes of it. */

import type { Entry } from "../entry.ts";
import { commitTo } from "../raft/commit.ts";
import type { AppendEntriesRequest } from "../raft/message.ts";
import { configurationInForce, persist, trace } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { Output } from "../replica/replica.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { byMatch, mistaken, received } from "./planted-step.ts";

/** Entries at other places than their own. */
function movedTo(entries: readonly Entry[], firstIndex: number): readonly Entry[] {
  return entries.map((entry, at) => ({ ...entry, index: firstIndex + at }));
}

/** What a follower that truncates behind every append would truncate. */
function truncateBehind(raft: RaftState, message: AppendEntriesRequest, least: number): void {
  const { prevLogIndex, prevLogTerm, entries, term } = message;
  const end = prevLogIndex + entries.length;
  if (entries.length === 0 || term < raft.currentTerm || raft.role !== "Follower" || end >= raft.log.lastIndex) return;
  if (end < Math.max(least, raft.log.startIndex) || raft.log.termAt(prevLogIndex) !== prevLogTerm) return;
  if (entries.some((entry) => entry.index > raft.log.startIndex && raft.log.termAt(entry.index) !== entry.term)) return;
  raft.log.truncateFrom(end + 1);
  raft.configurations = raft.configurations.filter(({ index }) => index <= end);
  persist(raft, { hardState: false, truncateFrom: end + 1 });
}

const plantedFollowers: readonly (() => PlantedBug)[] = [
  () => ({
    name: "commit-index-goes-back",
    caughtBy: ["HandleAppendEntriesRequest"],
    before(raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message === undefined || message.term !== raft.currentTerm || raft.role !== "Follower") return event;
      raft.commitIndex = Math.min(raft.commitIndex, Math.max(message.leaderCommit, raft.log.startIndex));
      return event;
    },
  }),
  () => ({
    name: "matching-suffix-truncated",
    caughtBy: ["HandleAppendEntriesRequest"],
    before(raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message !== undefined) truncateBehind(raft, message, raft.commitIndex);
      return event;
    },
  }),
  () => ({
    name: "committed-entries-truncated",
    caughtBy: ["HandleAppendEntriesRequest"],
    before(raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message !== undefined && message.prevLogIndex + message.entries.length < raft.commitIndex) truncateBehind(raft, message, 0);
      return event;
    },
  }),
  () => ({
    name: "gap-accepted",
    caughtBy: ["HandleAppendEntriesRequest"],
    ...mistaken("AppendEntriesRequest", (message, raft) => {
      const { lastIndex, lastTerm } = raft.log;
      if (message.prevLogIndex <= lastIndex || message.term < raft.currentTerm) return undefined;
      return { prevLogIndex: lastIndex, prevLogTerm: lastTerm, entries: movedTo(message.entries, lastIndex + 1) };
    }),
  }),
  () => ({
    name: "commits-what-it-refused",
    caughtBy: ["Apply", "HandleAppendEntriesRequest", "AppendEntries", "CommittedAgrees"],
    after(replica, outputs, event, { handle }) {
      const message = received(event, "AppendEntriesRequest");
      const { raft } = replica;
      if (message === undefined || message.term !== raft.currentTerm || raft.role !== "Follower") return outputs;
      if (raft.log.termAt(message.prevLogIndex) === message.prevLogTerm) return outputs;
      const index = Math.min(message.leaderCommit, raft.log.lastIndex);
      if (index <= raft.commitIndex) return outputs;
      commitTo(raft, index, () => {});
      return [...outputs, ...handle({ kind: "snapshot-failed" })];
    },
  }),
  () => ({
    name: "refusal-sent-as-success",
    caughtBy: ["HandleAppendEntriesResponse"],
    after(_replica, outputs, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message === undefined) return outputs;
      const matchIndex = message.prevLogIndex + message.entries.length;
      return outputs.map((output): Output => {
        if (output.kind !== "send" || output.message.kind !== "AppendEntriesResponse" || output.message.success) return output;
        return { ...output, message: { ...output.message, success: true, matchIndex } };
      });
    },
  }),
  () => ({
    name: "batch-cut-short",
    caughtBy: ["HandleAppendEntriesRequest"],
    before(_raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message === undefined || message.entries.length < 4) return event;
      return { kind: "receive", message: { ...message, entries: message.entries.slice(0, 3) } };
    },
  }),
];

const plantedLeaders: readonly (() => PlantedBug)[] = [
  () => ({
    name: "leader-commits-its-last-entry",
    caughtBy: ["AdvanceCommitIndex"],
    before(raft, event) {
      if (raft.role !== "Leader" || received(event, "AppendEntriesResponse")?.success !== true) return event;
      const { lastIndex, lastTerm } = raft.log;
      if (lastIndex > raft.commitIndex && lastTerm === raft.currentTerm) commitTo(raft, lastIndex, () => trace(raft, { event: "AdvanceCommitIndex" }));
      return event;
    },
  }),
  () => ({
    name: "sent-counted-as-held",
    caughtBy: ["AdvanceCommitIndex"],
    before(raft, event) {
      if (raft.role === "Leader" && received(event, "AppendEntriesResponse") !== undefined) {
        for (const progress of raft.progress.values()) {
          if (progress.mode === "replicate") progress.matchIndex = Math.max(progress.matchIndex, progress.nextIndex - 1);
        }
      }
      return event;
    },
  }),
  () => {
    let leader: RaftState | null = null;
    const isShifted = (to: string, count: number): boolean => {
      const progress = leader?.progress.get(to);
      return count > 0 && progress?.mode === "probe" && progress.nextIndex < (leader?.log.lastIndex ?? 0);
    };
    return {
      name: "next-index-off-by-one",
      caughtBy: ["AppendEntries"],
      before(raft, event) {
        leader = raft;
        return event;
      },
      retell(event) {
        if (event.event !== "AppendEntries" || !isShifted(event.to, event.entries.length)) return event;
        return { ...event, prevLogIndex: event.prevLogIndex + 1, prevLogTerm: leader?.log.termAt(event.prevLogIndex + 1) ?? 0 };
      },
      after: (replica, outputs) =>
        outputs.map((output) => {
          if (output.kind !== "send" || output.message.kind !== "AppendEntriesRequest") return output;
          const { to, entries, prevLogIndex: before } = output.message;
          if (!isShifted(to, entries.length)) return output;
          const prevLogIndex = before + 1;
          const prevLogTerm = replica.raft.log.termAt(prevLogIndex) ?? 0;
          return { ...output, message: { ...output.message, prevLogIndex, prevLogTerm, entries: movedTo(entries, prevLogIndex + 1) } };
        }),
    };
  },
  () => ({
    name: "reply-of-an-older-term-counted",
    caughtBy: ["HandleAppendEntriesResponse"],
    ...mistaken("AppendEntriesResponse", (message, raft) =>
      raft.role === "Leader" && message.success && message.term < raft.currentTerm ? { term: raft.currentTerm } : undefined,
    ),
  }),
  () => ({
    name: "refusal-counted-as-success",
    caughtBy: ["AdvanceCommitIndex"],
    ...mistaken("AppendEntriesResponse", (message, raft) =>
      !message.success && message.term === raft.currentTerm && raft.progress.get(message.from)?.mode === "replicate"
        ? { success: true, matchIndex: raft.log.lastIndex }
        : undefined,
    ),
  }),
  () => ({
    name: "match-credited-to-another",
    caughtBy: ["AdvanceCommitIndex"],
    ...mistaken("AppendEntriesResponse", (message, raft) => {
      const last = byMatch(raft).at(-1);
      const isEven = message.matchIndex % 2 === 0;
      return raft.role === "Leader" && message.success && isEven && last !== undefined ? { from: last } : undefined;
    }),
  }),
  () => {
    const patched = new WeakSet<RaftState>();
    return {
      name: "no-entry-of-the-new-term",
      caughtBy: ["BecomeLeader"],
      before(raft, event) {
        if (patched.has(raft)) return event;
        patched.add(raft);
        const append = raft.log.append.bind(raft.log);
        raft.log.append = (entries) => append(raft.role === "Leader" ? entries.filter(({ kind }) => kind !== "noop") : entries);
        return event;
      },
      write: (taken) => ({ ...taken, write: { ...taken.write, entries: taken.write.entries?.filter(({ kind }) => kind !== "noop") ?? [] } }),
    };
  },
  () => ({
    name: "removed-leader-counts-itself",
    caughtBy: ["AdvanceCommitIndex"],
    before(raft, event) {
      const { voters } = configurationInForce(raft).configuration;
      if (raft.role !== "Leader" || voters.some(({ id }) => id === raft.self) || received(event, "AppendEntriesResponse") === undefined) return event;
      const held = voters.map(({ id }) => raft.progress.get(id)?.matchIndex ?? 0);
      const matches = [raft.durableIndex, ...held].sort((a, b) => b - a);
      const index = matches[Math.floor(matches.length / 2)] ?? 0;
      if (index > raft.commitIndex) commitTo(raft, index, () => trace(raft, { event: "AdvanceCommitIndex" }));
      return event;
    },
  }),
];

export const plantedAppends = [...plantedFollowers, ...plantedLeaders];
