/** RequestVote (the paper's figure 2). */

import type { RequestVoteRequest, RequestVoteResponse } from "./message.ts";
import { hearsLeader, silence } from "./pre-vote.ts";
import { countVote, follow } from "./role.ts";
import { persist, resetElectionTimer, sendWhenDurable, trace } from "./state.ts";
import type { RaftState } from "./state.ts";
import { turnsAway } from "./commit.ts";

/**
 * Grants at most one vote a term, to a candidate whose log is at least as up to date; the answer leaves when the vote
 * is durable. While a leader is heard the request is dropped (dissertation, 4.2.3), unless that leader asked for it.
 */
export function handleRequestVoteRequest(state: RaftState, message: RequestVoteRequest): void {
  if (turnsAway(state, message)) return;
  if (!message.transfer && message.term > state.currentTerm && hearsLeader(state)) return;
  const { from, term, lastLogIndex, lastLogTerm, transfer } = message;
  let hardState = term > state.currentTerm ? follow(state, term, null) : false;
  const free = state.votedFor === null || state.votedFor === from;
  const granted = term === state.currentTerm && free && state.log.isUpToDate(lastLogIndex, lastLogTerm);
  if (granted) {
    hardState ||= state.votedFor !== from;
    state.votedFor = from;
    resetElectionTimer(state);
  }
  trace(state, {
    event: "HandleRequestVoteRequest",
    from,
    messageTerm: term,
    lastLogIndexAsked: lastLogIndex,
    lastLogTermAsked: lastLogTerm,
    transfer,
    ...silence(state),
    granted,
  });
  if (hardState) persist(state, { hardState: true });
  const { group, self, currentTerm } = state;
  sendWhenDurable(state, { kind: "RequestVoteResponse", group, from: self, to: from, term: currentTerm, voteGranted: granted });
}

export function handleRequestVoteResponse(state: RaftState, message: RequestVoteResponse): void {
  const { from, term: messageTerm, voteGranted: granted } = message;
  const step = { event: "HandleRequestVoteResponse", from, messageTerm, granted } as const;
  if (messageTerm > state.currentTerm) {
    follow(state, messageTerm, null);
    trace(state, step);
    persist(state, { hardState: true });
    return;
  }
  if (!granted || state.role !== "Candidate" || messageTerm !== state.currentTerm) return;
  trace(state, step);
  countVote(state, from);
}
