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
    ...silence(state),
    granted,
  });
  const term = granted ? message.term : state.currentTerm;
  send(state, { kind: "PreVoteResponse", group: state.group, from: state.self, to: message.from, term, voteGranted: granted });
}

/**
 * A node that heard a leader within the shortest election timeout lets nobody else in (4.2.3), whatever it has heard since
 * of newer terms: it may have promised so (leases, 6.4.1). One that has just started may have heard a leader before.
 */
export function hearsLeader(state: RaftState): boolean {
  const { localMs, heardMs } = silence(state);
  return state.role === "Leader" || localMs - heardMs < state.options.electionTimeoutMs;
}

/** By this node's clock, in whole milliseconds: now, and when it heard a leader last. Rounded so that no silence is too long. */
export function silence(state: RaftState): { readonly localMs: number; readonly heardMs: number } {
  return { localMs: Math.floor(state.nowMs), heardMs: Math.ceil(state.heardLeaderMs) };
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
