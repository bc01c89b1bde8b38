/** Looks for a planted bug seed by seed, and for what the same runs show without it. */

import { plantedBug } from "../../src/sim/planted-bugs.ts";
import { conditionsOf, run } from "./planted-conditions.ts";
import type { Conditions } from "./planted-conditions.ts";
import { notice } from "./planted-check.ts";
import type { Noticed } from "./planted-check.ts";

export interface Search {
  readonly name: string;
  /** Undefined: it was not caught. */
  readonly caught?: Noticed & { readonly seed: number };
  readonly seeds: number;
  readonly cpuSeconds: number;
  /** Why it was not: of the last seed that showed anything. */
  readonly instead: string | null;
}

export interface SearchBounds {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly cpuSeconds: number;
}

/** Where the known seed no longer shows it, for a change elsewhere may have moved it, those after it are tried. */
export function quickBounds(knownSeed: number): SearchBounds {
  return { firstSeed: knownSeed, seeds: 40, cpuSeconds: 30 };
}

/** Ends at the first seed at which a check that counts for the bug notices it. */
export async function search(name: string, bounds: SearchBounds): Promise<Search> {
  const { caughtBy } = plantedBug(name);
  const conditions = conditionsOf(name);
  const began = process.cpuUsage();
  let instead: string | null = null;
  for (let seeds = 1; ; seeds += 1) {
    const seed = bounds.firstSeed + seeds - 1;
    const found = await tried(conditions, seed, name);
    const { user, system } = process.cpuUsage(began);
    const cpuSeconds = (user + system) / 1e6;
    if (typeof found === "object" && found !== null && caughtBy.includes(found.by)) return { name, caught: { ...found, seed }, seeds, cpuSeconds, instead };
    if (found !== null) instead = typeof found === "string" ? `seed ${seed}: ${found}` : `seed ${seed}: caught by ${found.by} (${found.detail})`;
    if (seeds >= bounds.seeds || cpuSeconds >= bounds.cpuSeconds) return { name, seeds, cpuSeconds, instead };
  }
}

async function tried(conditions: Conditions, seed: number, name: string | null): Promise<Noticed | string | null> {
  try {
    const { noticed, besides } = await notice(run(conditions, seed, name));
    return noticed ?? (besides === null ? null : `only ${besides}`);
  } catch (error) {
    return `the check itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** Which runs: conditions and seeds, each once. */
export class Control {
  readonly #runs = new Map<string, { readonly conditions: Conditions; readonly seed: number }>();

  add(name: string, firstSeed: number, seeds: number): void {
    const conditions = conditionsOf(name);
    for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) this.#runs.set(JSON.stringify([conditions, seed]), { conditions, seed });
  }

  get size(): number {
    return this.#runs.size;
  }

  /** What was found although nothing was planted: must be empty. */
  async findings(): Promise<readonly string[]> {
    const findings: string[] = [];
    for (const { conditions, seed } of this.#runs.values()) {
      const found = await tried(conditions, seed, null);
      if (found === null) continue;
      findings.push(`seed ${seed} of ${JSON.stringify(conditions)}: ${typeof found === "string" ? found : `${found.by}: ${found.detail}`}`);
    }
    return findings;
  }
}
