/** A process on virtual time: it runs, is stopped for a while, or is gone, and with it all that it was about to do. */

import type { Chance } from "./chance.ts";
import { Died } from "./crash-point.ts";
import type { NodeState, World } from "./world.ts";

/** What a paused process finds in its sockets at most. */
const inboxLimit = 2_000;

export abstract class SimulatedProcess {
  readonly world: World;
  readonly chance: Chance;
  state: NodeState = "down";
  /** Counts starts. */
  incarnation = 0;
  #inbox: (() => void)[] = [];

  constructor(world: World, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  /** Something was thrown that is no death: a law broke. */
  protected abstract broke(error: unknown): void;

  /** What was waiting for a paused process goes with it. */
  protected forgetInbox(): void {
    this.#inbox = [];
  }

  /** The sockets of a paused process take no more. */
  get isFull(): boolean {
    return this.#inbox.length >= inboxLimit;
  }

  /** SIGSTOP: clocks go on, the process does not. */
  pause(): void {
    if (this.state !== "up") return;
    this.state = "paused";
    this.world.stats.pauses += 1;
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "up";
    // Each in a turn of its own: a disk may have to work in between.
    for (const run of this.#inbox.splice(0)) this.later(0, run);
  }

  /** Runs `run` in this process after a while, unless it dies before. */
  later(delayMs: number, run: () => void): void {
    const { incarnation } = this;
    this.world.scheduler.after(delayMs, () => {
      if (this.incarnation === incarnation) this.enter(run);
    });
  }

  /** Runs `run` in this process again and again, until it dies. While it is paused one time is kept for it. */
  every(firstMs: number, periodMs: number, run: () => void): void {
    const { incarnation } = this;
    const { scheduler } = this.world;
    const turn = (): void => {
      if (this.incarnation !== incarnation) return;
      if (this.state === "paused") return this.enter(turn);
      if (this.state !== "up") return;
      scheduler.after(periodMs, turn);
      this.#enter(run);
    };
    scheduler.after(firstMs, turn);
  }

  /** Runs `run` in this process now, or when it continues; never when it is down. */
  enter(run: () => void): void {
    if (this.state === "up") this.#enter(run);
    else if (this.state === "paused") this.#inbox.push(run);
  }

  #enter(run: () => void): void {
    if (this.state !== "up") return;
    try {
      run();
    } catch (error) {
      this.ended(error);
    }
  }

  /** Something that it ran was thrown out of: it died, or a law broke. */
  protected ended(error: unknown): void {
    if (!(error instanceof Died)) this.broke(error);
  }
}
