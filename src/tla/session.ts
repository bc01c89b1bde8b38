import { FiniteSet } from "./finite-set.ts";
import { recordOf } from "./mapping.ts";
import type { Registers } from "./registers.ts";
import type { Value } from "./value-kinds.ts";

/** How far a search has come, for `TLCGet`. */
export interface Statistics {
  readonly generated: number;
  readonly distinct: number;
  readonly queue: number;
  readonly diameter: number;
}

const nothing: Statistics = { generated: 0, distinct: 0, queue: 0, diameter: 0 };

/**
 * What TLC's operators know and keep besides the state: the registers of `TLCSet`, the level and the counts of the search, and
 * chance, which comes from a seed so that an evaluation can be repeated.
 */
export class Session {
  /** The length of the path to the state of now, the initial state counted. */
  level = 1;
  statistics: () => Statistics = () => nothing;
  /** `TLCSet("exit", TRUE)` was evaluated: the search is to end as if all were explored. */
  exit = false;
  private readonly registers: Registers;
  private readonly kept = new Map<number, Value>();
  private chance: number;

  constructor(registers: Registers, seed: number) {
    this.registers = registers;
    this.chance = seed | 0;
  }

  /** What is read now may be another value the next time: nobody may keep what depends on it. */
  touch(): void {
    this.registers.reads += 1;
    this.registers.unstableReads += 1;
  }

  set(key: Value, value: Value): boolean {
    this.touch();
    if (key === "exit") this.exit ||= value === true;
    else if (typeof key === "number" && key >= 0) this.kept.set(key, value);
    else return false;
    return true;
  }

  get(key: Value): Value | undefined {
    this.touch();
    if (typeof key === "number") return this.kept.get(key);
    const statistics = this.statistics();
    switch (key) {
      case "level":
        return this.level;
      case "distinct":
      case "generated":
      case "queue":
      case "diameter":
        return statistics[key];
      case "stats":
        return recordOf({ ...statistics, traces: 1 });
      case "config":
        return recordOf({ mode: "bfs", depth: -1, deadlock: false, worker: 1, traces: -1, seed: 0, fingerprint: 0, install: "" });
      case "named":
        return FiniteSet.empty;
      default:
        return undefined;
    }
  }

  /** A number in 0 .. `below` - 1 (mulberry32). */
  random(below: number): number {
    this.touch();
    this.chance = (this.chance + 0x6d2b79f5) | 0;
    let h = Math.imul(this.chance ^ (this.chance >>> 15), 1 | this.chance);
    h = (h + Math.imul(h ^ (h >>> 7), 61 | h)) ^ h;
    return Math.floor((((h ^ (h >>> 14)) >>> 0) / 4294967296) * below);
  }
}
