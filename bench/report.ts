/** The figures as a table for people and as ratios for machines. */

import type { Target } from "./load-order.ts";
import type { Measurement } from "./measure.ts";

export interface Row extends Measurement {
  readonly target: Target;
  readonly clients: number;
}

/** What a target of ours is called in the ratios, and which of etcd's it stands beside. */
const beside: Readonly<Partial<Record<Target, { readonly letter: string; readonly etcd: Target }>>> = {
  "blixard-stream": { letter: "w", etcd: "etcd" },
  "blixard-unary": { letter: "u", etcd: "etcd" },
  "blixard-read": { letter: "r", etcd: "etcd-read" },
};

function etcdBeside(rows: readonly Row[], { target, clients }: Row): Row | undefined {
  return rows.find((row) => row.target === beside[target]?.etcd && row.clients === clients);
}

function ratioOf(rows: readonly Row[], row: Row): number | undefined {
  const etcd = etcdBeside(rows, row);
  return etcd === undefined ? undefined : row.operationsPerSecond / etcd.operationsPerSecond;
}

/** `w64`: writes over the session stream with 64 clients, `u64`: over unary calls, `r64`: linearizable reads; as multiples of etcd's. */
export function ratiosOf(rows: readonly Row[]): Readonly<Record<string, number>> {
  const ratios: Record<string, number> = {};
  for (const row of rows) {
    const ratio = ratioOf(rows, row);
    const letter = beside[row.target]?.letter;
    if (letter !== undefined && ratio !== undefined) ratios[`${letter}${row.clients}`] = Number(ratio.toFixed(2));
  }
  return ratios;
}

const titles = ["clients", "system", "ops/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU s/1000", "MB", "B written/op", "server CPUs", "load CPUs", "ratio"];

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    String(row.clients),
    row.target,
    row.operationsPerSecond.toFixed(0),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.p999Ms.toFixed(2),
    row.cpuSecondsPer1000.toFixed(3),
    (row.residentBytes / 1e6).toFixed(0),
    row.writtenBytesPerOperation.toFixed(0),
    row.serverCpus.toFixed(2),
    row.loadCpus.toFixed(2),
    ratioOf(rows, row)?.toFixed(2) ?? "",
  ]);
  const widths = titles.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const render = (line: readonly string[]): string => line.map((cell, at) => (at === 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ").trimEnd();
  return [titles, ...lines].map(render).join("\n");
}
