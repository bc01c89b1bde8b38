/** When an entry is committed, and what follows from it (5.3, 5.4.2). */

import { isMember, isVoter, quorumValue } from "./configuration.ts";
import type { NodeId, PreVoteRequest, RequestVoteRequest } from "./message.ts";
import { broadcastAppend } from "./replicate.ts";
import { serveReads } from "./read.ts";
import { stepDown } from "./role.ts";
import { committedConfiguration, configurationInForce, send, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

/**
 * The leader commits the highest index that a quorum of voters holds durably, if its entry is of the current term
 * (5.4.2: an older one is only committed along with it). A leader that is not a voter does not count itself (4.2.2).
 */
export function advanceCommitIndex(state: RaftState): void {
  // Most acknowledgements are of heartbeats, when all that there is has been committed.
  if (state.role !== "Leader" || state.commitIndex >= state.log.lastIndex) return;
  const { configuration } = configurationInForce(state);
  const index = quorumValue(configuration, (id) => matchIndexOf(state, id));
  if (index <= state.commitIndex || state.log.termAt(index) !== state.currentTerm) return;
  commitTo(state, index, () => trace(state, { event: "AdvanceCommitIndex" }));
  afterLeaderCommit(state);
}

/** The leader's own match is what it has made durable in its term. */
function matchIndexOf(state: RaftState, id: NodeId): number {
  if (id !== state.self) return state.progress.get(id)?.matchIndex ?? 0;
  return state.durableTerm === state.currentTerm ? state.durableIndex : 0;
}

/** Commits up to `index`, writes the step's line, and hands the entries to the state machine. */
export function commitTo(state: RaftState, index: number, traceStep: () => void): void {
  const from = state.commitIndex + 1;
  const { index: before, configuration } = committedConfiguration(state);
  state.commitIndex = Math.max(state.commitIndex, index);
  traceStep();
  if (state.commitIndex < from) return;
  const entries = state.log.slice(from, state.commitIndex);
  if (state.role === "Leader") for (const entry of entries) state.uncommittedBytes -= entry.bytes.length;
  state.effects.push({ kind: "apply", entries });
  const committed = committedConfiguration(state);
  if (committed.index === before) return;
  state.configurations = state.configurations.filter((placed) => placed.index >= committed.index);
  const leaves = isMember(configuration, state.self) && !isMember(committed.configuration, state.self);
  if (leaves && state.role !== "Leader") noteRemoval(state, committed.index);
}

function afterLeaderCommit(state: RaftState): void {
  const committed = committedConfiguration(state);
  if (committed.index > 0 && !isVoter(committed.configuration, state.self)) {
    broadcastAppend(state, true);
    stepDown(state, "removed");
    noteRemoval(state, committed.index);
    return;
  }
  serveReads(state);
}

/** The committed configuration has this node no more. */
export function noteRemoval(state: RaftState, configurationIndex: number): void {
  trace(state, { event: "Removed", configurationIndex });
  state.effects.push({ kind: "removed", configurationIndex });
}

/**
 * A candidate that is no member here is told so and gets no further, unless its log may hold more than this one: then
 * it may have joined by entries that this node lacks, and be the only one left who can lead.
 */
export function turnsAway(state: RaftState, message: PreVoteRequest | RequestVoteRequest): boolean {
  return !state.log.isUpToDate(message.lastLogIndex, message.lastLogTerm) && tellRemoved(state, message.from);
}

/** Tells `to` that it was removed, if the committed configuration says so (row M5). */
export function tellRemoved(state: RaftState, to: NodeId): boolean {
  const { configuration, index: configurationIndex } = committedConfiguration(state);
  if (configurationIndex === 0 || isMember(configuration, to)) return false;
  if (isMember(configurationInForce(state).configuration, to)) return false;
  const { group, self: from, currentTerm: term } = state;
  send(state, { kind: "RemovedNotice", group, from, to, term, configurationIndex });
  return true;
}
