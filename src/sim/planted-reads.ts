/** Planted bugs of consistent reads: rounds, questions, leases. */

import { hasLease } from "../raft/lease.ts";
import type { RaftState } from "../raft/state.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { aroundStep, received } from "./planted-step.ts";

const nothing = { kind: "snapshot-failed" } as const;

/** True where a reader comes to a leader: its own, or a follower. */
function comesToLeader(raft: RaftState, event: Parameters<NonNullable<PlantedBug["before"]>>[1]): boolean {
  return raft.role === "Leader" && (event.kind === "read" || received(event, "ReadIndexRequest") !== undefined);
}

const plantedRounds: readonly (() => PlantedBug)[] = [
  () => ({
    name: "read-from-whatever-is-here",
    caughtBy: ["linearizability"],
    equip(node) {
      const ask = node.ask.bind(node);
      node.ask = (question, done) => {
        if (question.kind === "read-index") done({ kind: "readable", index: node.replica?.appliedIndex ?? 0 });
        else ask(question, done);
      };
    },
  }),
  () => ({
    name: "read-without-a-quorum",
    caughtBy: ["ServeRead"],
    ...aroundStep((raft, event) => {
      if (!comesToLeader(raft, event)) return undefined;
      const rounds = new Map([...raft.progress].map(([id, { round }]) => [id, round]));
      for (const progress of raft.progress.values()) progress.round = raft.round + 1;
      return () => {
        for (const [id, progress] of raft.progress) progress.round = rounds.get(id) ?? 0;
      };
    }),
  }),
  () => ({
    name: "read-before-the-term-has-begun",
    caughtBy: ["ReadIndex"],
    ...aroundStep((raft, event) => {
      if (!comesToLeader(raft, event) || raft.reads.open !== null) return undefined;
      const { log } = raft;
      const termAt = log.termAt.bind(log);
      const back = (): void => void (log.termAt = termAt);
      log.termAt = (index) => {
        back();
        return index === raft.commitIndex ? raft.currentTerm : termAt(index);
      };
      return back;
    }),
  }),
  () => ({
    name: "reader-joins-a-round-under-way",
    caughtBy: ["ServeForwardedRead"],
    before(raft, event) {
      const message = received(event, "ReadIndexRequest");
      if (message === undefined || raft.role !== "Leader" || raft.reads.open === null) return event;
      const { open } = raft.reads;
      raft.reads.open = { ...open, readers: [...open.readers, { kind: "follower", node: message.from, question: message.question }] };
      return nothing;
    },
  }),
  () => ({
    name: "read-index-used-again",
    caughtBy: ["ServeForwardedRead"],
    before(raft, event) {
      const message = received(event, "ReadIndexResponse");
      const { asked } = raft.reads;
      if (message === undefined || asked === null || message.question === asked.question) return event;
      return { kind: "receive", message: { ...message, question: asked.question } };
    },
  }),
  () => {
    let index: number | null = null;
    return {
      name: "read-before-it-is-applied",
      caughtBy: ["ServeForwardedRead"],
      before(raft, event) {
        const message = received(event, "ReadIndexResponse");
        index = null;
        if (message === undefined || message.index <= raft.commitIndex) return event;
        index = message.index;
        return { kind: "receive", message: { ...message, index: raft.commitIndex } };
      },
      retell: (event) => (event.event === "ServeForwardedRead" && index !== null ? { ...event, index } : event),
    };
  },
  () => ({
    name: "round-of-an-older-term-echoed",
    caughtBy: ["ServeRead"],
    after(_replica, outputs, event) {
      const message = received(event, "AppendEntriesRequest");
      return outputs.map((output) => {
        if (message === undefined || output.kind !== "send" || output.message.kind !== "AppendEntriesResponse") return output;
        return message.term < output.message.term ? { ...output, message: { ...output.message, round: message.round } } : output;
      });
    },
  }),
];

const plantedLeases: readonly (() => PlantedBug)[] = [
  () => ({
    name: "lease-counted-from-the-answer",
    caughtBy: ["ServeLeaseRead"],
    before(raft, event) {
      const { confirmed } = raft.reads;
      if (event.kind === "read" && confirmed !== null) raft.reads.confirmed = { ...confirmed, sentMs: Math.min(Math.floor(raft.nowMs), confirmed.sentMs + 150) };
      return event;
    },
  }),
  () => ({
    name: "lease-not-shortened-by-drift",
    caughtBy: ["ServeLeaseRead"],
    before(raft, event) {
      const { confirmed } = raft.reads;
      const { clockDriftPpm } = raft.options;
      if (event.kind !== "read" || confirmed === null || clockDriftPpm === null || hasLease(raft, confirmed)) return event;
      const elapsedMs = raft.nowMs - confirmed.sentMs;
      if (elapsedMs < raft.options.electionTimeoutMs) raft.reads.confirmed = { ...confirmed, sentMs: Math.ceil(raft.nowMs) };
      return event;
    },
  }),
];

export const plantedReads = [...plantedRounds, ...plantedLeases];
