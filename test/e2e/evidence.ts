/** What can be seen from outside: trace files as they stand on disk, and the processes of VMs. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type OwnProcess, processesIn } from "./own-processes.ts";

/** A line as it is written; its form is the schema's business. */
export interface WrittenLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

export function traceFiles(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).sort().map((file) => join(directory, file));
}

/** All lines of a node's trace, in order. A last line that is being written is left out. */
export function traceLines(directory: string): readonly WrittenLine[] {
  return traceFiles(directory).flatMap((file) => {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as WrittenLine);
  });
}

/** Live VM processes that work in `directory`: all of them, or those of one VM. */
export function guestsIn(directory: string, uuid?: string): readonly OwnProcess[] {
  return processesIn(directory).filter(({ commandLine }) => {
    const at = commandLine.indexOf("-uuid");
    return at >= 0 && (uuid === undefined || commandLine[at + 1] === uuid);
  });
}
