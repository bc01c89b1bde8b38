/** Leadership transfer (dissertation, 3.10). */

import { staysVoter } from "./configuration.ts";
import type { NodeId, TimeoutNowRequest } from "./message.ts";
import { sendAppend } from "./replicate.ts";
import { becomeCandidate } from "./role.ts";
import { configurationInForce, mayCampaign, send, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

/** Hands leadership to `to`, or to the voter that is furthest; refuses new proposals meanwhile. */
export function startTransfer(state: RaftState, id: number, to: NodeId | null): void {
  const refuse = (code: "NOT_LEADER" | "CONFLICT" | "INVALID_ARGUMENT", message: string): void => {
    state.effects.push({ kind: "refused", id, refusal: { code, message, leader: state.leader } });
  };
  if (state.role !== "Leader") return refuse("NOT_LEADER", "only the leader can hand over leadership");
  if (state.transfer !== null) return refuse("CONFLICT", "a leadership transfer is already under way");
  const target = to ?? bestFollower(state);
  if (target === null) return refuse("CONFLICT", "there is no other voter to lead");
  if (!staysVoter(configurationInForce(state).configuration, target)) return refuse("INVALID_ARGUMENT", `${target} is no voter`);
  if (target === state.self) {
    state.effects.push({ kind: "transferred", id, leader: target });
    return;
  }
  state.transfer = { id, to: target, deadlineMs: state.nowMs + state.options.electionTimeoutMs * 2, sent: false };
  continueTransfer(state);
}

function bestFollower(state: RaftState): NodeId | null {
  const { configuration } = configurationInForce(state);
  let best: NodeId | null = null;
  let bestMatch = -1;
  for (const [id, progress] of state.progress) {
    if (!staysVoter(configuration, id) || progress.matchIndex <= bestMatch) continue;
    best = id;
    bestMatch = progress.matchIndex;
  }
  return best;
}

/** Sends TimeoutNow once the target has the whole log. */
export function continueTransfer(state: RaftState): void {
  const { transfer } = state;
  if (state.role !== "Leader" || transfer === null || transfer.sent) return;
  const progress = state.progress.get(transfer.to);
  if (progress === undefined) return;
  if (progress.matchIndex < state.log.lastIndex) {
    sendAppend(state, transfer.to, progress, false);
    return;
  }
  transfer.sent = true;
  trace(state, { event: "TransferLeadership", to: transfer.to });
  const { group, self: from, currentTerm: term } = state;
  send(state, { kind: "TimeoutNowRequest", group, from, to: transfer.to, term });
}

export function handleTimeoutNowRequest(state: RaftState, message: TimeoutNowRequest): void {
  if (message.term !== state.currentTerm || state.role !== "Follower" || !mayCampaign(state)) return;
  becomeCandidate(state, true, { event: "HandleTimeoutNowRequest", from: message.from, messageTerm: message.term });
}
