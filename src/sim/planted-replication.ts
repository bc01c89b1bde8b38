/** Planted bugs of replication, commitment, membership and snapshots. */

import { commitTo } from "../raft/commit.ts";
import { configurationInForce, trace } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { aroundStep, byMatch, mistaken, received, withFewerVoters } from "./planted-step.ts";

/** The index that a quorum of voters holds. */
function quorumIndex(raft: RaftState): number {
  const { voters } = configurationInForce(raft).configuration;
  const matches = voters.map(({ id }) => (id === raft.self ? raft.durableIndex : (raft.progress.get(id)?.matchIndex ?? 0)));
  return matches.sort((a, b) => b - a)[Math.floor(voters.length / 2)] ?? 0;
}

const plantedCommits: readonly (() => PlantedBug)[] = [
  () => ({
    name: "commit-by-half",
    caughtBy: ["AdvanceCommitIndex"],
    ...aroundStep((raft, event) => {
      if (raft.role !== "Leader" || received(event, "AppendEntriesResponse")?.success !== true) return undefined;
      const others = byMatch(raft);
      const from = received(event, "AppendEntriesResponse")?.from ?? "";
      if (others.length < 3 || !others.includes(from)) return undefined;
      return withFewerVoters(raft, [raft.self, from]);
    }),
  }),
  () => ({
    name: "learner-counted",
    caughtBy: ["AdvanceCommitIndex"],
    ...aroundStep((raft, event) => {
      const message = received(event, "AppendEntriesResponse");
      const { learners } = configurationInForce(raft).configuration;
      if (raft.role !== "Leader" || message?.success !== true || !learners.some(({ id }) => id === message.from)) return undefined;
      // The learner takes the place of the voter that lags most.
      return withFewerVoters(raft, [raft.self, message.from, ...byMatch(raft).slice(0, -1)]);
    }),
  }),
  () => ({
    name: "own-log-counted-before-durable",
    caughtBy: ["AdvanceCommitIndex"],
    before(raft, event) {
      if (raft.role === "Leader" && received(event, "AppendEntriesResponse") !== undefined) {
        raft.durableIndex = raft.log.lastIndex;
        raft.durableTerm = raft.currentTerm;
      }
      return event;
    },
  }),
  () => ({
    name: "commit-old-term-by-counting",
    caughtBy: ["AdvanceCommitIndex"],
    before(raft, event) {
      if (raft.role !== "Leader" || received(event, "AppendEntriesResponse") === undefined) return event;
      const index = quorumIndex(raft);
      if (index <= raft.commitIndex || raft.log.termAt(index) === raft.currentTerm) return event;
      commitTo(raft, index, () => trace(raft, { event: "AdvanceCommitIndex" }));
      return event;
    },
  }),
  () => ({
    name: "commit-beyond-match",
    caughtBy: ["Apply", "HandleAppendEntriesRequest"],
    after(replica, outputs, event, { handle }) {
      const message = received(event, "AppendEntriesRequest");
      const { raft } = replica;
      if (message === undefined || message.term !== raft.currentTerm || raft.role !== "Follower") return outputs;
      const index = Math.min(message.leaderCommit, raft.log.lastIndex);
      if (index <= raft.commitIndex) return outputs;
      commitTo(raft, index, () => {});
      return [...outputs, ...handle({ kind: "snapshot-failed" })];
    },
  }),
];

const plantedLogs: readonly (() => PlantedBug)[] = [
  () => ({
    name: "conflict-not-truncated",
    caughtBy: ["HandleAppendEntriesRequest"],
    before(raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message === undefined || message.term < raft.currentTerm) return event;
      const entries = message.entries.map((entry) => raft.log.entryAt(entry.index) ?? entry);
      if (entries.every((entry, at) => entry === message.entries[at] || entry.term === message.entries[at]?.term)) return event;
      const kept = entries.filter((entry) => entry.index <= raft.log.lastIndex);
      return { kind: "receive", message: { ...message, entries: kept } };
    },
  }),
  () => ({
    name: "prev-term-unchecked",
    caughtBy: ["HandleAppendEntriesRequest"],
    ...mistaken("AppendEntriesRequest", (message, raft) => {
      const own = raft.log.termAt(message.prevLogIndex);
      if (own === undefined || own === message.prevLogTerm || message.prevLogIndex <= raft.commitIndex) return undefined;
      return { prevLogTerm: own };
    }),
  }),
  () => ({
    name: "acknowledges-own-end",
    caughtBy: ["HandleAppendEntriesResponse"],
    after(replica, outputs) {
      const { lastIndex: matchIndex } = replica.raft.log;
      for (const write of replica.raft.pending) {
        write.messages.forEach((message, at) => {
          if (message.kind === "AppendEntriesResponse" && message.success) write.messages[at] = { ...message, matchIndex };
        });
      }
      return outputs.map((output) =>
        output.kind === "send" && output.message.kind === "AppendEntriesResponse" && output.message.success
          ? { ...output, message: { ...output.message, matchIndex } }
          : output,
      );
    },
  }),
  () => ({
    name: "stale-append-accepted",
    caughtBy: ["HandleAppendEntriesRequest"],
    ...mistaken("AppendEntriesRequest", (message, raft) =>
      message.term < raft.currentTerm && raft.role === "Follower" ? { term: raft.currentTerm } : undefined,
    ),
  }),
];

export const plantedReplication = [...plantedCommits, ...plantedLogs];
