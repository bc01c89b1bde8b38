/**
 * Leases (dissertation, 6.4.1): a leader that a quorum acknowledged need not ask again for as long as those voters have
 * promised to elect nobody else. Only with a configured bound on how much clocks drift apart; off by default.
 */

import { hasQuorum } from "./configuration.ts";
import { configurationInForce } from "./state.ts";
import type { RaftState } from "./state.ts";

const million = 1_000_000;

/**
 * True while nobody else can lead. The lease counts from when the round was *sent*, since its receivers' promises may count
 * from any moment after that; and it is shorter than their promise by what this clock may be slow and theirs fast. A
 * transfer of leadership ends it for the rest of the term, since voters then need not wait.
 */
export function hasLease(state: RaftState, confirmed: { readonly round: number; readonly sentMs: number }): boolean {
  const { clockDriftPpm } = state.options;
  if (clockDriftPpm === null || state.role !== "Leader" || state.transfer !== null || state.reads.handedOver) return false;
  const elapsedMs = Math.ceil(state.nowMs) - confirmed.sentMs;
  const holds = (promiseMs: number): boolean => elapsedMs * (million + clockDriftPpm) < promiseMs * (million - clockDriftPpm);
  return hasQuorum(configurationInForce(state).configuration, (id) => {
    if (id === state.self) return true;
    const progress = state.progress.get(id);
    return progress !== undefined && progress.round >= confirmed.round && holds(progress.promiseMs);
  });
}
