/** Pre-vote (dissertation, 9.6): asks before the term is raised, so that a node cut off cannot disturb a leader. */

import type { PreVoteRequest, PreVoteResponse } from "./message.ts";
import { countVote, follow } from "./role.ts";
import { persist, send, trace } from "./state.ts";
import type { RaftState } from "./state.ts";
import { turnsAway } from "./commit.ts";

/** Would this node vote for the sender? Nothing changes here, whatever the answer. */
export function handlePreVoteRequest(state: RaftState, message: PreVoteRequest): void {
  if (turnsAway(state, message)) return;
  const { lastLogIndex, lastLogTerm } = message;
  const upToDate = state.log.isUpToDate(lastLogIndex, lastLogTerm);
  const granted = message.term > state.currentTerm && upToDate && !hearsLeader(state);
  trace(state, {
    event: "HandlePreVoteRequest",
    from: message.from,
    messageTerm: message.term,
    lastLogIndexAsked: lastLogIndex,
    lastLogTermAsked: lastLogTerm,
    granted,
  });
  const term = granted ? message.term : state.currentTerm;
  send(state, { kind: "PreVoteResponse", group: state.group, from: state.self, to: message.from, term, voteGranted: granted });
}

/**
 * A node that heard a current leader within the shortest election timeout lets nobody else in (4.2.3). Where it promised
 * so (leases, 6.4.1) it does not matter what it has heard since of newer terms.
 */
export function hearsLeader(state: RaftState): boolean {
  if (state.role === "Leader") return true;
  const { electionTimeoutMs, clockDriftPpm } = state.options;
  return (state.leader !== null || clockDriftPpm !== null) && state.nowMs - state.heardLeaderMs < electionTimeoutMs;
}

export function handlePreVoteResponse(state: RaftState, message: PreVoteResponse): void {
  const { from, term: messageTerm, voteGranted: granted } = message;
  const step = { event: "HandlePreVoteResponse", from, messageTerm, granted } as const;
  if (!granted && messageTerm > state.currentTerm) {
    follow(state, messageTerm, null);
    trace(state, step);
    persist(state, { hardState: true });
    return;
  }
  if (!granted || state.role !== "PreCandidate" || messageTerm !== state.currentTerm + 1) return;
  trace(state, step);
  countVote(state, from);
}
