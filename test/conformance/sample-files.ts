/** The lines of sample traces, for those who make new samples by changing them. */

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { verifyTraces } from "../../src/verify/check.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";

export type Line = Record<string, unknown> & { node: string; seq: number; clock: number; event: string };
export type Files = Map<string, Line[]>;

export const root = resolve(import.meta.dirname, "../../traces");

/** The lines of a run, by file. */
export function load(source: string): Files {
  const files: Files = new Map();
  for (const path of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (!path.endsWith(".jsonl")) continue;
    const lines = readFileSync(join(source, path), "utf8").trimEnd().split("\n").map((text) => JSON.parse(text) as Line);
    files.set(path, lines);
  }
  return files;
}

/** How many lines a run has, and how many of them are steps. */
export function sizeOf(source: string): { readonly lines: number; readonly steps: number } {
  const lines = [...load(source).values()].flat();
  return { lines: lines.length, steps: lines.filter(({ event }) => event !== "Header").length };
}

/** Puts sequence numbers in order over the files of each node; clocks are left as they are. */
export function renumber(files: Files): void {
  const next = new Map<string, number>();
  for (const lines of files.values()) {
    for (const line of lines) {
      const seq = (next.get(line.node) ?? 0) + 1;
      line.seq = seq;
      next.set(line.node, seq);
    }
  }
}

export interface Place {
  readonly path: string;
  readonly lines: Line[];
  readonly at: number;
  readonly line: Line;
}

export const isEvent =
  (event: string) =>
  (line: Line): boolean =>
    line.event === event;

/** The first line for which `wanted` holds. */
export function find(files: Files, wanted: (line: Line, path: string) => boolean): Place {
  for (const [path, lines] of files) {
    const at = lines.findIndex((line) => wanted(line, path));
    const line = lines[at];
    if (line !== undefined) return { path, lines, at, line };
  }
  throw new Error("the sample has no such line");
}

/** Puts a line behind another; what follows on that node moves up. */
export function insertAfter(lines: Line[], at: number, line: Line): void {
  lines.splice(at + 1, 0, line);
  for (let k = at + 1; k < lines.length; k += 1) lines[k]!.clock += 1;
}

/** Puts the lines into a new directory. */
export function write(directory: string, files: Files): void {
  rmSync(directory, { recursive: true, force: true });
  for (const [path, lines] of files) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}

/** Writes down the verdict, which must be a refusal, for a person to read before it is committed. */
export async function judge(directory: string, about: string): Promise<void> {
  const verdict = await verifyTraces({ paths: [directory], specDirectory: ownSpecDirectory() });
  if (verdict.kind !== "rejected") throw new Error(`${directory}: the verdict is ${verdict.kind}`);
  const { code, event, law, file, line, what } = verdict;
  const expected = { verdict: "rejected", about, code, at: `${relative(directory, file)}:${line}`, event: event?.event, law };
  writeFileSync(join(directory, "verdict.json"), `${JSON.stringify(expected, null, 2)}\n`);
  console.log(`${relative(root, directory)}\n  ${about}\n  ${code} ${expected.at} ${expected.event ?? ""} ${law ?? ""}: ${what}\n  ${verdict.differences[0]?.conjunct ?? ""}`);
}

