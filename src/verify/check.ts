/** The judge's door: traces in, a verdict out. */

import { UserError } from "../errors.ts";
import type { TraceLine } from "../trace/event.ts";
import { TraceFault } from "../trace/fault.ts";
import { MemoryLines } from "../trace/memory-lines.ts";
import { mergeLines, openRun } from "../trace/merge.ts";
import { findRuns, type TraceRun } from "../trace/trace-files.ts";
import { Examination } from "./examination.ts";
import { judgeInThreads } from "./threads.ts";
import { faultVerdict, type JudgeOptions, judgeRun, type VerifyProgress } from "./run-judge.ts";
import { type RunVerdict, summed } from "./sum.ts";
import type { Verdict } from "./verdict.ts";

export type { JudgeOptions, VerifyProgress } from "./run-judge.ts";
export type { RunVerdict } from "./sum.ts";

export interface VerifyOptions extends JudgeOptions {
  /** Directories and files; a directory with a `verdict.json` is a run of its own. */
  readonly paths: readonly string[];
  /** Judge without the last line of a file where it was cut off. */
  readonly allowTorn?: boolean;
  /** How many threads judge; 1 when not said. The verdict does not depend on it. */
  readonly jobs?: number;
  /** Judge the runs behind one that is rejected, too. */
  readonly keepGoing?: boolean;
}

export interface VerifyResult {
  /** Of all runs: accepted, or the first that is not. */
  readonly verdict: Verdict;
  /** Each run by itself, in order; without `keepGoing` up to the first that is not accepted. */
  readonly runs: readonly RunVerdict[];
}

/**
 * Holds traces against the specification itself: every line must be a step that `Step(e)` allows, and every invariant
 * and property must hold. Stops at the first line that does not fit. Throws only where no verdict is possible: a path
 * that is not there, a specification that cannot be read.
 */
export async function verifyTraces(options: VerifyOptions): Promise<Verdict> {
  return (await verifyRuns(options)).verdict;
}

/** The same, and what became of each run. */
export async function verifyRuns(options: VerifyOptions): Promise<VerifyResult> {
  const startedMs = performance.now();
  const { paths, jobs = 1, keepGoing = false, group } = options;
  const found = findRuns(paths);
  const judged = jobs > 1 ? judgeInThreads(found, options) : judgeInTurn(found, options);
  const runs: RunVerdict[] = [];
  for await (const run of judged) {
    runs.push(run);
    if (run.verdict.kind !== "accepted" && !keepGoing) break;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return { verdict: somethingChecked(summed(runs, seconds), paths.join(" "), group), runs };
}

/** The same for one run whose lines are in memory, by node. */
export async function verifyLines(traces: readonly (readonly TraceLine[])[], options: JudgeOptions): Promise<Verdict> {
  const nodes: { node: string; name: string; lines: readonly TraceLine[] }[] = [];
  for (const lines of traces) {
    const header = lines[0];
    if (header === undefined) continue;
    nodes.push({ node: header.node, name: header.event === "Header" ? header.name : header.node, lines });
  }
  const verdict = await judgeRun(() => ({ nodes, lines: mergeLines(nodes.map(({ node, lines }) => new MemoryLines(node, lines))) }), options);
  return somethingChecked(verdict, "the run", options.group);
}

/** One run of those found. */
export function judgeFiles(run: TraceRun, { allowTorn = false, ...options }: JudgeOptions & { readonly allowTorn?: boolean }): Promise<Verdict> {
  return judgeRun((warn) => openRun(run, { schema: true, allowTorn, warn }), options);
}

async function* judgeInTurn(runs: readonly TraceRun[], options: VerifyOptions): AsyncGenerator<RunVerdict> {
  const startedMs = performance.now();
  let before = 0;
  for (const run of runs) {
    const onProgress = ({ lines }: VerifyProgress): void => options.onProgress?.({ lines: before + lines, seconds: (performance.now() - startedMs) / 1000 });
    const verdict = await judgeFiles(run, { ...options, onProgress });
    before += verdict.lines;
    yield { run: run.root, verdict };
  }
}

/** To have looked at nothing is no success. */
function somethingChecked(verdict: Verdict, where: string, group: string | undefined): Verdict {
  if (verdict.kind !== "accepted" || verdict.steps > 0) return verdict;
  const what = `no step of ${group === undefined ? "any node" : `group ${group}`} is there, so nothing was checked`;
  const fault = new TraceFault("TRACE_EMPTY", where, 0, what, "Name the directory that holds the .jsonl files of a run.");
  const { kind: _kind, ...examined } = verdict;
  return { ...faultVerdict(fault, new Examination()), ...examined };
}

/** The error that a command ends with; undefined when the traces were accepted. */
export function errorOf(verdict: Verdict): UserError | undefined {
  if (verdict.kind === "accepted") return undefined;
  const place = verdict.line === 0 ? verdict.file : `${verdict.file}:${verdict.line}`;
  const next = verdict.next === undefined ? {} : { next: verdict.next };
  return new UserError(verdict.kind === "undecided" ? "UNDECIDED" : verdict.code, `${place}: ${verdict.what}`, next);
}
