/** Commands that clients want in the log. */

import type { ErrorCode } from "../errors.ts";
import type { Proposal } from "./event.ts";
import { appendAsLeader, broadcastAppend } from "./replicate.ts";
import { persist, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

export function refuse(state: RaftState, id: number, code: ErrorCode, message: string): void {
  state.effects.push({ kind: "refused", id, refusal: { code, message, leader: state.leader } });
}

/** Why this node takes no proposals now; undefined when it does. */
export function closed(state: RaftState): { code: ErrorCode; message: string } | undefined {
  if (state.role !== "Leader") return { code: "NOT_LEADER", message: "this node does not lead the group" };
  if (state.transfer !== null) return { code: "NOT_LEADER", message: "leadership is being handed over" };
  if (state.uncommittedBytes > state.options.maxUncommittedBytes) {
    return { code: "OVERLOADED", message: "too much is waiting to be committed" };
  }
  return undefined;
}

/** Appends the commands as one batch and sends them on, in parallel with the leader's own write. */
export function propose(state: RaftState, proposals: readonly Proposal[], timeMs: number): void {
  const reason = closed(state);
  if (reason !== undefined) {
    for (const { id } of proposals) refuse(state, id, reason.code, reason.message);
    return;
  }
  if (proposals.length === 0) return;
  const entries = appendAsLeader(state, proposals, timeMs);
  trace(state, { event: "ClientRequest", entries });
  persist(state, { hardState: false, entries });
  for (const [at, entry] of entries.entries()) {
    state.effects.push({ kind: "accepted", id: proposals[at]?.id ?? 0, index: entry.index, term: entry.term });
  }
  broadcastAppend(state, false);
}
