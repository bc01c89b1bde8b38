/** What follows when a write reached the disk. */

import { assert } from "../assert.ts";
import { advanceCommitIndex } from "./commit.ts";
import { countVote } from "./role.ts";
import { send, trace } from "./state.ts";
import type { RaftState } from "./state.ts";
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

/** Rows up to `index` are durable: entries behind them may go, but for those that followers will soon ask for. */
export function rowsDurable(state: RaftState, index: number): void {
  state.rowsDurable = Math.max(state.rowsDurable, index);
  let trimTo = state.rowsDurable - state.options.keepEntries;
  for (const progress of state.progress.values()) {
    const near = state.rowsDurable - progress.matchIndex < state.options.keepEntries * 8;
    if (progress.mode === "replicate" && near) trimTo = Math.min(trimTo, progress.matchIndex);
  }
  if (trimTo < state.log.startIndex + Math.ceil(state.options.keepEntries / 4)) return;
  state.log.trimTo(trimTo);
  state.effects.push({ kind: "trim", index: trimTo });
}
