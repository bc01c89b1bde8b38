/** Verdicts of several runs, or of several shares of one run, as one. */

import type { Examined, NodeCount, Verdict } from "./verdict.ts";

/** A run under the directory or path by which it was found, and its verdict. */
export interface RunVerdict {
  readonly run: string;
  readonly verdict: Verdict;
}

/** The verdict on all runs: the first that is not accepted, with everything counted that was looked at. */
export function summed(runs: readonly RunVerdict[], seconds: number): Verdict {
  const at = runs.findIndex(({ verdict }) => verdict.kind !== "accepted");
  const looked = at < 0 ? runs : runs.slice(0, at + 1);
  const verdicts = looked.map(({ verdict }) => verdict);
  const sum = (of: (examined: Examined) => number): number => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const last = verdicts.at(-1);
  const examined: Examined = {
    runs: verdicts.length,
    lines: sum(({ lines }) => lines),
    steps: sum(({ steps }) => steps),
    nodes: nodesOf(verdicts),
    groups: counts(verdicts.map(({ groups }) => groups)),
    events: Object.fromEntries(Object.entries(counts(verdicts.map(({ events }) => events))).sort((a, b) => b[1] - a[1])),
    invariants: last?.invariants ?? [],
    properties: last?.properties ?? [],
    evaluations: sum(({ evaluations }) => evaluations),
    widest: Math.max(1, ...verdicts.map(({ widest }) => widest)),
    warnings: verdicts.flatMap(({ warnings }) => warnings),
    seconds,
  };
  return last === undefined ? { kind: "accepted", ...examined } : { ...last, ...examined };
}

/**
 * The verdict on a run whose groups were dealt out: that of the judge who stopped first. Each has read and counted all
 * lines up to where it stopped.
 */
export function firstOf(shares: readonly Verdict[]): Verdict {
  let first = shares[0];
  for (const verdict of shares) if (first === undefined || stopsBefore(verdict, first)) first = verdict;
  if (first === undefined) throw new Error("a run is judged by somebody");
  const evaluations = shares.reduce((total, verdict) => total + verdict.evaluations, 0);
  return { ...first, evaluations, widest: Math.max(...shares.map(({ widest }) => widest)) };
}

function stopsBefore(verdict: Verdict, other: Verdict): boolean {
  if (verdict.kind === "accepted" || other.kind === "accepted") return verdict.kind !== "accepted" && other.kind === "accepted";
  if (verdict.lines !== other.lines) return verdict.lines < other.lines;
  // A file that cannot be read further comes after the line that was read last.
  return verdict.event !== undefined && other.event === undefined;
}

function nodesOf(verdicts: readonly Verdict[]): readonly NodeCount[] {
  const nodes = new Map<string, NodeCount>();
  for (const { node, name, lines } of verdicts.flatMap((verdict) => verdict.nodes)) {
    nodes.set(node, { node, name, lines: (nodes.get(node)?.lines ?? 0) + lines });
  }
  return [...nodes.values()];
}

function counts(tables: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of tables.flatMap((table) => Object.entries(table))) total[name] = (total[name] ?? 0) + count;
  return total;
}
