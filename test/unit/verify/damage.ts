/**
 * Damages a trace in one line at a time and counts how often the judge notices. Each damage is made twice: plainly, where
 * the numbers of the lines give it away, and hidden, where lines are numbered anew so that only the specification can.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { findRuns } from "../../../src/trace/trace-files.ts";
import { verifyTraces, type VerifyOptions } from "../../../src/verify/check.ts";
import { changesOf, type Line } from "./line-change.ts";

export type DamageKind = "drop" | "duplicate" | "swap" | "field";

export interface Damage {
  readonly kind: DamageKind;
  /** Lines were numbered anew, so that no gap shows. Of a changed field there is nothing to hide. */
  readonly hidden: boolean;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly event: string;
  /** `drop AppendEntries`, `field AppendEntries.leaderCommit`: what to argue about, without the place. */
  readonly name: string;
  readonly what: string;
}

export interface DamageReport {
  readonly total: number;
  readonly rejected: number;
  /** The damages that the judge accepted. */
  readonly accepted: readonly Damage[];
  readonly undecided: readonly Damage[];
  /** By kind, hidden ones apart: made, and rejected. */
  readonly byKind: Readonly<Record<string, { made: number; rejected: number }>>;
}

export interface DamageOptions extends Omit<VerifyOptions, "paths"> {
  /** Directory of one run. */
  readonly run: string;
  /** At most so many, spread evenly; all when not said. */
  readonly most?: number;
}

interface TraceText {
  readonly path: string;
  readonly lines: readonly Line[];
}

interface Planned {
  readonly damage: Damage;
  /** The lines of the file in its place; `seq` is put right afterwards when the damage is hidden. */
  readonly lines: readonly Line[];
}

/** Damages every line of the run in every way, or `most` of them, and judges each. */
export async function damageReport({ run, most, ...options }: DamageOptions): Promise<DamageReport> {
  const files = readRun(run);
  const copy = mkdtempSync(join(tmpdir(), "blixard-damage-"));
  try {
    const all = [...planned(files)];
    const stride = most === undefined || most >= all.length ? 1 : all.length / most;
    const chosen = Array.from({ length: Math.floor(all.length / stride) }, (_, at) => all[Math.floor(at * stride)]!);
    const accepted: Damage[] = [];
    const undecided: Damage[] = [];
    const byKind: Record<string, { made: number; rejected: number }> = {};
    for (const plan of chosen) {
      write(copy, run, files, plan);
      const { kind } = await verifyTraces({ ...options, paths: [copy] });
      if (kind === "accepted") accepted.push(plan.damage);
      if (kind === "undecided") undecided.push(plan.damage);
      const row = (byKind[`${plan.damage.hidden ? "hidden " : ""}${plan.damage.kind}`] ??= { made: 0, rejected: 0 });
      row.made++;
      if (kind === "rejected") row.rejected++;
    }
    return { total: chosen.length, rejected: chosen.length - accepted.length - undecided.length, accepted, undecided, byKind };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The report as lines of text; damages that were accepted are joined by name. */
export function damageText(report: DamageReport): string {
  const rows = Object.entries(report.byKind).map(([kind, { made, rejected }]) => `  ${kind.padEnd(17)} ${rejected} of ${made}`);
  const names = new Map<string, number>();
  for (const { name, hidden } of report.accepted) {
    const key = hidden ? `hidden ${name}` : name;
    names.set(key, (names.get(key) ?? 0) + 1);
  }
  const accepted = [...names].sort((a, b) => b[1] - a[1]).map(([name, count]) => `  accepted: ${name} (${count})`);
  const share = ((100 * report.rejected) / Math.max(1, report.total)).toFixed(1);
  return [`${report.rejected} of ${report.total} damages rejected (${share} %), ${report.undecided.length} undecided`, ...rows, ...accepted].join("\n");
}

function readRun(run: string): readonly TraceText[] {
  return findRuns([run]).flatMap(({ files }) =>
    files.map((path) => {
      const texts = readFileSync(path, "utf8").split("\n").slice(0, -1);
      // Even clocks leave room for a repeated line between two others; their order stays.
      return { path, lines: texts.map((text) => JSON.parse(text) as Line).map((line) => ({ ...line, clock: line.clock * 2 })) };
    }),
  );
}

function* planned(files: readonly TraceText[]): Generator<Planned> {
  for (const { path, lines } of files) {
    for (const [at, line] of lines.entries()) {
      const damage = (kind: DamageKind, hidden: boolean, detail = "", what = ""): Damage => {
        const name = `${kind} ${line.event}${detail}`;
        return { kind, hidden, file: path, line: at + 1, event: line.event, name, what: `${basename(path)}:${at + 1} ${name} ${what}`.trimEnd() };
      };
      for (const hidden of [false, true]) {
        if (at > 0) {
          yield { damage: damage("drop", hidden), lines: lines.toSpliced(at, 1) };
          yield { damage: damage("duplicate", hidden), lines: lines.toSpliced(at, 0, { ...line, clock: line.clock - (hidden ? 1 : 0) }) };
        }
        const next = lines[at + 1];
        if (at > 0 && next !== undefined) yield { damage: damage("swap", hidden), lines: swapped(lines, at, hidden) };
      }
      for (const { field, value, line: changed } of changesOf(line, files)) {
        yield { damage: damage("field", false, `.${field}`, value), lines: lines.with(at, changed) };
      }
    }
  }
}

function swapped(lines: readonly Line[], at: number, hidden: boolean): readonly Line[] {
  const [first, second] = [lines[at]!, lines[at + 1]!];
  if (!hidden) return lines.with(at, second).with(at + 1, first);
  return lines.with(at, { ...second, clock: first.clock }).with(at + 1, { ...first, clock: second.clock });
}

/** Writes the run with the damage into `copy`, whole: files are small. */
function write(copy: string, run: string, files: readonly TraceText[], plan: Planned): void {
  const { damage } = plan;
  const sequence = new Map<string, number>();
  for (const { path, lines } of files) {
    let written = path === damage.file ? plan.lines : lines;
    if (damage.hidden) {
      written = written.map((line) => {
        const seq = (sequence.get(line.node) ?? 0) + 1;
        sequence.set(line.node, seq);
        return { ...line, seq };
      });
    }
    const target = join(copy, path.slice(run.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, written.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}
