/** The leader's side of replication (5.3): batching, pipelining, and a bound on what one follower can hold up. */

import { makeEntries } from "../entry.ts";
import type { Entry, EntryKind } from "../entry.ts";
import { present } from "../assert.ts";
import type { NodeId } from "./message.ts";
import { send, trace } from "./state.ts";
import type { Heartbeat, Progress, RaftState } from "./state.ts";

/** Appends entries of the current term to the leader's own log. The caller traces and persists them. */
export function appendAsLeader(
  state: RaftState,
  payloads: readonly { readonly kind: EntryKind; readonly payload: Uint8Array }[],
  timeMs: number,
): readonly Entry[] {
  const entries = makeEntries(state.log.lastIndex + 1, state.currentTerm, timeMs, payloads);
  state.log.append(entries);
  for (const entry of entries) state.uncommittedBytes += entry.bytes.length;
  return entries;
}

/** Sends every follower what it may have now. `heartbeat`: something goes to each, entries or not. */
export function broadcastAppend(state: RaftState, heartbeat: boolean): void {
  for (const [to, progress] of state.progress) sendAppend(state, to, progress, heartbeat);
}

/** Sends one follower as many messages as its window allows; with `heartbeat` at least one. */
export function sendAppend(state: RaftState, to: NodeId, progress: Progress, heartbeat: boolean): void {
  let sent = false;
  if (progress.mode === "snapshot" || state.log.termAt(progress.nextIndex - 1) === undefined) {
    progress.mode = "snapshot";
    if (heartbeat || !progress.probing) sendInstallSnapshot(state, to, progress);
    progress.probing = true;
    return;
  }
  while (maySendEntries(state, progress)) {
    const { maxAppendBytes, maxAppendEntries } = state.options;
    sendEntries(state, to, progress, state.log.sliceBytes(progress.nextIndex, maxAppendBytes, maxAppendEntries));
    sent = true;
  }
  if (heartbeat && !sent) sendEntries(state, to, progress, []);
}

function maySendEntries(state: RaftState, progress: Progress): boolean {
  if (progress.nextIndex > state.log.lastIndex) return false;
  if (progress.mode === "probe") return !progress.probing;
  const { maxInflightBytes, maxInflightMessages } = state.options;
  return progress.inflight.length < maxInflightMessages && progress.inflightBytes < maxInflightBytes;
}

function sendEntries(state: RaftState, to: NodeId, progress: Progress, entries: readonly Entry[]): void {
  const prevLogIndex = progress.nextIndex - 1;
  const prevLogTerm = present(state.log.termAt(prevLogIndex), "the entry before the first one sent is known");
  const { group, self: from, currentTerm: term, commitIndex: leaderCommit, round } = state;
  const message = { kind: "AppendEntriesRequest", group, from, to, term, prevLogIndex, prevLogTerm, entries, leaderCommit, round } as const;
  if (entries.length > 0 || !isSameHeartbeat(progress.toldHeartbeat, message)) {
    trace(state, { event: "AppendEntries", to, prevLogIndex, prevLogTerm, entries, leaderCommit });
    if (entries.length === 0) progress.toldHeartbeat = { from, term, prevLogIndex, prevLogTerm, leaderCommit };
  }
  send(state, message);
  progress.sentCommit = leaderCommit;
  if (entries.length === 0) return;
  if (progress.mode === "probe") {
    progress.probing = true;
    return;
  }
  const lastIndex = prevLogIndex + entries.length;
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
  progress.inflight.push({ lastIndex, bytes });
  progress.inflightBytes += bytes;
  progress.nextIndex = lastIndex + 1;
}

/**
 * To the specification the network is the set of messages ever sent, so that sending or receiving the same one again is no
 * step, and an idle cluster writes no trace.
 */
export function isSameHeartbeat(told: Heartbeat | null, { from, term, prevLogIndex, prevLogTerm, leaderCommit }: Heartbeat): boolean {
  if (told === null || told.term !== term || told.leaderCommit !== leaderCommit) return false;
  return told.prevLogIndex === prevLogIndex && told.prevLogTerm === prevLogTerm && told.from === from;
}

function sendInstallSnapshot(state: RaftState, to: NodeId, progress: Progress): void {
  const { group, self: from, currentTerm: term, round } = state;
  const offer: Heartbeat = { from, term, prevLogIndex: -1, prevLogTerm: -1, leaderCommit: -1 };
  if (!isSameHeartbeat(progress.toldHeartbeat, offer)) trace(state, { event: "OfferSnapshot", to });
  progress.toldHeartbeat = offer;
  // Of what was offered first the entries behind it are kept. Once they are gone it has to fetch another one.
  if (progress.offeredIndex < state.log.startIndex) progress.offeredIndex = state.rowsDurable;
  send(state, { kind: "InstallSnapshotRequest", group, from, to, term, lastIncludedIndex: state.log.startIndex, round });
}

/**
 * The follower acknowledged everything up to `matchIndex`. Old acknowledgements come late and change nothing. One that
 * lacks what was trimmed goes on to wait for its snapshot.
 */
export function recordMatch(state: RaftState, progress: Progress, matchIndex: number): void {
  progress.matchIndex = Math.max(progress.matchIndex, matchIndex);
  if (progress.mode === "snapshot" && progress.matchIndex < state.log.startIndex) return;
  if (progress.mode !== "replicate") {
    progress.mode = "replicate";
    progress.nextIndex = progress.matchIndex + 1;
  }
  progress.nextIndex = Math.max(progress.nextIndex, progress.matchIndex + 1);
  progress.probing = false;
  while (progress.inflight[0] !== undefined && progress.inflight[0].lastIndex <= progress.matchIndex) {
    progress.inflightBytes -= progress.inflight.shift()?.bytes ?? 0;
  }
}

/** The follower's log does not fit: go back to where it says, one message at a time. */
export function recordMismatch(state: RaftState, progress: Progress, hint: number): void {
  progress.mode = "probe";
  progress.probing = false;
  progress.inflight = [];
  progress.inflightBytes = 0;
  progress.nextIndex = Math.max(progress.matchIndex, Math.min(hint, state.log.lastIndex)) + 1;
}
