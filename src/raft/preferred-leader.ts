/** Leadership for the voter that is preferred (row M11): handed over when that could lead at once, and seldom. */

import { isJoint } from "./configuration.ts";
import type { NodeId } from "./message.ts";
import { configurationInForce } from "./state.ts";
import type { RaftState } from "./state.ts";
import { startTransfer } from "./transfer.ts";

/** What a leader knows of the preferred voter. Kept from one leadership to the next, so that patience is too. */
export interface PreferenceWatch {
  /** Since when it has been fit to lead, without a break; null: it is not now. */
  fitSinceMs: number | null;
  /** So many election timeouts it must be fit before leadership goes to it. */
  patience: number;
  triedMs: number;
}

const shortestPatience = 10;
const longestPatience = 640;

export function newPreferenceWatch(): PreferenceWatch {
  return { fitSinceMs: null, patience: shortestPatience, triedMs: -Infinity };
}

/** Nobody asked for this transfer. */
const nobody = 0;

/**
 * The leader's duty at every tick. A node that gets leadership and loses it again soon must be fit twice as long before
 * the next time, up to 640 election timeouts: a preference must not make leadership wander.
 */
export function favourPreferred(state: RaftState): void {
  const { preference: watch, nowMs } = state;
  const { electionTimeoutMs } = state.options;
  const target = fitTarget(state);
  if (target === null) {
    watch.fitSinceMs = null;
    return;
  }
  watch.fitSinceMs ??= nowMs;
  if (state.transfer !== null || nowMs - watch.fitSinceMs < watch.patience * electionTimeoutMs) return;
  const soon = nowMs - watch.triedMs < 4 * watch.patience * electionTimeoutMs;
  watch.patience = soon ? Math.min(2 * watch.patience, longestPatience) : shortestPatience;
  watch.triedMs = nowMs;
  watch.fitSinceMs = null;
  startTransfer(state, nobody, target);
}

/** The preferred voter, if it is another, in touch, and has nearly the whole log; null while membership changes. */
function fitTarget(state: RaftState): NodeId | null {
  const { configuration, index } = configurationInForce(state);
  if (isJoint(configuration) || index > state.commitIndex) return null;
  const preferred = configuration.voters.find((voter) => voter.preferred === true);
  if (preferred === undefined || preferred.id === state.self) return null;
  const progress = state.progress.get(preferred.id);
  if (progress === undefined || progress.mode !== "replicate") return null;
  const silentMs = state.nowMs - progress.heardMs;
  const lag = state.log.lastIndex - progress.matchIndex;
  return silentMs <= state.options.electionTimeoutMs && lag <= state.options.maxPromoteLag ? preferred.id : null;
}
