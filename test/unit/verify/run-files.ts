/** The files of a run in memory, to be damaged. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { findRuns } from "../../../src/trace/trace-files.ts";
import type { Line } from "./line-change.ts";

export interface RunFile {
  /** Below the directory of the run. */
  readonly path: string;
  readonly lines: readonly Line[];
  /** Sequence numbers in place of those that the lines have. */
  readonly numbers?: readonly number[];
}

export type Files = readonly RunFile[];

/** Clocks are doubled, which leaves room for a repeated line between two others; their order stays. */
export function filesOf(run: string): Files {
  return findRuns([run]).flatMap(({ files }) =>
    files.map((path) => {
      const texts = readFileSync(path, "utf8").split("\n").slice(0, -1);
      const lines = texts.map((text) => JSON.parse(text) as Line).map((line) => ({ ...line, clock: line.clock * 2 }));
      return { path: relative(run, path), lines };
    }),
  );
}

/** The lines of a file with the numbers that they have in it. */
export function numbered({ lines, numbers }: RunFile): readonly Line[] {
  return numbers === undefined ? lines : lines.map((line, at) => (line.seq === numbers[at] ? line : { ...line, seq: numbers[at]! }));
}

/** Writes the run into `directory`, which is emptied before. */
export function writeFiles(directory: string, files: Files): void {
  rmSync(directory, { recursive: true, force: true });
  for (const file of files) {
    const target = join(directory, file.path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, numbered(file).map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
}
