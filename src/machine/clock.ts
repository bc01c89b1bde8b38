/**
 * Time as the log tells it. Entries carry the leader's clock, which goes back when a leader with a slower clock follows;
 * the machine's time does not. A row is written once a second of it at most, since only tokens read the time; the
 * entries that do read it always write it, so what one of them saw, all later ones are past.
 */

import type { RowChange } from "./row-change.ts";
import type { MachineState, Store } from "./state.ts";

const stepMs = 1_000;

/** The machine's time at an entry that carries `timeMs`. */
export function timeOf(state: MachineState, timeMs: number): number {
  const lastMs = state.marks.get("timeMs") ?? 0;
  return Number.isSafeInteger(timeMs) && timeMs > lastMs ? timeMs : lastMs;
}

/** Remembers that it was `nowMs`. `wasRead`: the command depends on the time. */
export function advance(store: Store, nowMs: number, wasRead: boolean, changes: RowChange[]): void {
  const lastMs = store.marks.get("timeMs") ?? 0;
  if (nowMs >= lastMs + stepMs || (wasRead && nowMs > lastMs)) changes.push(store.marks.set("timeMs", nowMs));
}
