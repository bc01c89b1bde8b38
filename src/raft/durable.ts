/** What follows when a write reached the disk. */

import { assert } from "../assert.ts";
import { advanceCommitIndex } from "./commit.ts";
import { countVote } from "./role.ts";
import { send, trace } from "./state.ts";
import type { Progress, RaftState } from "./state.ts";
import { continueTransfer } from "./transfer.ts";

/** Releases the messages that waited; counts the own vote, or the own log towards commitment. */
export function persisted(state: RaftState, sequence: number): void {
  let count = 0;
  while (state.pending[count] !== undefined && (state.pending[count]?.sequence ?? Infinity) <= sequence) count += 1;
  assert(count > 0, "a write that becomes durable was pending");
  const done = state.pending.splice(0, count);
  const last = done[count - 1];
  assert(last !== undefined, "there is a last write");
  state.durableTerm = last.term;
  state.durableIndex = last.lastIndex;
  trace(state, { event: "Persist", count });
  for (const write of done) for (const message of write.messages) send(state, message);
  if (state.durableTerm !== state.currentTerm) return;
  if (state.role === "Candidate" && state.votedFor === state.self) countVote(state, state.self);
  if (state.role !== "Leader") return;
  advanceCommitIndex(state);
  continueTransfer(state);
}

/**
 * For a follower that is heard and lags, so many times as much is kept as without one. Entries are small where there are
 * many: it is the bytes that count.
 */
const patience = { entries: 32, bytes: 4 };
/** Election timeouts after which a follower is heard no more. One that installs a snapshot is silent for longer. */
const silence = { entries: 2, snapshot: 20 };

/**
 * Rows up to `index` are durable: entries behind them may go, but for those that followers will soon ask for. What is kept
 * has a bound in entries and in bytes, so that a follower that is slow or away for long does not fill the leader's memory.
 */
export function rowsDurable(state: RaftState, index: number): void {
  state.rowsDurable = Math.max(state.rowsDurable, index);
  const { log, options } = state;
  const { keepEntries, keepBytes } = options;
  const least = keepFrom(state, keepEntries * patience.entries, keepBytes * patience.bytes);
  let trimTo = keepFrom(state, keepEntries, keepBytes);
  for (const progress of state.progress.values()) {
    const needed = neededBy(state, progress);
    if (needed >= least) trimTo = Math.min(trimTo, needed);
  }
  // Not for each few: a trim is a write too.
  const few = trimTo < log.startIndex + Math.ceil(keepEntries / 4);
  if (trimTo <= log.startIndex || (few && log.bytes < keepBytes * 1.25)) return;
  log.trimTo(trimTo);
  state.effects.push({ kind: "trim", index: trimTo });
}

/**
 * The follower will ask for entries behind this index; -1 when it will not. Who fetches a snapshot asks for what lies behind it,
 * however long fetching takes: without that it would meet a trimmed log again, and fetch for ever.
 */
function neededBy({ nowMs, options }: RaftState, { mode, heardMs, matchIndex, offeredIndex }: Progress): number {
  const silentFor = (nowMs - heardMs) / options.electionTimeoutMs;
  if (mode === "snapshot") return silentFor < silence.snapshot ? Math.max(matchIndex, offeredIndex) : -1;
  return mode === "replicate" && silentFor < silence.entries ? matchIndex : -1;
}

/** The last index that may go when so much is kept. */
function keepFrom(state: RaftState, entries: number, bytes: number): number {
  return Math.min(state.rowsDurable, Math.max(state.rowsDurable - entries, state.log.indexBefore(bytes)));
}
