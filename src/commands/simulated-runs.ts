/** What `simulate` does with its runs: each is simulated, written where asked, judged, told, and made small when it fails. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { notify, writeLine } from "../cli/output.ts";
import { UserError, exitStatus } from "../errors.ts";
import { faultKinds } from "../sim/fault-kinds.ts";
import type { FaultKind } from "../sim/fault-kinds.ts";
import type { PlantedBug } from "../sim/planted-bug.ts";
import { plantedBug } from "../sim/planted-bugs.ts";
import { parseScenario } from "../sim/scenario.ts";
import type { Scenario, StorageMode } from "../sim/scenario.ts";
import type { SimulationOptions } from "../sim/simulation.ts";
import { writeTraces } from "../sim/write-traces.ts";
import { checkedScenario, smallestScenario, writeScenario } from "./simulated-failure.ts";
import { RunsCount, runText, summaryText } from "./simulated-report.ts";
import { checkedRun, failureOf } from "./simulated-run.ts";
import type { CheckedRun } from "./simulated-run.ts";

export interface SimulatedRuns {
  readonly seed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly seconds: number;
  readonly pace: number;
  readonly clients: number;
  readonly thinkMs: number;
  readonly storage: StorageMode;
  readonly faults?: string | undefined;
  readonly planted?: string | undefined;
  readonly scenario?: string | undefined;
  readonly out?: string | undefined;
  /** Seconds that a failure may take to be made small; 0: it is not. */
  readonly shrinkSeconds: number;
  readonly specDirectory: string;
  readonly json: boolean;
}

/** Stops at the first run that breaks a law. Resolves to the exit status. */
export async function runSimulations(options: SimulatedRuns): Promise<number> {
  const count = new RunsCount();
  let written: string | undefined;
  const take = async (run: CheckedRun, how: SimulationOptions | undefined): Promise<boolean> => {
    count.add(run);
    writeRun(run, options);
    if (!options.json) await writeLine(runText(run));
    if (failureOf(run) === undefined) return true;
    if (how !== undefined && options.shrinkSeconds > 0) written = await writeFailure(how, run, options);
    return false;
  };
  if (options.scenario === undefined) {
    for (const how of plannedRuns(options)) if (!(await take(await checkedRun(how, options), how))) break;
  } else {
    await take(await playFile(options.scenario, options), undefined);
  }
  const summary = count.summary();
  if (options.json) await writeLine(JSON.stringify({ ...summary, ...(written === undefined ? {} : { scenario: written }) }, null, 2));
  else await writeLine(summaryText(summary));
  return summary.failedSeeds.length === 0 ? exitStatus.ok : exitStatus.verificationFailed;
}

function* plannedRuns({ seed, seeds, nodes, seconds, pace, clients, thinkMs, planted, faults }: SimulatedRuns): Generator<SimulationOptions> {
  const kinds = faultsNamed(faults);
  for (let at = 0; at < seeds; at += 1) {
    // A bug keeps notes of its run, so that each run needs its own.
    yield { seed: seed + at, nodes, seconds, pace, clients, thinkMs, faults: kinds, planted: bugNamed(planted) };
  }
}

function bugNamed(name: string | undefined): PlantedBug | null {
  return name === undefined ? null : plantedBug(name);
}

function playFile(path: string, { planted, specDirectory }: SimulatedRuns): Promise<CheckedRun> {
  const scenario: Scenario = parseScenario(readFileSync(path, "utf8"), path);
  return checkedScenario(scenario, bugNamed(planted ?? scenario.planted), specDirectory);
}

function faultsNamed(text: string | undefined): "swarm" | readonly FaultKind[] {
  if (text === undefined) return "swarm";
  if (text === "none") return [];
  return text.split(",").map((word) => {
    const kind = faultKinds.find((known) => known === word);
    if (kind === undefined) throw new UserError("INVALID_ARGUMENT", `there is no fault ${word}`, { next: `Known are ${faultKinds.join(", ")}.` });
    return kind;
  });
}

function writeRun({ result }: CheckedRun, { out, seeds }: SimulatedRuns): void {
  if (out === undefined) return;
  if (result.lines.every(({ lines }) => lines.length === 0)) return notify("a run of more than an hour was judged while it ran: its traces are not kept");
  const directory = seeds > 1 ? join(out, `seed-${result.seed}`) : out;
  writeTraces(result, directory);
  notify(`traces of seed ${result.seed} are in ${directory}`);
}

async function writeFailure(how: SimulationOptions, run: CheckedRun, options: SimulatedRuns): Promise<string | undefined> {
  notify(`seed ${how.seed} failed (${failureOf(run)}); looking for a smaller scenario, for ${options.shrinkSeconds} s at most`);
  const fresh = { ...how, planted: bugNamed(options.planted) };
  const scenario = await smallestScenario(fresh, run, { ...options, planted: options.planted });
  if (scenario === undefined) {
    notify("its schedule of faults does not show it again");
    return undefined;
  }
  const path = writeScenario(scenario, options.out ?? ".");
  const size = `${scenario.nodes} nodes, ${scenario.steps.length} steps, ${scenario.seconds} s`;
  notify(`${path} shows it with ${size}; play it with \`blixard simulate --scenario ${path}\``);
  return path;
}
