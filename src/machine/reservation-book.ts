/**
 * How long the leader has seen each start unconfirmed (row W4), by its own monotonic clock. Pure: time is told. A new
 * leader, and one that stood still, knows nothing of the time before and gives every start all of its time again.
 */

import { Pace } from "./pace.ts";
import type { Name, NodeId } from "./records.ts";
import type { MachineState } from "./state.ts";

/** Why a start is taken back, in the words of the trace. */
export interface Lapse {
  readonly vm: Name;
  readonly uuid: string;
  readonly generation: number;
  readonly waitedMs: number;
  readonly ttlMs: number;
}

/** A leader that did not look for so long may have missed anything. */
const pausedAfterMs = 5_000;

export class ReservationBook {
  readonly #pace: Pace;
  /** By VM: the reservation that was seen, and since when. */
  readonly #seen = new Map<string, { readonly uuid: string; readonly generation: number; readonly sinceMs: number }>();
  #term: number | null = null;
  #lookedMs = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /**
   * The starts that must be taken back now. `isHeard`: its worker renews its lease. What a silent worker does is for its
   * lease to decide: nothing that it has would be free any sooner.
   */
  lapsed(state: MachineState, term: number, nowMs: number, isBusy: (name: string) => boolean, isHeard: (node: NodeId) => boolean): readonly Lapse[] {
    if (term !== this.#term || nowMs - this.#lookedMs > pausedAfterMs) this.#seen.clear();
    this.#term = term;
    this.#lookedMs = nowMs;
    for (const name of this.#seen.keys()) if (!state.unconfirmed.has(name)) this.#seen.delete(name);
    const lapsed: Lapse[] = [];
    for (const name of [...state.unconfirmed].sort()) {
      const { vm, uuid, generation, node, ttlMs } = state.reservations.get(name) ?? { ttlMs: null };
      if (ttlMs === null || vm === undefined) continue;
      let seen = this.#seen.get(name);
      if (seen?.uuid !== uuid || seen.generation !== generation) this.#seen.set(name, (seen = { uuid, generation, sinceMs: nowMs }));
      const waitedMs = Math.floor(nowMs - seen.sinceMs);
      if (waitedMs >= ttlMs && !isBusy(name) && isHeard(node)) lapsed.push({ vm, uuid, generation, waitedMs, ttlMs });
    }
    return this.#pace.allow(lapsed, nowMs);
  }
}
