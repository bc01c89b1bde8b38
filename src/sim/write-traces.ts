/** Puts the traces of a run into files like those of daemons: one directory a node, one file an incarnation. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TraceLine } from "../trace/event.ts";
import type { SimulationResult } from "./simulate.ts";

/** Writes `directory/<name>/trace-<incarnation>-0001.jsonl`; returns the paths. */
export function writeTraces(result: SimulationResult, directory: string): readonly string[] {
  const paths: string[] = [];
  for (const { name, lines } of result.lines) {
    const home = join(directory, name);
    mkdirSync(home, { recursive: true });
    for (const [incarnation, part] of byIncarnation(lines)) {
      const path = join(home, `trace-${String(incarnation).padStart(6, "0")}-0001.jsonl`);
      writeFileSync(path, part.map((line) => `${JSON.stringify(line)}\n`).join(""));
      paths.push(path);
    }
  }
  return paths;
}

function byIncarnation(lines: readonly TraceLine[]): ReadonlyMap<number, readonly TraceLine[]> {
  const parts = new Map<number, TraceLine[]>();
  for (const line of lines) {
    const part = parts.get(line.incarnation);
    if (part === undefined) parts.set(line.incarnation, [line]);
    else part.push(line);
  }
  return parts;
}
