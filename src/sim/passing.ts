/** Lets virtual time pass, in pieces. */

import type { World } from "./world.ts";

/** Why a run does not go on by itself. */
export type Pause =
  /** A disk works in the real world. `until` resolves when nothing is under way; call it before the run goes on. */
  | { readonly kind: "waits"; readonly until: () => Promise<void> }
  /** A window of virtual time is over: its lines may be taken away. */
  | { readonly kind: "window"; readonly world: World };

/** Until that time, or until `stop` says so. */
export function* pass(world: World, untilMs: number, stop: () => boolean = () => false): Generator<Pause, void> {
  const { scheduler, waiting, windowMs } = world;
  let windowEnd = scheduler.nowMs + windowMs;
  for (;;) {
    if (waiting.length === 0) scheduler.runUntil(untilMs, () => waiting.length > 0 || scheduler.nowMs >= windowEnd || stop());
    if (waiting.length > 0) yield { kind: "waits", until: () => settled(waiting) };
    if (scheduler.nowMs >= windowEnd) {
      windowEnd = scheduler.nowMs + windowMs;
      yield { kind: "window", world };
    }
    if (stop() || scheduler.nowMs >= untilMs) return;
  }
}

/** One after the other, whichever disk it is: their answers must come in the same order in every run. */
async function settled(waiting: (() => Promise<void>)[]): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
}
