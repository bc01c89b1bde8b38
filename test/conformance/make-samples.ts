/** Makes the samples of `traces/`: true runs, and the same with one lie each. For scripts; what they write is read by a person and committed. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { SimulationResult } from "../../src/sim/simulation.ts";
import { writeTraces } from "../../src/sim/write-traces.ts";
import { verifyTraces } from "../../src/verify/check.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";
import { type Files, load, root } from "./sample-files.ts";

/** A lie that only the specification can notice: the sample that it makes, what it is about, and how the lines of a true run are changed. */
export interface Damage {
  readonly name: string;
  readonly about: string;
  readonly change: (files: Files) => void;
}

/** Makes a sample of `traces/rejected` from the run in `source` by each of the damages, and prints its verdict. Throws when one is not rejected. */
export async function damage(source: string, damages: readonly Damage[]): Promise<void> {
  for (const { name, about, change } of damages) {
    const files = load(source);
    change(files);
    const directory = join(root, "rejected", name);
    write(directory, files);
    await judge(directory, about);
  }
}

/** Makes the sample of `traces/accepted` that a simulated run is, in place of the one of that name; returns its directory. */
export function keep(name: string, result: SimulationResult, about: string): string {
  if (result.problems.length > 0) throw new Error(result.problems.join("\n"));
  const directory = join(root, "accepted", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeTraces(result, directory);
  writeFileSync(join(directory, "verdict.json"), `${JSON.stringify({ verdict: "accepted", about }, null, 2)}\n`);
  return directory;
}

/** Puts the lines into a new directory. */
function write(directory: string, files: Files): void {
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

