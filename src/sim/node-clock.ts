/** The clocks of one node: they run at a rate of their own, and the wall clock may jump. */

import type { Scheduler } from "./scheduler.ts";
import { epochMs } from "./world.ts";

export class NodeClock {
  readonly #scheduler: Scheduler;
  #offsetMs: number;
  #rate = 1;
  #wallMs = 0;

  constructor(scheduler: Scheduler, offsetMs: number) {
    this.#scheduler = scheduler;
    this.#offsetMs = offsetMs;
  }

  /** Never goes back. */
  localMs(): number {
    return this.#offsetMs + this.#rate * this.#scheduler.nowMs;
  }

  wallMs(): number {
    return Math.round(epochMs + this.#wallMs + this.localMs());
  }

  /** From now on the clocks run at another rate; the wall clock jumps too. */
  disturb(rate: number, wallJumpMs: number): void {
    this.#offsetMs = this.localMs() - rate * this.#scheduler.nowMs;
    this.#rate = rate;
    this.#wallMs += wallJumpMs;
  }
}
