/** Changes of role (the paper's figure 4). */

import { configurationInForce, announceRole, resetElectionTimer, trace, persist, send, sendWhenDurable } from "./state.ts";
import type { Progress, RaftState } from "./state.ts";
import type { RaftStep } from "./trace-event.ts";
import { electorate, hasQuorum, isVoter, members } from "./configuration.ts";
import type { NodeId, PreVoteRequest, RequestVoteRequest } from "./message.ts";
import { appendAsLeader, broadcastAppend } from "./replicate.ts";
import { advanceCommitIndex } from "./commit.ts";
import { refuseReads } from "./read.ts";

/**
 * Follows `leader` (null: unknown) in `term`. Returns true when term and vote changed and must be persisted by the
 * caller, together with whatever else its step changes. A vote is never forgotten within a term (5.2, 5.4).
 */
export function follow(state: RaftState, term: number, leader: NodeId | null): boolean {
  const newTerm = term > state.currentTerm;
  const changed = newTerm || state.role !== "Follower" || state.leader !== leader;
  if (newTerm) {
    state.currentTerm = term;
    state.votedFor = null;
  }
  if (state.role === "Leader") abandonLeadership(state);
  if (state.role !== "Follower") resetElectionTimer(state);
  state.role = "Follower";
  state.leader = leader;
  state.votes.clear();
  if (changed) {
    refuseReads(state, "the leader changed");
    announceRole(state);
  }
  return newTerm;
}

/** What only a leader keeps goes; whoever waits for it is told. */
function abandonLeadership(state: RaftState): void {
  const refusal = { code: "NOT_LEADER", message: "this node lost its leadership", leader: null } as const;
  const { transfer } = state;
  if (transfer?.sent) state.effects.push({ kind: "transferred", id: transfer.id, leader: transfer.to });
  else if (transfer) state.effects.push({ kind: "refused", id: transfer.id, refusal });
  state.transfer = null;
  state.progress.clear();
  state.uncommittedBytes = 0;
}

/** Gives up leading or campaigning within the term (check-quorum, removal, a transfer that is done). */
export function stepDown(state: RaftState, reason: string): void {
  follow(state, state.currentTerm, null);
  resetElectionTimer(state);
  trace(state, { event: "StepDown", reason });
}

/** Asks everybody whether an election could be won, before the term is raised (dissertation, 9.6). */
export function becomePreCandidate(state: RaftState): void {
  state.role = "PreCandidate";
  state.leader = null;
  state.votes = new Set([state.self]);
  refuseReads(state, "this node looks for another leader");
  resetElectionTimer(state);
  trace(state, { event: "BecomePreCandidate" });
  announceRole(state);
  for (const voter of otherVoters(state)) send(state, voteRequest(state, "PreVoteRequest", voter, state.currentTerm + 1));
  if (hasVoteQuorum(state)) becomeCandidate(state, false);
}

/** Starts an election (5.2). Its requests wait until term and own vote are durable; so does the own vote. */
export function becomeCandidate(state: RaftState, transfer: boolean, step: RaftStep = { event: "Timeout" }): void {
  state.currentTerm += 1;
  state.votedFor = state.self;
  state.role = "Candidate";
  state.leader = null;
  state.votes.clear();
  refuseReads(state, "this node looks for another leader");
  resetElectionTimer(state);
  trace(state, step);
  announceRole(state);
  persist(state, { hardState: true });
  for (const voter of otherVoters(state)) {
    sendWhenDurable(state, { ...voteRequest(state, "RequestVoteRequest", voter, state.currentTerm), transfer });
  }
}

function otherVoters(state: RaftState): readonly NodeId[] {
  return electorate(configurationInForce(state).configuration).map((voter) => voter.id).filter((id) => id !== state.self);
}

function voteRequest<K extends "PreVoteRequest" | "RequestVoteRequest">(state: RaftState, kind: K, to: NodeId, term: number) {
  const { group, self: from, log } = state;
  const request = { kind, group, from, to, term, lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm, transfer: false };
  return request as unknown as K extends "PreVoteRequest" ? PreVoteRequest : RequestVoteRequest;
}

/** True when the votes of this campaign decide it, by the configuration in force. */
export function hasVoteQuorum(state: RaftState): boolean {
  return hasQuorum(configurationInForce(state).configuration, (id) => state.votes.has(id));
}

/** Counts a granted vote of this campaign. */
export function countVote(state: RaftState, voter: NodeId): void {
  if (!isVoter(configurationInForce(state).configuration, voter)) return;
  state.votes.add(voter);
  if (!hasVoteQuorum(state)) return;
  if (state.role === "PreCandidate") becomeCandidate(state, false);
  else if (state.role === "Candidate") becomeLeader(state);
}

/**
 * Leads, and appends an entry of the new term at once: only by committing it is the log's commitment known (5.4.2, 8).
 * It names the leader, for those who read the log later.
 */
function becomeLeader(state: RaftState): void {
  state.role = "Leader";
  state.leader = state.self;
  state.votes.clear();
  state.reads = { ...state.reads, confirmed: null, handedOver: false };
  state.round = 0;
  state.preference.fitSinceMs = null;
  state.progress = new Map();
  syncProgress(state);
  state.quorumDeadlineMs = state.nowMs + state.options.electionTimeoutMs;
  state.termStartIndex = state.log.lastIndex + 1;
  state.uncommittedBytes = 0;
  for (const entry of state.log.slice(state.commitIndex + 1, state.log.lastIndex)) state.uncommittedBytes += entry.bytes.length;
  const entries = appendAsLeader(state, [{ kind: "noop", payload: new TextEncoder().encode(state.self) }], 0);
  trace(state, { event: "BecomeLeader" });
  persist(state, { hardState: false, entries });
  announceRole(state);
  broadcastAppend(state, true);
  advanceCommitIndex(state);
}

/** Keeps a progress record for every other member of the configuration in force, and for nobody else. */
export function syncProgress(state: RaftState): void {
  const { configuration } = configurationInForce(state);
  const wanted = new Set(members(configuration).map((member) => member.id));
  for (const id of state.progress.keys()) if (!wanted.has(id)) state.progress.delete(id);
  for (const id of wanted) {
    if (id === state.self || state.progress.has(id)) continue;
    state.progress.set(id, newProgress(state));
  }
}

function newProgress(state: RaftState): Progress {
  return {
    matchIndex: 0,
    nextIndex: state.log.lastIndex + 1,
    mode: "probe",
    offeredIndex: 0,
    inflight: [],
    inflightBytes: 0,
    probing: false,
    heardMs: state.nowMs,
    sentCommit: 0,
    toldHeartbeat: null,
    round: 0,
    promiseMs: 0,
  };
}
