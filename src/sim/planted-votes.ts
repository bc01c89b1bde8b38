/** Planted bugs of elections: which votes are asked for, granted and counted. */

import type { PreVoteRequest, RaftMessage } from "../raft/message.ts";
import { configurationInForce } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { aroundStep, mistaken, received, withFewerVoters, withVoters } from "./planted-step.ts";

/** A candidate asks more nodes than vote: its requests wait with the write of its own vote. */
function askToo(raft: RaftState, ids: readonly string[]): void {
  const { messages } = raft.pending.at(-1) ?? { messages: [] as RaftMessage[] };
  const request = messages.find((message) => message.kind === "RequestVoteRequest" && message.term === raft.currentTerm);
  if (request === undefined) return;
  for (const to of ids) if (!messages.some((message) => message.to === to)) messages.push({ ...request, to });
}

type Asked = Pick<PreVoteRequest, "lastLogIndex" | "lastLogTerm">;

/** Requests for votes and pre-votes are judged by another log than the candidate told. */
function votingFor(change: (asked: Asked, raft: RaftState) => Partial<Asked> | undefined): Required<Pick<PlantedBug, "before" | "retell">> {
  const votes = mistaken("RequestVoteRequest", change);
  const preVotes = mistaken("PreVoteRequest", change);
  return {
    before: (raft, event, chance) => preVotes.before(raft, votes.before(raft, event, chance), chance),
    retell: (event) => preVotes.retell(votes.retell(event)),
  };
}

const plantedGrants: readonly (() => PlantedBug)[] = [
  () => ({
    name: "vote-ignoring-last-term",
    caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
    ...votingFor((message, raft) => {
      const { lastIndex, lastTerm } = raft.log;
      return message.lastLogTerm < lastTerm && message.lastLogIndex >= lastIndex ? { lastLogTerm: lastTerm } : undefined;
    }),
  }),
  () => ({
    name: "vote-for-shorter-log",
    caughtBy: ["HandlePreVoteRequest", "HandleRequestVoteRequest"],
    ...votingFor((message, raft) => {
      const isShorter = message.lastLogTerm === raft.log.lastTerm && message.lastLogIndex < raft.log.lastIndex;
      return isShorter ? { lastLogIndex: raft.log.lastIndex } : undefined;
    }),
  }),
  () => ({
    name: "pre-vote-raises-the-term",
    caughtBy: ["HandlePreVoteRequest"],
    before(raft, event) {
      const message = received(event, "PreVoteRequest");
      if (message !== undefined && message.term > raft.currentTerm) raft.currentTerm = message.term;
      return event;
    },
  }),
  () => ({
    name: "leader-ignores-a-newer-candidate",
    caughtBy: ["HandleRequestVoteRequest"],
    ...mistaken("RequestVoteRequest", (message, raft) =>
      raft.role === "Leader" && message.term > raft.currentTerm ? { term: raft.currentTerm } : undefined,
    ),
  }),
  () => ({
    name: "leader-refuses-a-newer-leader",
    caughtBy: ["HandleAppendEntriesRequest"],
    ...mistaken("AppendEntriesRequest", (message, raft) =>
      raft.role === "Leader" && message.term > raft.currentTerm ? { term: raft.currentTerm - 1 } : undefined,
    ),
  }),
  () => ({
    name: "transfer-of-an-older-term",
    caughtBy: ["HandleTimeoutNowRequest"],
    ...mistaken("TimeoutNowRequest", (message, raft) =>
      message.term < raft.currentTerm && raft.role === "Follower" ? { term: raft.currentTerm } : undefined,
    ),
  }),
];

const plantedCounts: readonly (() => PlantedBug)[] = [
  () => {
    const transferred = new WeakSet<RaftState>();
    return {
      name: "leader-at-once-by-transfer",
      caughtBy: ["BecomeLeader"],
      ...aroundStep((raft, event) => {
        if (received(event, "TimeoutNowRequest") !== undefined) transferred.add(raft);
        if (event.kind !== "persisted" || raft.role !== "Candidate" || !transferred.delete(raft)) return undefined;
        return withFewerVoters(raft, [raft.self]);
      }),
    };
  },
  () => ({
    name: "duplicate-vote-counted",
    caughtBy: ["BecomeLeader"],
    before(raft, event) {
      const message = received(event, "RequestVoteResponse");
      if (message?.voteGranted !== true || message.term !== raft.currentTerm || raft.role !== "Candidate" || !raft.votes.has(message.from)) return event;
      const missing = configurationInForce(raft).configuration.voters.find(({ id }) => !raft.votes.has(id));
      if (missing !== undefined) raft.votes.add(missing.id);
      return event;
    },
  }),
  () => ({
    name: "pre-vote-counted-as-vote",
    caughtBy: ["HandleRequestVoteResponse", "BecomeLeader"],
    before(raft, event) {
      const message = received(event, "PreVoteResponse");
      if (message?.voteGranted !== true || raft.role !== "Candidate" || message.term !== raft.currentTerm) return event;
      return { kind: "receive", message: { ...message, kind: "RequestVoteResponse" } };
    },
  }),
  () => ({
    name: "refused-vote-counted",
    caughtBy: ["HandleRequestVoteResponse", "BecomeLeader"],
    ...mistaken("RequestVoteResponse", (message, raft) =>
      !message.voteGranted && message.term === raft.currentTerm ? { voteGranted: true } : undefined,
    ),
  }),
  () => {
    let votes: readonly string[] = [];
    return {
      name: "pre-votes-kept-as-votes",
      caughtBy: ["BecomeLeader"],
      before(raft, event) {
        const message = received(event, "PreVoteResponse");
        votes = raft.role === "PreCandidate" && message !== undefined ? [...raft.votes, message.from] : [];
        return event;
      },
      after(replica, outputs) {
        const { raft } = replica;
        if (raft.role === "Candidate") for (const voter of votes) if (voter !== raft.self) raft.votes.add(voter);
        return outputs;
      },
    };
  },
  () => {
    const counted = aroundStep((raft, event) => {
      const from = received(event, "RequestVoteResponse")?.from;
      const { voters, learners } = configurationInForce(raft).configuration;
      const learner = learners.find(({ id }) => id === from);
      return learner === undefined ? undefined : withVoters(raft, [...voters, learner]);
    });
    return {
      name: "learner-votes",
      caughtBy: ["HandleRequestVoteRequest", "BecomeLeader"],
      before: counted.before,
      after(replica, outputs, event, step) {
        const { raft } = replica;
        if (raft.role === "Candidate") askToo(raft, configurationInForce(raft).configuration.learners.map(({ id }) => id));
        return counted.after(replica, outputs, event, step);
      },
    };
  },
  () => ({
    name: "learner-campaigns",
    caughtBy: ["BecomePreCandidate"],
    ...aroundStep((raft, event) => {
      const { voters, learners } = configurationInForce(raft).configuration;
      const self = learners.find(({ id }) => id === raft.self);
      if (event.kind !== "tick" || self === undefined || raft.role === "Leader") return undefined;
      return withVoters(raft, [...voters, self]);
    }),
  }),
  () => {
    const former = new WeakMap<RaftState, Set<string>>();
    return {
      name: "removed-member-votes",
      caughtBy: ["HandleRequestVoteRequest"],
      before(raft, event) {
        const known = former.get(raft) ?? new Set();
        former.set(raft, known);
        for (const { id } of configurationInForce(raft).configuration.voters) known.add(id);
        return event;
      },
      after(replica, outputs) {
        const { raft } = replica;
        if (raft.role === "Candidate") askToo(raft, [...(former.get(raft) ?? [])].filter((id) => id !== raft.self));
        return outputs;
      },
    };
  },
];

export const plantedVotes = [...plantedGrants, ...plantedCounts];
