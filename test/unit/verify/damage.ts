/**
 * Damages a trace in one line at a time and counts how often the judge notices. What can be hidden is made twice: plainly,
 * where the numbers of the lines give it away, and hidden, where lines are numbered anew so that only the specification can.
 */

import { changesOf, type Line } from "./line-change.ts";
import { Replay, type ReplayOptions } from "./replay.ts";
import { type Files, filesOf, type RunFile } from "./run-files.ts";

export type DamageKind = "drop" | "duplicate" | "swap" | "field";

export interface Damage {
  readonly kind: DamageKind;
  /** Lines were numbered anew, so that no gap shows. Of a changed field there is nothing to hide. */
  readonly hidden: boolean;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly event: string;
  /** `drop AppendEntries`, `hidden swap Apply`, `field AppendEntries.leaderCommit`: what to argue about, without the place. */
  readonly name: string;
  readonly what: string;
}

export interface AcceptedDamage extends Damage {
  /** The state behind the damage is what it was without it. */
  readonly same: boolean;
}

export interface DamageReport {
  readonly total: number;
  readonly rejected: number;
  /** The damages that the judge accepted. */
  readonly accepted: readonly AcceptedDamage[];
  readonly undecided: readonly Damage[];
  /** By kind, hidden ones apart: made, and rejected. */
  readonly byKind: Readonly<Record<string, { made: number; rejected: number }>>;
}

export interface DamageOptions extends ReplayOptions {
  /** Directory of one run. */
  readonly run: string;
  /** At most so many, spread evenly; all when not said. */
  readonly most?: number;
}

export interface PlannedDamage {
  readonly damage: Damage;
  /** The lines of the file in its place. */
  readonly lines: readonly Line[];
}

/** Damages every line of the run in every way, or `most` of them, and judges each. */
export async function damageReport({ run, most, ...options }: DamageOptions): Promise<DamageReport> {
  const files = filesOf(run);
  const replay = await Replay.of(files, options);
  const accepted: AcceptedDamage[] = [];
  const undecided: Damage[] = [];
  const byKind: Record<string, { made: number; rejected: number }> = {};
  const chosen = sampleOf([...planned(files)], most);
  for (const plan of chosen) {
    const { damage } = plan;
    const { kind, same } = replay.judge(damagedFiles(files, plan));
    if (kind === "accepted") accepted.push({ ...damage, same });
    if (kind === "undecided") undecided.push(damage);
    const row = (byKind[`${damage.hidden ? "hidden " : ""}${damage.kind}`] ??= { made: 0, rejected: 0 });
    row.made++;
    if (kind === "rejected") row.rejected++;
  }
  return { total: chosen.length, rejected: chosen.length - accepted.length - undecided.length, accepted, undecided, byKind };
}

/** `most` of `all`, spread evenly: the same ones each time. */
export function sampleOf<T>(all: readonly T[], most: number | undefined): readonly T[] {
  if (most === undefined || most >= all.length) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);
}

/** Reports of several runs as one. */
export function joined(reports: readonly DamageReport[]): DamageReport {
  const byKind: Record<string, { made: number; rejected: number }> = {};
  for (const [kind, { made, rejected }] of reports.flatMap((report) => Object.entries(report.byKind))) {
    const row = (byKind[kind] ??= { made: 0, rejected: 0 });
    row.made += made;
    row.rejected += rejected;
  }
  const sum = (of: (report: DamageReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const accepted = reports.flatMap((report) => report.accepted);
  const undecided = reports.flatMap((report) => report.undecided);
  return { total: sum(({ total }) => total), rejected: sum(({ rejected }) => rejected), accepted, undecided, byKind };
}

/** The report as lines of text; damages that were accepted are joined by name. */
export function damageText(report: DamageReport): string {
  const rows = Object.entries(report.byKind).map(([kind, { made, rejected }]) => `  ${kind.padEnd(17)} ${rejected} of ${made}`);
  const names = new Map<string, number>();
  for (const { name, same } of report.accepted) {
    const key = same ? `${name}, same state` : name;
    names.set(key, (names.get(key) ?? 0) + 1);
  }
  const accepted = [...names].sort((a, b) => b[1] - a[1]).map(([name, count]) => `  accepted: ${name} (${count})`);
  const share = ((100 * report.rejected) / Math.max(1, report.total)).toFixed(1);
  return [`${report.rejected} of ${report.total} damages rejected (${share} %), ${report.undecided.length} undecided`, ...rows, ...accepted].join("\n");
}

/** Every damage that can be made. */
export function* planned(files: Files): Generator<PlannedDamage> {
  for (const { path, lines } of files) {
    for (const [at, line] of lines.entries()) {
      const damage = (kind: DamageKind, hidden: boolean, detail = "", what = ""): Damage => {
        const name = `${hidden ? "hidden " : ""}${kind} ${line.event}${detail}`;
        return { kind, hidden, file: path, line: at + 1, event: line.event, name, what: `${path}:${at + 1} ${name} ${what}`.trimEnd() };
      };
      for (const hidden of [false, true]) {
        if (at > 0) {
          yield { damage: damage("drop", hidden), lines: lines.toSpliced(at, 1) };
          yield { damage: damage("duplicate", hidden), lines: lines.toSpliced(at, 0, { ...line, clock: line.clock - (hidden ? 1 : 0) }) };
        }
        const next = lines[at + 1];
        if (at > 0 && next !== undefined) yield { damage: damage("swap", hidden, hidden ? ` and ${next.event}` : ""), lines: swapped(lines, at, hidden) };
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

/** The files with the damage in them; of a hidden one the lines are numbered anew. */
export function damagedFiles(files: Files, { damage, lines }: PlannedDamage): Files {
  const sequence = new Map<string, number>();
  return files.map((file): RunFile => {
    const written = file.path === damage.file ? lines : file.lines;
    if (!damage.hidden) return { ...file, lines: written };
    const numbers = written.map(({ node }) => {
      const seq = (sequence.get(node) ?? 0) + 1;
      sequence.set(node, seq);
      return seq;
    });
    return { ...file, lines: written, numbers };
  });
}

