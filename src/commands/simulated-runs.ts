/** What `simulate` does with its runs: each is simulated, written where asked, judged, and told in one line. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { notify, writeLine } from "../cli/output.ts";
import { UserError, exitStatus } from "../errors.ts";
import { faultKinds } from "../sim/fault-kinds.ts";
import type { FaultKind } from "../sim/fault-kinds.ts";
import type { PlantedBug } from "../sim/planted-bug.ts";
import { plantedBug } from "../sim/planted-bugs.ts";
import { parseScenario, playScenario } from "../sim/scenario.ts";
import { simulate } from "../sim/simulate.ts";
import type { SimulationResult } from "../sim/simulate.ts";
import { writeTraces } from "../sim/write-traces.ts";
import { verifyLines } from "../verify/check.ts";
import { verdictText } from "../verify/report.ts";
import type { Verdict } from "../verify/verdict.ts";

export interface SimulatedRuns {
  readonly seed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly seconds: number;
  readonly faults?: string | undefined;
  readonly planted?: string | undefined;
  readonly scenario?: string | undefined;
  readonly out?: string | undefined;
  readonly specDirectory: string;
  readonly json: boolean;
}

interface Run {
  readonly result: SimulationResult;
  readonly verdict: Verdict;
  readonly simulatedInMs: number;
  readonly verifiedInMs: number;
}

/** Stops at the first run that breaks a law. Resolves to the exit status. */
export async function runSimulations(options: SimulatedRuns): Promise<number> {
  const runs: Run[] = [];
  for (const simulated of eachRun(options)) {
    const run = await judged(simulated, options);
    runs.push(run);
    if (!options.json) await writeLine(runText(run));
    if (!isGood(run)) break;
  }
  await writeLine(options.json ? JSON.stringify(summaryOf(runs), null, 2) : summaryText(runs));
  return runs.every(isGood) ? exitStatus.ok : exitStatus.verificationFailed;
}

interface Simulated {
  readonly result: SimulationResult;
  readonly simulatedInMs: number;
}

function* eachRun(options: SimulatedRuns): Generator<Simulated> {
  const { scenario, seed, seeds, nodes, seconds, planted } = options;
  // A bug keeps notes of its run, so that each run needs its own.
  const bug = (): PlantedBug | null => (planted === undefined ? null : plantedBug(planted));
  if (scenario !== undefined) {
    const parsed = parseScenario(readFileSync(scenario, "utf8"), scenario);
    return void (yield timed(() => playScenario(parsed, bug())));
  }
  const faults = faultsNamed(options.faults);
  for (let at = 0; at < seeds; at += 1) yield timed(() => simulate({ seed: seed + at, nodes, seconds, faults, planted: bug() }));
}

function timed(run: () => SimulationResult): Simulated {
  const began = performance.now();
  const result = run();
  return { result, simulatedInMs: performance.now() - began };
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

async function judged({ result, simulatedInMs }: Simulated, options: SimulatedRuns): Promise<Run> {
  const { out, seeds, specDirectory } = options;
  if (out !== undefined) {
    const directory = seeds > 1 ? join(out, `seed-${result.seed}`) : out;
    writeTraces(result, directory);
    notify(`traces of seed ${result.seed} are in ${directory}`);
  }
  const began = performance.now();
  const verdict = await verifyLines(result.lines.map(({ lines }) => lines), { specDirectory });
  return { result, verdict, simulatedInMs, verifiedInMs: performance.now() - began };
}

function isGood({ result, verdict }: Run): boolean {
  return verdict.kind === "accepted" && result.problems.length === 0;
}

function runText(run: Run): string {
  const { result, verdict } = run;
  const { stats, seed, faults, problems, traceHash } = result;
  const mark = isGood(run) ? "ok  " : "FAIL";
  const head = `${mark} seed ${seed}  ${stats.virtualSeconds.toFixed(0)} s  ${stats.lines} lines  ${stats.acknowledged} acknowledged`;
  const tail = `${stats.elections} elections  ${stats.faults} faults  trace ${traceHash.slice(0, 12)}  ${faults.join(",")}`;
  const told = problems.map((problem) => `\n       ${problem}`).join("");
  return `${head}  ${tail}${told}${verdict.kind === "accepted" ? "" : `\n${verdictText(verdict)}`}`;
}

function summaryOf(runs: readonly Run[]): Readonly<Record<string, unknown>> {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const failed = runs.filter((run) => !isGood(run));
  return {
    runs: runs.length,
    failedSeeds: failed.map(({ result }) => result.seed),
    virtualSeconds: sum(({ result }) => result.stats.virtualSeconds),
    virtualSecondsPerSecond: sum(({ result }) => result.stats.virtualSeconds) / (sum((run) => run.simulatedInMs) / 1_000),
    linesVerifiedPerSecond: sum(({ result }) => result.stats.lines) / (sum((run) => run.verifiedInMs) / 1_000),
    lines: sum(({ result }) => result.stats.lines),
    acknowledged: sum(({ result }) => result.stats.acknowledged),
    faults: sum(({ result }) => result.stats.faults),
    messagesDropped: sum(({ result }) => result.stats.dropped),
    elections: sum(({ result }) => result.stats.elections),
    problems: failed.flatMap(({ result }) => result.problems),
    traceHashes: runs.map(({ result }) => result.traceHash),
  };
}

function summaryText(runs: readonly Run[]): string {
  const { runs: count, failedSeeds, ...all } = summaryOf(runs) as { runs: number; failedSeeds: number[] } & Record<string, number>;
  const round = (value: number | undefined): string => Math.round(value ?? 0).toLocaleString("en-US");
  const bad = failedSeeds.length > 0 ? `, broken with seed ${failedSeeds.join(", ")}` : ", all accepted";
  return [
    `${count} ${count === 1 ? "run" : "runs"}${bad}`,
    `${round(all["virtualSeconds"])} simulated seconds at ${round(all["virtualSecondsPerSecond"])} a second`,
    `${round(all["lines"])} lines verified at ${round(all["linesVerifiedPerSecond"])} a second`,
    `${round(all["acknowledged"])} acknowledged requests, ${round(all["faults"])} faults, ${round(all["elections"])} elections`,
  ].join("; ");
}
