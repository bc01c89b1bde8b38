/** AppendEntries (the paper's figure 2). */

import { assert, present } from "../assert.ts";
import type { Entry } from "../entry.ts";
import { advanceCommitIndex, commitTo, tellRemoved } from "./commit.ts";
import type { AppendEntriesRequest, AppendEntriesResponse } from "./message.ts";
import { acknowledgeRound, promiseMs, serveAsked, serveReads } from "./read.ts";
import { isSameHeartbeat, recordMatch, recordMismatch, sendAppend } from "./replicate.ts";
import { follow } from "./role.ts";
import { configurationInForce, configurationOf, persist, resetElectionTimer, sendWhenDurable, trace } from "./state.ts";
import type { Progress, RaftState } from "./state.ts";
import { continueTransfer } from "./transfer.ts";

/** Appends what fits, refuses what does not; success leaves when the entries are durable. */
export function handleAppendEntriesRequest(state: RaftState, message: AppendEntriesRequest): void {
  if (message.term < state.currentTerm) {
    if (!tellRemoved(state, message.from)) refuse(state, message, 0);
    return;
  }
  assert(state.role !== "Leader" || message.term > state.currentTerm, "a term has at most one leader");
  if (isRepeatedHeartbeat(state, message)) {
    state.heardLeaderMs = state.nowMs;
    resetElectionTimer(state);
    reply(state, message, true, message.prevLogIndex);
    return;
  }
  const hardState = follow(state, message.term, message.from);
  state.heardLeaderMs = state.nowMs;
  resetElectionTimer(state);
  const previous = state.log.termAt(message.prevLogIndex);
  const beforeStart = message.prevLogIndex < state.log.startIndex;
  if (!beforeStart && previous !== message.prevLogTerm) {
    const hint = mismatchHint(state, message.prevLogIndex);
    refuse(state, message, hint, hardState);
    return;
  }
  accept(state, message, hardState);
}

/** A heartbeat like the one before, to a node that has nothing to add: answering it again is no step of the specification. */
function isRepeatedHeartbeat(state: RaftState, message: AppendEntriesRequest): boolean {
  const { from, term, prevLogIndex, leaderCommit, entries } = message;
  if (entries.length > 0 || term !== state.currentTerm || state.role !== "Follower" || state.leader !== from) return false;
  if (state.pending.length > 0 || Math.min(leaderCommit, prevLogIndex) > state.commitIndex) return false;
  return isSameHeartbeat(state.toldHeartbeat, message);
}

function accept(state: RaftState, message: AppendEntriesRequest, hardState: boolean): void {
  const { fresh, truncateFrom } = freshEntries(state, message.entries);
  if (truncateFrom !== undefined) truncate(state, truncateFrom);
  state.log.append(fresh);
  const before = configurationInForce(state).index;
  for (const entry of fresh) {
    if (entry.kind === "configuration") state.configurations.push({ index: entry.index, configuration: configurationOf(entry) });
  }
  const matchIndex = message.prevLogIndex + message.entries.length;
  commitTo(state, Math.min(message.leaderCommit, matchIndex), () => traceRequest(state, message, true, matchIndex));
  if (hardState || fresh.length > 0) {
    persist(state, { hardState, entries: fresh, ...(truncateFrom === undefined ? {} : { truncateFrom }) });
  }
  announceConfiguration(state, before, truncateFrom !== undefined);
  const { from, term, prevLogIndex, prevLogTerm, leaderCommit, entries } = message;
  state.toldHeartbeat = entries.length === 0 ? { from, term, prevLogIndex, prevLogTerm, leaderCommit } : null;
  reply(state, message, true, matchIndex);
  serveAsked(state);
}

/** The entries that this log lacks, and where it conflicts with the leader's (5.3: only a conflict truncates). */
function freshEntries(state: RaftState, entries: readonly Entry[]): { fresh: readonly Entry[]; truncateFrom?: number } {
  const { log } = state;
  let at = 0;
  while (at < entries.length) {
    const entry = present(entries[at], "within the message");
    if (entry.index > log.lastIndex) break;
    if (entry.index > log.startIndex && log.termAt(entry.index) !== entry.term) {
      return { fresh: entries.slice(at), truncateFrom: entry.index };
    }
    at += 1;
  }
  return { fresh: at === 0 ? entries : entries.slice(at) };
}

/** Removes a conflicting suffix; configurations in it are rolled back (dissertation, 4.1; row M4). */
function truncate(state: RaftState, from: number): void {
  assert(from > state.commitIndex, "a committed entry is never truncated");
  state.log.truncateFrom(from);
  state.configurations = state.configurations.filter((placed) => placed.index < from);
}

function announceConfiguration(state: RaftState, before: number, truncated: boolean): void {
  const placed = configurationInForce(state);
  if (placed.index !== before || truncated) state.effects.push({ kind: "configuration", ...placed });
}

/** Where the leader should try next: before the whole term that conflicts here (5.3, last paragraphs). */
function mismatchHint(state: RaftState, prevLogIndex: number): number {
  if (prevLogIndex > state.log.lastIndex) return state.log.lastIndex;
  const term = state.log.termAt(prevLogIndex);
  let hint = prevLogIndex - 1;
  while (hint > state.commitIndex && state.log.termAt(hint) === term) hint -= 1;
  return hint;
}

function refuse(state: RaftState, message: AppendEntriesRequest, hint: number, hardState = false): void {
  traceRequest(state, message, false, hint);
  if (hardState) persist(state, { hardState });
  reply(state, message, false, hint);
}

function reply(state: RaftState, message: AppendEntriesRequest, success: boolean, matchIndex: number): void {
  const { group, self: from, currentTerm: term } = state;
  const { from: to } = message;
  // Rounds are counted anew in each term: one of an older term, of whoever leads again by now, is none of this one.
  const round = message.term === term ? message.round : 0;
  acknowledgeRound(state, to, round);
  sendWhenDurable(state, { kind: "AppendEntriesResponse", group, from, to, term, success, matchIndex, round, promiseMs: promiseMs(state) });
}

function traceRequest(state: RaftState, message: AppendEntriesRequest, success: boolean, matchIndex: number): void {
  const { from, term: messageTerm, prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
  const event = "HandleAppendEntriesRequest";
  trace(state, { event, from, messageTerm, prevLogIndex, prevLogTerm, entries, leaderCommit, success, matchIndex });
}

/** Only what makes the leader try further back is answered at once: every exchange of that kind comes to an end. */
function movesBack(progress: Progress, hint: number): boolean {
  return progress.mode !== "snapshot" && Math.max(hint, progress.matchIndex) < progress.nextIndex - 1;
}

/** A promise counts from the first acknowledgement of its round: a later one of the same round may be of another life. */
function noteRound(progress: Progress, { round, promiseMs: promised = 0 }: AppendEntriesResponse): void {
  if (round <= progress.round) return;
  progress.round = round;
  progress.promiseMs = promised;
}

function traceResponse(state: RaftState, { from, term: messageTerm, success, matchIndex }: AppendEntriesResponse): void {
  trace(state, { event: "HandleAppendEntriesResponse", from, messageTerm, success, matchIndex });
}

export function handleAppendEntriesResponse(state: RaftState, message: AppendEntriesResponse): void {
  const { from, term: messageTerm, success, matchIndex } = message;
  if (messageTerm > state.currentTerm) {
    follow(state, messageTerm, null);
    traceResponse(state, message);
    persist(state, { hardState: true });
    return;
  }
  const progress = state.progress.get(from);
  if (state.role !== "Leader" || messageTerm !== state.currentTerm || progress === undefined) {
    if (state.role === "Leader") tellRemoved(state, from);
    return;
  }
  progress.heardMs = state.nowMs;
  noteRound(progress, message);
  // What the leader knew before is no step of the specification.
  if (!success || matchIndex > progress.matchIndex) traceResponse(state, message);
  if (success) recordMatch(state, progress, matchIndex);
  else if (movesBack(progress, matchIndex)) recordMismatch(state, progress, matchIndex);
  advanceCommitIndex(state);
  if (state.role !== "Leader") return;
  serveReads(state);
  sendAppend(state, from, progress, false);
  continueTransfer(state);
}

