/**
 * Scenarios: what happens to a cluster, step by step at given times, and what its trace must show. A person who knows
 * Raft and no TypeScript can read and write them.
 */

import { UserError } from "../errors.ts";
import { isScenarioStep } from "./scenario-step.ts";
import type { ScenarioStep } from "./scenario-step.ts";
import { newStage, playStep } from "./scenario-play.ts";
import type { Stage } from "./scenario-play.ts";
import { simulate } from "./simulate.ts";
import type { SimulationOptions, SimulationResult } from "./simulate.ts";
import type { PlantedBug } from "./planted-bug.ts";

export interface Scenario {
  readonly name: string;
  /** What it shows, with its section of the paper. */
  readonly about: string;
  readonly seed: number;
  readonly nodes: number;
  readonly seconds: number;
  /** Clients that write all the time; 0: only the `put` steps do. */
  readonly clients: number;
  /** Mean pause of a client between two requests; 120 when not said. */
  readonly thinkMs?: number;
  /** Share of requests that are about VMs; none when not said. */
  readonly vmShare?: number;
  /** `sqlite`: on the real storage. */
  readonly storage?: StorageMode;
  /** A bug that is planted. */
  readonly planted?: string;
  readonly steps: readonly ScenarioStep[];
  readonly expect: readonly Expectation[];
}

export const storageModes = ["memory", "sqlite"] as const;
export type StorageMode = (typeof storageModes)[number];

/** How often lines of one event must be in the trace. `where`: fields that they must have. */
export interface Expectation {
  readonly event: string;
  readonly where?: Readonly<Record<string, unknown>>;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Reads a scenario; `UserError INVALID_ARGUMENT` says what is wrong with it. `source`: where it came from. */
export function parseScenario(text: string, source: string): Scenario {
  const refuse = (what: string): never => {
    throw new UserError("INVALID_ARGUMENT", `the scenario ${source} ${what}`, { next: "See test/simulation/scenarios for examples." });
  };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return refuse(`is no JSON: ${(error as Error).message}`);
  }
  if (typeof document !== "object" || document === null) return refuse("must be an object");
  const { name, about = "", seed, nodes, seconds, clients = 0, steps = [], expect = [] } = document as Record<string, unknown>;
  const { thinkMs = 120, vmShare = 0, storage = "memory", planted } = document as Record<string, unknown>;
  if (typeof name !== "string" || typeof about !== "string") return refuse("needs a name");
  const numbers = { seed, nodes, seconds, clients, thinkMs, vmShare };
  for (const [field, value] of Object.entries(numbers)) {
    if (typeof value !== "number" || !(value >= 0)) return refuse(`needs ${field} as a number that is not negative`);
  }
  if (!storageModes.some((mode) => mode === storage)) return refuse(`has a storage that is none of ${storageModes.join(", ")}`);
  if (planted !== undefined && typeof planted !== "string") return refuse("has a planted bug that is no name");
  if (!Array.isArray(steps) || !Array.isArray(expect)) return refuse("needs steps and expect as lists");
  for (const [at, step] of steps.entries()) if (!isScenarioStep(step)) return refuse(`has a step ${at + 1} that is none: ${JSON.stringify(step)}`);
  const plain = { name, about, storage: storage as StorageMode, steps, expect, ...(planted === undefined ? {} : { planted }) };
  return { ...plain, ...(numbers as Record<keyof typeof numbers, number>) };
}

/** The simulation that plays a scenario. `missing`: called for steps that name a node which is not there; without it they fail. */
export function optionsOf(scenario: Scenario, planted: PlantedBug | null = null, missing?: (step: ScenarioStep) => void): SimulationOptions {
  const { seed, nodes, seconds, clients, thinkMs = 120, vmShare = 0, steps } = scenario;
  return {
    seed,
    nodes,
    seconds,
    faults: [],
    clients,
    thinkMs,
    vmShare,
    planted,
    script: (parts) => {
      const stage = newStage(parts);
      const { scheduler } = parts.world;
      for (const step of steps) scheduler.at(scheduler.nowMs + Math.round(step.at * 1e6) / 1_000, () => playOrMiss(stage, step, missing));
    },
  };
}

function playOrMiss(stage: Stage, step: ScenarioStep, missing: ((step: ScenarioStep) => void) | undefined): void {
  try {
    playStep(stage, step);
  } catch (error) {
    if (missing === undefined || !(error instanceof UserError)) throw error;
    missing(step);
  }
}

/** Plays a scenario in memory. Expectations that are not met are problems of the result. */
export function playScenario(scenario: Scenario, planted: PlantedBug | null = null): SimulationResult {
  return withExpectations(scenario, simulate(optionsOf(scenario, planted)));
}

/** Adds the expectations of `scenario` that `result` does not meet to its problems. */
export function withExpectations(scenario: Scenario, result: SimulationResult): SimulationResult {
  return { ...result, problems: [...result.problems, ...scenario.expect.flatMap((expectation) => unmet(result, expectation))] };
}

/** What a run by seed did, written down: played, it gives the same run. */
export function recordedScenario(options: SimulationOptions, result: SimulationResult, more: Pick<Scenario, "storage" | "planted">): Scenario {
  const { seed, nodes, seconds, clients = 3, thinkMs = 120, vmShare = 0.15 } = options;
  const steps = result.schedule.map(({ step }) => step);
  return { name: `seed-${seed}`, about: "", seed, nodes, seconds, clients, thinkMs, vmShare, ...more, steps, expect: [] };
}

function unmet(result: SimulationResult, { event, where = {}, atLeast = 1, atMost = Infinity }: Expectation): string[] {
  const wanted = Object.entries(where);
  let count = 0;
  for (const { lines } of result.lines) {
    for (const line of lines) {
      const fields = line as unknown as Record<string, unknown>;
      if (line.event === event && wanted.every(([field, value]) => JSON.stringify(fields[field]) === JSON.stringify(value))) count += 1;
    }
  }
  if (count >= atLeast && count <= atMost) return [];
  const bounds = atMost === Infinity ? `at least ${atLeast}` : `${atLeast} to ${atMost}`;
  return [`expected ${bounds} lines of ${event} ${JSON.stringify(where)}, found ${count}`];
}
