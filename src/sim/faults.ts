/**
 * Faults by seed, in swarms: every seed enables another mix at other rates, so that rare combinations come up (Groce et al.
 * 2012). Each fault is drawn as a step of a scenario, which says all that happens; the steps of a run are its schedule,
 * and played again with the same seed they give the same run.
 */

import { drawStep, drawSurroundings } from "./fault-draw.ts";
import { momentKinds, type FaultKind } from "./fault-kinds.ts";
import { goodLinks } from "./network.ts";
import { newStage, playStep } from "./scenario-play.ts";
import type { Stage } from "./scenario-play.ts";
import type { ScenarioStep } from "./scenario-step.ts";
import type { SimulationParts } from "./simulation-parts.ts";
import type { Chance } from "./chance.ts";
import type { DiskQuality } from "./world.ts";

export const goodDisk: DiskQuality = { minWriteMs: 0.5, maxWriteMs: 4, stallChance: 0, stallMs: 0 };

/** Mean milliseconds between two faults of any kind: a seed draws from these, so that some clusters work and some hardly do. */
const anyFaultMs = { least: 700, most: 5_000 };
/** Each kind by itself comes up to so much more or less often than the others. */
const skew = 3;

/** A step of the schedule, and the kind of fault that it came from. */
export interface ScheduledFault {
  readonly kind: FaultKind;
  readonly step: ScenarioStep;
}

export interface FaultOptions {
  readonly kinds: readonly FaultKind[];
  /** Mean times between faults are this often longer. */
  readonly pace: number;
}

export class Faults {
  /** All that was done, in order. */
  readonly schedule: ScheduledFault[] = [];
  readonly #parts: SimulationParts;
  readonly #options: FaultOptions;
  readonly #chance: Chance;
  readonly #stage: Stage;
  #startedMs = 0;
  #stopped = false;

  constructor(parts: SimulationParts, options: FaultOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#chance = parts.world.chance.stream("faults");
    this.#stage = newStage(parts);
  }

  start(): void {
    const { kinds, pace } = this.#options;
    this.#startedMs = this.#parts.world.scheduler.nowMs;
    const rates = new Map<FaultKind, number>();
    for (const kind of kinds) {
      const step = drawSurroundings(kind, this.#chance);
      if (step !== undefined) this.#strike(kind, step);
      const meanMs = momentKinds[kind];
      if (meanMs !== undefined) rates.set(kind, this.#logarithmic(1, skew) / meanMs);
    }
    const total = [...rates.values()].reduce((sum, rate) => sum + rate, 0);
    const meanMs = this.#logarithmic(anyFaultMs.least, anyFaultMs.most) * pace;
    for (const [kind, rate] of rates) this.#again(kind, (meanMs * total) / rate);
  }

  #logarithmic(least: number, most: number): number {
    return Math.exp(this.#chance.between(Math.log(least), Math.log(most)));
  }

  /** Times are whole milliseconds after the start, so that a scenario can say them exactly. */
  #again(kind: FaultKind, meanMs: number): void {
    const { scheduler } = this.#parts.world;
    const atMs = Math.ceil(scheduler.nowMs - this.#startedMs + this.#chance.exponential(meanMs));
    scheduler.at(this.#startedMs + atMs, () => {
      if (this.#stopped) return;
      for (const step of drawStep(kind, this.#parts, this.#chance)) this.#strike(kind, { ...step, at: atMs / 1_000 });
      this.#again(kind, meanMs);
    });
  }

  #strike(kind: FaultKind, step: ScenarioStep): void {
    this.schedule.push({ kind, step });
    playStep(this.#stage, step, kind);
  }

  /** No more of them. */
  stop(): void {
    this.#stopped = true;
  }
}

/** Everything works again: links, disks, clocks; who was down starts, who was paused continues. */
export function healAll({ world }: SimulationParts): void {
  world.network.heal();
  world.network.quality = goodLinks;
  world.disk = goodDisk;
  world.launchCrashChance = 0;
  for (const node of world.nodes.values()) {
    node.onWrite = null;
    node.onPoint = null;
    node.trouble = null;
    node.clock.disturb(1, 0);
    node.resume();
    if (node.incarnation > 0) node.start();
  }
}
