/** The lines of sample traces, for those who look into them or change them. */

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

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

/** Lines of this event; with `node`, those of nodes whose directory begins so. */
export const isEvent =
  (event: string, node = "") =>
  (line: Line, path: string): boolean =>
    line.event === event && path.startsWith(node);

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
