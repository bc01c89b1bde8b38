/** One simulated run under all checks: the specification, linearizability, and what the simulator itself watches. */

import type { SimulationOptions, SimulationResult } from "../sim/simulation.ts";
import { runWithoutLines, streamLines } from "../sim/line-stream.ts";
import type { StorageMode } from "../sim/scenario.ts";
import { simulate } from "../sim/simulate.ts";
import { simulateWithSql } from "../sim/sql-disks.ts";
import { verifyLines } from "../verify/check.ts";
import { checkLinearizability } from "../verify/linearizability.ts";
import { linearizabilityText } from "../verify/linear-report.ts";
import type { LinearizabilityVerdict } from "../verify/linear-verdict.ts";
import { verdictText } from "../verify/report.ts";
import { judgeRun } from "../verify/run-judge.ts";
import type { Verdict } from "../verify/verdict.ts";
import { historyOf } from "./simulated-history.ts";

export interface CheckedRun {
  readonly result: SimulationResult;
  readonly verdict: Verdict;
  readonly history: LinearizabilityVerdict;
  readonly simulatedInMs: number;
  readonly verifiedInMs: number;
}

export interface CheckOptions {
  readonly specDirectory: string;
  readonly storage: StorageMode;
  /** What a scenario adds to the problems of its result. */
  readonly expect?: (result: SimulationResult) => SimulationResult;
}

/** Runs of more virtual seconds are judged while they run. */
const secondsInMemory = 3_600;
const windowMs = 30_000;

/** Runs and checks. A long run in memory is run twice: alone, and then under the judge's eyes, with the same trace. */
export async function checkedRun(options: SimulationOptions, check: CheckOptions): Promise<CheckedRun> {
  const began = performance.now();
  const long = check.storage === "memory" && options.seconds > secondsInMemory;
  const run = check.storage === "sqlite" ? await simulateWithSql(options) : long ? runWithoutLines({ ...options, windowMs }) : simulate(options);
  const simulated = performance.now();
  const result = check.expect?.(run) ?? run;
  const checked = long ? await judgeAgain(options, result, check) : { result, verdict: await judged(result, check) };
  const history = checkLinearizability(historyOf(result.requests));
  return { ...checked, history, simulatedInMs: simulated - began, verifiedInMs: performance.now() - simulated };
}

function judged(result: SimulationResult, { specDirectory }: CheckOptions): Promise<Verdict> {
  return verifyLines(result.lines.map(({ lines }) => lines), { specDirectory });
}

async function judgeAgain(options: SimulationOptions, result: SimulationResult, { specDirectory }: CheckOptions): Promise<Pick<CheckedRun, "result" | "verdict">> {
  const stream = streamLines({ ...options, windowMs });
  const verdict = await judgeRun(() => ({ nodes: result.lines, lines: stream.lines }), { specDirectory });
  const again = stream.result();
  if (again === undefined || again.traceHash === result.traceHash) return { result, verdict };
  const problem = `the same seed gave two traces: ${result.traceHash} and ${again.traceHash}`;
  return { result: { ...result, problems: [...result.problems, problem] }, verdict };
}

/** What went wrong, in short and without numbers, so that two runs can be compared; undefined when all is well. */
export function failureOf({ result, verdict, history }: CheckedRun): string | undefined {
  const [problem] = result.problems;
  if (verdict.kind === "undecided") return "undecided by the specification";
  if (verdict.kind === "rejected") return verdict.law ?? verdict.event?.event ?? verdict.code;
  if (problem !== undefined) return `problem: ${problem.replace(/\[.*/s, "").replace(/[0-9.]+/g, "#").slice(0, 120)}`;
  return history.kind === "linearizable" ? undefined : `history: ${history.kind}`;
}

/** The findings in full, a blank line before each. */
export function findingsText({ result, verdict, history }: CheckedRun): string {
  const parts = result.problems.map((problem) => `       ${problem}`);
  if (verdict.kind !== "accepted") parts.push(verdictText(verdict));
  if (history.kind !== "linearizable") parts.push(linearizabilityText(history));
  return parts.map((part) => `\n${part}`).join("");
}
