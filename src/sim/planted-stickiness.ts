/** Planted bugs of what a voter owes a leader that it heard: to help nobody else for a while (dissertation, 4.2.3, 6.4.1). */

import type { RaftEvent } from "../raft/event.ts";
import { resetElectionTimer } from "../raft/state.ts";
import type { RaftOptions, RaftState } from "../raft/state.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { aroundStep, mistaken, received } from "./planted-step.ts";

/** For one step the node has another setting. */
function withOptions(raft: RaftState, changed: Partial<RaftOptions>): () => void {
  const { options } = raft;
  const place = raft as { options: RaftOptions };
  place.options = { ...options, ...changed };
  return () => {
    place.options = options;
    if (raft.electionDeadlineMs <= raft.nowMs) resetElectionTimer(raft);
  };
}

function isVoteRequest(event: RaftEvent): boolean {
  return (received(event, "PreVoteRequest") ?? received(event, "RequestVoteRequest")) !== undefined;
}

export const plantedStickiness: readonly (() => PlantedBug)[] = [
  () => ({
    name: "stickiness-off",
    caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
    ...aroundStep((raft, event) => (isVoteRequest(event) ? withOptions(raft, { electionTimeoutMs: 0 }) : undefined)),
  }),
  () => ({
    name: "vote-against-a-promise",
    caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
    ...aroundStep((raft, event) => (isVoteRequest(event) && raft.leader === null ? withOptions(raft, { electionTimeoutMs: 0 }) : undefined)),
  }),
  () => ({
    name: "every-election-taken-for-a-transfer",
    caughtBy: ["HandleRequestVoteRequest"],
    ...mistaken("RequestVoteRequest", ({ transfer }) => (transfer ? undefined : { transfer: true })),
  }),
  () => {
    const seen = new WeakSet<RaftState>();
    return {
      name: "restart-forgets-that-a-leader-was-heard",
      caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
      before(raft, event) {
        if (!seen.has(raft)) raft.heardLeaderMs = 0;
        seen.add(raft);
        return event;
      },
    };
  },
  () => ({
    name: "heard-leader-not-noted",
    caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
    ...aroundStep((raft) => {
      const { heardLeaderMs } = raft;
      return () => void (raft.heardLeaderMs = heardLeaderMs);
    }),
  }),
  () => ({
    name: "promise-longer-than-it-is-kept",
    caughtBy: ["AcknowledgeRound"],
    ...aroundStep((raft, event) => {
      if (received(event, "AppendEntriesRequest") === undefined) return undefined;
      return withOptions(raft, { electionTimeoutMs: raft.options.electionTimeoutMs * 2 });
    }),
  }),
  () => ({
    name: "lease-kept-after-a-transfer",
    caughtBy: ["ServeLeaseRead"],
    ...aroundStep((raft, event) => {
      if (event.kind !== "read" || raft.role !== "Leader") return undefined;
      const { transfer } = raft;
      const { handedOver } = raft.reads;
      raft.transfer = null;
      raft.reads.handedOver = false;
      return () => {
        raft.transfer = transfer;
        raft.reads.handedOver = handedOver;
      };
    }),
  }),
];
