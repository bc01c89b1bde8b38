/** What `simulate` tells of its runs. */

import type { CheckedRun } from "./simulated-run.ts";
import { failureOf, findingsText } from "./simulated-run.ts";

/** One line for a run, and its findings. */
export function runText(run: CheckedRun): string {
  const { stats, seed, faults, traceHash } = run.result;
  const mark = failureOf(run) === undefined ? "ok  " : "FAIL";
  const head = `${mark} seed ${seed}  ${stats.virtualSeconds.toFixed(0)} s  ${stats.lines} lines  ${stats.acknowledged} acknowledged`;
  return `${head}  ${stats.elections} elections  ${stats.faults} faults  trace ${traceHash.slice(0, 12)}  ${faults.join(",")}${findingsText(run)}`;
}

/** Sums over all runs. */
export interface RunsSummary {
  readonly runs: number;
  readonly failedSeeds: readonly number[];
  readonly virtualSeconds: number;
  readonly virtualSecondsPerSecond: number;
  readonly linesVerifiedPerSecond: number;
  readonly lines: number;
  readonly acknowledged: number;
  readonly outcomesUnknown: number;
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  readonly messagesDropped: number;
  readonly messagesDuplicated: number;
  readonly messagesLate: number;
  readonly elections: number;
  readonly damageFound: number;
  readonly problems: readonly string[];
  readonly traceHashes: readonly string[];
}

/** Counts one run after the other, and forgets them. */
export class RunsCount {
  readonly #sums = { virtualSeconds: 0, lines: 0, acknowledged: 0, outcomesUnknown: 0, faults: 0, messagesDropped: 0, messagesDuplicated: 0, messagesLate: 0, elections: 0, damageFound: 0 };
  readonly #byKind = new Map<string, number>();
  readonly #failedSeeds: number[] = [];
  readonly #problems: string[] = [];
  readonly #traceHashes: string[] = [];
  #runs = 0;
  #simulatedInMs = 0;
  #verifiedInMs = 0;

  add(run: CheckedRun): void {
    const { stats, seed, problems, traceHash } = run.result;
    const sums = this.#sums;
    this.#runs += 1;
    this.#simulatedInMs += run.simulatedInMs;
    this.#verifiedInMs += run.verifiedInMs;
    sums.virtualSeconds += stats.virtualSeconds;
    sums.lines += stats.lines;
    sums.acknowledged += stats.acknowledged;
    sums.outcomesUnknown += run.history.unknown;
    sums.faults += stats.faults;
    sums.messagesDropped += stats.dropped;
    sums.messagesDuplicated += stats.duplicated;
    sums.messagesLate += stats.late;
    sums.elections += stats.elections;
    sums.damageFound += stats.damageFound;
    for (const [kind, count] of Object.entries(stats.byKind)) this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + count);
    this.#traceHashes.push(traceHash);
    const failure = failureOf(run);
    if (failure === undefined) return;
    this.#failedSeeds.push(seed);
    this.#problems.push(...(problems.length > 0 ? problems : [failure]));
  }

  summary(): RunsSummary {
    const { virtualSeconds, lines } = this.#sums;
    return {
      runs: this.#runs,
      failedSeeds: this.#failedSeeds,
      ...this.#sums,
      virtualSecondsPerSecond: virtualSeconds / (this.#simulatedInMs / 1_000),
      linesVerifiedPerSecond: lines / (this.#verifiedInMs / 1_000),
      faultsByKind: Object.fromEntries([...this.#byKind].sort((a, b) => b[1] - a[1])),
      problems: this.#problems,
      traceHashes: this.#traceHashes,
    };
  }
}

/** Of runs that several processes made at the same time: sums; speeds are the means of the processes. */
export function joinedSummaries(parts: readonly RunsSummary[]): RunsSummary {
  const sum = (of: (part: RunsSummary) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const kinds = [...new Set(parts.flatMap(({ faultsByKind }) => Object.keys(faultsByKind)))];
  const byKind = kinds.map((kind) => [kind, sum(({ faultsByKind }) => faultsByKind[kind] ?? 0)] as const).sort((a, b) => b[1] - a[1]);
  return {
    runs: sum(({ runs }) => runs),
    failedSeeds: parts.flatMap(({ failedSeeds }) => failedSeeds),
    virtualSeconds: sum(({ virtualSeconds }) => virtualSeconds),
    virtualSecondsPerSecond: sum((part) => part.virtualSecondsPerSecond) / parts.length,
    linesVerifiedPerSecond: sum((part) => part.linesVerifiedPerSecond) / parts.length,
    lines: sum(({ lines }) => lines),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    outcomesUnknown: sum(({ outcomesUnknown }) => outcomesUnknown),
    faults: sum(({ faults }) => faults),
    faultsByKind: Object.fromEntries(byKind),
    messagesDropped: sum(({ messagesDropped }) => messagesDropped),
    messagesDuplicated: sum(({ messagesDuplicated }) => messagesDuplicated),
    messagesLate: sum(({ messagesLate }) => messagesLate),
    elections: sum(({ elections }) => elections),
    damageFound: sum(({ damageFound }) => damageFound),
    problems: parts.flatMap(({ problems }) => problems),
    traceHashes: parts.flatMap(({ traceHashes }) => traceHashes),
  };
}

export function summaryText(summary: RunsSummary): string {
  const round = (value: number): string => Math.round(value).toLocaleString("en-US");
  const { runs, failedSeeds, faultsByKind } = summary;
  const bad = failedSeeds.length > 0 ? `, broken with seed ${failedSeeds.join(", ")}` : ", all accepted";
  const hours = summary.virtualSeconds / 3_600;
  const kinds = Object.entries(faultsByKind).map(([kind, count]) => `${kind} ${round(count)}`);
  return [
    [
      `${runs} ${runs === 1 ? "run" : "runs"}${bad}`,
      `${round(summary.virtualSeconds)} simulated seconds (${hours.toFixed(1)} hours) at ${round(summary.virtualSecondsPerSecond)} a second`,
      `${round(summary.lines)} lines verified at ${round(summary.linesVerifiedPerSecond)} a second`,
      `${round(summary.acknowledged)} acknowledged requests, ${round(summary.outcomesUnknown)} of unknown outcome, ${round(summary.elections)} elections`,
    ].join("; "),
    `${round(summary.faults)} faults${kinds.length === 0 ? "" : `: ${kinds.join(", ")}`}`,
    `messages: ${round(summary.messagesDropped)} lost, ${round(summary.messagesDuplicated)} twice, ${round(summary.messagesLate)} late`,
  ].join("\n");
}
