/** Planted bugs of elections and of what must be durable before it is said. */

import { configurationInForce } from "../raft/state.ts";
import type { RaftMessage } from "../raft/message.ts";
import type { Output, Replica } from "../replica/replica.ts";
import type { TakenWrite } from "../replica/pending-write.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { mistaken, received, withFewerVoters } from "./planted-step.ts";

/** Takes messages of a kind out of the writes that they wait for. */
function release(replica: Replica, outputs: readonly Output[], kind: RaftMessage["kind"], clock: number): readonly Output[] {
  const early: Output[] = [];
  for (const write of replica.raft.pending) {
    for (const message of write.messages.splice(0)) {
      if (message.kind === kind) early.push({ kind: "send", message, clock });
      else write.messages.push(message);
    }
  }
  return [...outputs, ...early];
}

function withHardState(taken: TakenWrite, change: (term: number, vote: string | null) => [number, string | null]): TakenWrite {
  const { hardState } = taken.write;
  if (hardState === undefined) return taken;
  const [currentTerm, votedFor] = change(hardState.currentTerm, hardState.votedFor);
  return { ...taken, write: { ...taken.write, hardState: { currentTerm, votedFor } } };
}

/** Two votes of five, three of six: half is taken for a quorum. */
function halfQuorum(kind: "PreVoteResponse" | "RequestVoteResponse"): () => PlantedBug {
  return () => {
    let undo = (): void => {};
    return {
      name: "",
      caughtBy: [],
      before(raft, event) {
        const message = received(event, kind);
        if (message?.voteGranted !== true) return event;
        const voters = configurationInForce(raft).configuration.voters.map(({ id }) => id);
        const half = Math.floor(voters.length / 2);
        const granted = new Set([...raft.votes, message.from]);
        if (voters.length >= 4 && granted.size >= half) undo = withFewerVoters(raft, voters.filter((id) => granted.has(id)));
        return event;
      },
      after(_replica, outputs) {
        undo();
        undo = () => {};
        return outputs;
      },
    };
  };
}

export const plantedElections: readonly (() => PlantedBug)[] = [
  () => ({
    name: "vote-twice",
    caughtBy: ["HandleRequestVoteRequest"],
    before(raft, event) {
      const message = received(event, "RequestVoteRequest");
      if (message !== undefined && message.term === raft.currentTerm && raft.votedFor !== message.from) raft.votedFor = null;
      return event;
    },
  }),
  () => ({ name: "vote-not-persisted", caughtBy: ["Restart"], write: (taken) => withHardState(taken, (term) => [term, null]) }),
  () => ({ name: "term-not-persisted", caughtBy: ["Restart"], write: (taken) => withHardState(taken, (term, vote) => [Math.max(0, term - 1), vote]) }),
  () => ({
    name: "restart-forgets-vote",
    caughtBy: ["Restart"],
    restore: (stored) => ({ ...stored, hardState: { ...stored.hardState, votedFor: null } }),
  }),
  () => ({
    name: "vote-before-durable",
    caughtBy: ["HandleRequestVoteResponse"],
    after: (replica, outputs, _event, { clock }) => release(replica, outputs, "RequestVoteResponse", clock),
  }),
  () => ({
    name: "request-before-durable",
    caughtBy: ["HandleRequestVoteRequest"],
    after: (replica, outputs, _event, { clock }) => release(replica, outputs, "RequestVoteRequest", clock),
  }),
  () => ({
    name: "ack-before-durable",
    caughtBy: ["HandleAppendEntriesResponse"],
    after: (replica, outputs, _event, { clock }) => release(replica, outputs, "AppendEntriesResponse", clock),
  }),
  () => ({ ...halfQuorum("RequestVoteResponse")(), name: "leader-by-half", caughtBy: ["BecomeLeader"] }),
  () => ({ ...halfQuorum("PreVoteResponse")(), name: "candidate-by-half", caughtBy: ["Timeout"] }),
  () => ({
    name: "own-vote-counted-twice",
    caughtBy: ["BecomeLeader", "Timeout"],
    before(raft, event) {
      const message = received(event, "RequestVoteResponse");
      const { voters } = configurationInForce(raft).configuration;
      if (message?.voteGranted && raft.role === "Candidate") for (const { id } of voters.slice(0, 1)) raft.votes.add(id);
      return event;
    },
  }),
  () => ({
    name: "vote-of-older-term",
    caughtBy: ["HandleRequestVoteResponse", "BecomeLeader"],
    ...mistaken("RequestVoteResponse", (message, raft) =>
      message.voteGranted && message.term < raft.currentTerm ? { term: raft.currentTerm } : undefined,
    ),
  }),
];
