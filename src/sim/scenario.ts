/**
 * Scenarios: what happens to a cluster, step by step at given times, and what its trace must show. A person who knows
 * Raft and no TypeScript can read and write them.
 */

import { UserError } from "../errors.ts";
import { isScenarioStep } from "./scenario-step.ts";
import type { ScenarioStep } from "./scenario-step.ts";
import { newStage, playStep } from "./scenario-play.ts";
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
  readonly steps: readonly ScenarioStep[];
  readonly expect: readonly Expectation[];
}

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
  if (typeof name !== "string" || typeof about !== "string") return refuse("needs a name");
  for (const [field, value] of Object.entries({ seed, nodes, seconds, clients })) {
    if (typeof value !== "number" || !(value >= 0)) return refuse(`needs ${field} as a number that is not negative`);
  }
  if (!Array.isArray(steps) || !Array.isArray(expect)) return refuse("needs steps and expect as lists");
  for (const [at, step] of steps.entries()) if (!isScenarioStep(step)) return refuse(`has a step ${at + 1} that is none: ${JSON.stringify(step)}`);
  return { name, about, steps, expect, ...({ seed, nodes, seconds, clients } as { seed: number; nodes: number; seconds: number; clients: number }) };
}

/** Plays a scenario. Expectations that are not met are problems of the result. */
export function playScenario(scenario: Scenario, planted: PlantedBug | null = null): SimulationResult {
  const { seed, nodes, seconds, clients, steps } = scenario;
  const options: SimulationOptions = {
    seed,
    nodes,
    seconds,
    faults: [],
    clients,
    vmShare: 0,
    planted,
    script: (parts) => {
      const stage = newStage(parts);
      const { scheduler } = parts.world;
      for (const step of steps) scheduler.at(scheduler.nowMs + Math.round(step.at * 1e6) / 1_000, () => playStep(stage, step));
    },
  };
  const result = simulate(options);
  return { ...result, problems: [...result.problems, ...scenario.expect.flatMap((expectation) => unmet(result, expectation))] };
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
