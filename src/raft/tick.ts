/** What follows from the mere passing of time. */

import { electorate, hasQuorum } from "./configuration.ts";
import { askAgain, refuseReads } from "./read.ts";
import { favourPreferred } from "./preferred-leader.ts";
import { broadcastAppend, sendAppend } from "./replicate.ts";
import { becomePreCandidate, stepDown } from "./role.ts";
import { configurationInForce, mayCampaign, resetElectionTimer, send } from "./state.ts";
import type { RaftState } from "./state.ts";

export function tick(state: RaftState): void {
  if (state.role === "Leader") return tickLeader(state);
  askAgain(state);
  if (state.nowMs < state.electionDeadlineMs) return;
  if (mayCampaign(state)) return becomePreCandidate(state);
  // Who does not campaign keeps its leader in mind however long that is silent; its readers shall not wait as long.
  refuseReads(state, "no leader is heard");
  resetElectionTimer(state);
  askMembership(state);
}

/**
 * A node that does not vote cannot campaign, so nobody would ever tell it that it was removed: a learner, or a voter that
 * holds the entry which removes it and never heard that it was committed.
 */
function askMembership(state: RaftState): void {
  const { group, self: from, currentTerm: term } = state;
  for (const { id: to } of electorate(configurationInForce(state).configuration)) {
    send(state, { kind: "RemovedNotice", group, from, to, term, configurationIndex: 0 });
  }
}

function tickLeader(state: RaftState): void {
  if (state.nowMs >= state.quorumDeadlineMs && !checkQuorum(state)) return;
  abandonLateTransfer(state);
  favourPreferred(state);
  if (state.nowMs >= state.heartbeatDeadlineMs) {
    state.heartbeatDeadlineMs = state.nowMs + state.options.heartbeatMs;
    broadcastAppend(state, true);
    return;
  }
  for (const [to, progress] of state.progress) {
    if (progress.sentCommit < state.commitIndex && progress.mode === "replicate") sendAppend(state, to, progress, true);
  }
}

/** A leader that has not heard from a quorum for an election timeout leads nobody (dissertation, 6.2). */
function checkQuorum(state: RaftState): boolean {
  const { configuration } = configurationInForce(state);
  const since = state.nowMs - state.options.electionTimeoutMs * 2;
  const isHeard = (id: string): boolean => id === state.self || (state.progress.get(id)?.heardMs ?? -Infinity) >= since;
  state.quorumDeadlineMs = state.nowMs + state.options.electionTimeoutMs;
  if (hasQuorum(configuration, isHeard)) return true;
  stepDown(state, "no quorum");
  return false;
}

/**
 * A leader whose disk hangs makes way: it could go on sending heartbeats and answering reads for ever, and no write would
 * ever be its own. It does not campaign either, since its shell gives it no ticks until the write has ended.
 */
export function diskStalled(state: RaftState): void {
  if (state.role === "Leader") stepDown(state, "the disk stalled");
}

function abandonLateTransfer(state: RaftState): void {
  const { transfer } = state;
  if (transfer === null || state.nowMs < transfer.deadlineMs) return;
  // Who was told to campaign may do so at any time in this term, and voters need not wait then.
  if (transfer.sent) state.reads.handedOver = true;
  state.transfer = null;
  const refusal = { code: "TIMEOUT", message: `${transfer.to} did not take over leadership in time`, leader: state.self } as const;
  state.effects.push({ kind: "refused", id: transfer.id, refusal });
}
