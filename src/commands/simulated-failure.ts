/** What becomes of a run that failed: a scenario that fails in the same way, as small as can be found in bounded time. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plantedBug } from "../sim/planted-bugs.ts";
import type { PlantedBug } from "../sim/planted-bug.ts";
import { optionsOf, recordedScenario, withExpectations } from "../sim/scenario.ts";
import type { Scenario, StorageMode } from "../sim/scenario.ts";
import type { ScenarioStep } from "../sim/scenario-step.ts";
import { shrink } from "../sim/shrink.ts";
import type { SimulationOptions } from "../sim/simulation.ts";
import { checkedRun, failureOf } from "./simulated-run.ts";
import type { CheckedRun } from "./simulated-run.ts";

export interface FailureOptions {
  readonly specDirectory: string;
  readonly storage: StorageMode;
  readonly planted: string | undefined;
  /** Seconds of real time after which the smallest scenario so far is taken. */
  readonly shrinkSeconds: number;
}

/** Plays a scenario under all checks; expectations that are not met are problems too. */
export function checkedScenario(scenario: Scenario, planted: PlantedBug | null, specDirectory: string, missing?: (step: ScenarioStep) => void): Promise<CheckedRun> {
  const { storage = "memory" } = scenario;
  return checkedRun(optionsOf(scenario, planted, missing), { specDirectory, storage, expect: (result) => withExpectations(scenario, result) });
}

/** A scenario that shows what `run` showed; undefined when playing its schedule does not show it. */
export async function smallestScenario(options: SimulationOptions, run: CheckedRun, failure: FailureOptions): Promise<Scenario | undefined> {
  const { storage, planted, specDirectory, shrinkSeconds } = failure;
  const wanted = failureOf(run);
  const recorded = recordedScenario(options, run.result, { storage, ...(planted === undefined ? {} : { planted }) });
  const began = performance.now();
  const trial = async (scenario: Scenario): Promise<readonly ScenarioStep[] | undefined> => {
    const missed = new Set<ScenarioStep>();
    const played = await checkedScenario(scenario, planted === undefined ? null : plantedBug(planted), specDirectory, (step) => missed.add(step));
    return failureOf(played) === wanted ? scenario.steps.filter((step) => !missed.has(step)) : undefined;
  };
  if ((await trial(recorded)) === undefined) return undefined;
  const small = await shrink(recorded, { trial, mayGoOn: () => performance.now() - began < shrinkSeconds * 1_000 });
  return { ...small, about: `Shrunk from a run with seed ${options.seed}; shows: ${wanted}` };
}

/** Writes a scenario as people would, a step a line; returns its path. */
export function writeScenario(scenario: Scenario, directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${scenario.name}.json`);
  const { steps, expect: _expect, ...head } = scenario;
  const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`);
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`);
  writeFileSync(path, `{\n${fields.join("")}  "steps": [${lines.length === 0 ? "" : `\n${lines.join(",\n")}\n  `}]\n}\n`);
  return path;
}
