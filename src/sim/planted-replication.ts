/** Planted bugs of replication, commitment, membership and snapshots. */

import { commitTo } from "../raft/commit.ts";
import type { NodeId } from "../raft/message.ts";
import { configurationInForce, trace } from "../raft/state.ts";
import type { PlacedConfiguration, RaftState } from "../raft/state.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { received, withFewerVoters } from "./planted-elections.ts";

/** Wraps one step: `prepare` may return what undoes it. */
function aroundStep(prepare: (raft: RaftState, event: Parameters<NonNullable<PlantedBug["before"]>>[1]) => (() => void) | undefined) {
  let undo: (() => void) | undefined;
  return {
    before: ((raft, event) => {
      undo = prepare(raft, event);
      return event;
    }) satisfies PlantedBug["before"],
    after: ((_replica, outputs) => {
      undo?.();
      undo = undefined;
      return outputs;
    }) satisfies PlantedBug["after"],
  };
}

/** Ids of voters other than self, those that hold most of the log first. */
function byMatch(raft: RaftState): NodeId[] {
  const voters = configurationInForce(raft).configuration.voters.map(({ id }) => id).filter((id) => id !== raft.self);
  return voters.sort((a, b) => (raft.progress.get(b)?.matchIndex ?? 0) - (raft.progress.get(a)?.matchIndex ?? 0));
}

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
  () => {
    let told: number | null = null;
    return {
      name: "prev-term-unchecked",
      caughtBy: ["HandleAppendEntriesRequest"],
      before(raft, event) {
        const message = received(event, "AppendEntriesRequest");
        const own = message === undefined ? undefined : raft.log.termAt(message.prevLogIndex);
        told = null;
        if (message === undefined || own === undefined || own === message.prevLogTerm || message.prevLogIndex <= raft.commitIndex) return event;
        told = message.prevLogTerm;
        return { kind: "receive", message: { ...message, prevLogTerm: own } };
      },
      // The line tells the message as it came.
      retell: (event) => (event.event === "HandleAppendEntriesRequest" && told !== null ? { ...event, prevLogTerm: told } : event),
    };
  },
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
    before(raft, event) {
      const message = received(event, "AppendEntriesRequest");
      if (message === undefined || message.term >= raft.currentTerm || raft.role !== "Follower") return event;
      return { kind: "receive", message: { ...message, term: raft.currentTerm } };
    },
  }),
];

const plantedMembership: readonly (() => PlantedBug)[] = [
  () => {
    let before: readonly PlacedConfiguration[] = [];
    return {
      name: "configuration-not-rolled-back",
      caughtBy: ["AppendEntries", "BecomePreCandidate", "Timeout", "HandlePreVoteRequest", "HandleRequestVoteRequest", "BecomeLeader"],
      before(raft, event) {
        before = [...raft.configurations];
        return event;
      },
      after(replica, outputs, event) {
        const last = before.at(-1);
        const { raft } = replica;
        const gone = last !== undefined && received(event, "AppendEntriesRequest") !== undefined && last.index > configurationInForce(raft).index;
        if (gone && raft.role === "Follower") raft.configurations.push(last);
        return outputs;
      },
    };
  },
  () => ({
    name: "second-change-while-one-is-pending",
    caughtBy: ["ChangeConfiguration"],
    ...aroundStep((raft, event) => {
      const { commitIndex } = raft;
      const { index } = configurationInForce(raft);
      if (event.kind !== "change" || raft.role !== "Leader" || index <= commitIndex) return undefined;
      raft.commitIndex = index;
      return () => void (raft.commitIndex = commitIndex);
    }),
  }),
  () => ({
    name: "lagging-learner-promoted",
    caughtBy: ["ChangeConfiguration"],
    ...aroundStep((raft, event) => {
      if (event.kind !== "change" || event.change.kind !== "promote") return undefined;
      const progress = raft.progress.get(event.change.id);
      if (progress === undefined) return undefined;
      const { matchIndex } = progress;
      progress.matchIndex = raft.log.lastIndex;
      return () => void (progress.matchIndex = matchIndex);
    }),
  }),
  () => ({
    name: "snapshot-index-off-by-one",
    caughtBy: ["InstallSnapshot", "ApplySnapshot"],
    before: (_raft, event) =>
      event.kind === "snapshot-fetched" ? { ...event, snapshot: { ...event.snapshot, index: event.snapshot.index + 1 } } : event,
  }),
  () => ({
    name: "row-lost-in-restart",
    caughtBy: ["RestoreRows"],
    restore: (stored) => ({ ...stored, rows: stored.rows.slice(1) }),
  }),
];

const plantedExecutors: readonly (() => PlantedBug)[] = [
  () => ({ name: "vm-launched-by-another-node", caughtBy: ["LaunchVm"], launchesForeign: true }),
  () => ({ name: "running-before-the-guest-is-up", caughtBy: ["ReportVm"], reportsEarly: true }),
  () => ({ name: "vm-launched-again-after-restart", caughtBy: ["LaunchVm", "ReportVm"], forgetsProcesses: true }),
];

export const plantedReplication = [...plantedCommits, ...plantedLogs, ...plantedMembership, ...plantedExecutors];
