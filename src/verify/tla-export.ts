/**
 * A trace as a directory that TLC runs unchanged: the lines as a TLA+ module, the specification, a configuration. Only the
 * standard modules of TLC are needed: the lines are records in the module, nothing is read from a file.
 */

import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import type { TraceLine } from "../trace/event.ts";
import { openRun } from "../trace/merge.ts";
import { findRuns } from "../trace/trace-files.ts";
import { chunkHead, chunkTail, chunkSize, configurationText, foot, head, readmeText, recordText } from "./tla-export-text.ts";

export interface TlaExportOptions {
  readonly paths: readonly string[];
  /** Made when it is not there; refused when something is in it. */
  readonly directory: string;
  readonly specDirectory: string;
  /** Only that group. */
  readonly group?: string;
  readonly allowTorn: boolean;
  readonly warn: (text: string) => void;
}

export interface ExportedGroup {
  readonly group: string;
  readonly directory: string;
  readonly lines: number;
}

const module = "BlixardTrace";

/** Exports one run; of several groups each into a directory by its name. */
export function exportTla(options: TlaExportOptions): readonly ExportedGroup[] {
  const { paths, directory, group, allowTorn, warn } = options;
  const [run, another] = findRuns(paths);
  if (run === undefined || another !== undefined) {
    throw new UserError("INVALID_ARGUMENT", run === undefined ? `there is no trace at ${paths.join(" ")}` : `these are several runs: ${run.root}, ${another?.root ?? ""}, …`, {
      next: "Name the traces of one run of one cluster.",
    });
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new UserError("ALREADY_EXISTS", `${directory} is not empty.`, { next: "Name a new directory." });
  }
  mkdirSync(directory, { recursive: true });
  const { nodes, lines } = openRun(run, { schema: true, allowTorn, warn });
  const servers = nodes.map(({ node }) => node);
  const writers = new Map<string, GroupWriter>();
  for (const { line } of lines) {
    if (line.event === "Header" || (group !== undefined && line.group !== group)) continue;
    let writer = writers.get(line.group);
    if (writer === undefined) writers.set(line.group, (writer = new GroupWriter(join(directory, line.group), line.group)));
    writer.add(line);
  }
  if (writers.size === 0) {
    throw new UserError("TRACE_EMPTY", `no step${group === undefined ? "" : ` of group ${group}`} is in the trace`, { next: "Name the directory that holds the .jsonl files of a run." });
  }
  return [...writers.values()].map((writer) => writer.finish(options.specDirectory, servers));
}

/** Writes the directory of one group, some lines at a time. */
class GroupWriter {
  readonly #directory: string;
  readonly #group: string;
  readonly #module: string;
  #waiting: TraceLine[] = [];
  #lines = 0;
  #chunks = 0;

  constructor(directory: string, group: string) {
    this.#directory = directory;
    this.#group = group;
    this.#module = join(directory, `${module}File.tla`);
    mkdirSync(directory);
    writeFileSync(this.#module, head(module, group));
    writeFileSync(join(directory, "trace.ndjson"), "");
  }

  add(line: TraceLine): void {
    this.#waiting.push(line);
    this.#lines++;
    if (this.#waiting.length === chunkSize) this.#write();
  }

  finish(specDirectory: string, servers: readonly string[]): ExportedGroup {
    if (this.#waiting.length > 0) this.#write();
    appendFileSync(this.#module, foot(this.#chunks));
    for (const name of modulesOf(specDirectory, module)) copyFileSync(join(specDirectory, `${name}.tla`), join(this.#directory, `${name}.tla`));
    const configuration = readFileSync(join(specDirectory, `${module}.cfg`), "utf8");
    writeFileSync(join(this.#directory, `${module}File.cfg`), configurationText(configuration, servers));
    writeFileSync(join(this.#directory, "README.md"), readmeText(module, this.#group, this.#lines));
    return { group: this.#group, directory: this.#directory, lines: this.#lines };
  }

  #write(): void {
    this.#chunks++;
    const first = this.#lines - this.#waiting.length + 1;
    const records = this.#waiting.map((line) => `    ${recordText(line)}`).join(",\n");
    appendFileSync(this.#module, `${chunkHead(this.#chunks, first)}${records}${chunkTail}`);
    appendFileSync(join(this.#directory, "trace.ndjson"), this.#waiting.map((line) => `${JSON.stringify(line)}\n`).join(""));
    this.#waiting = [];
  }
}

/** The module and those that it extends or instantiates, as far as they lie beside it. */
function modulesOf(directory: string, root: string): ReadonlySet<string> {
  const found = new Set([root]);
  for (const name of found) {
    const text = readFileSync(join(directory, `${name}.tla`), "utf8");
    const extended = [...text.matchAll(/\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)/g)].flatMap((match) => (match[1] ?? "").split(","));
    const instantiated = [...text.matchAll(/\bINSTANCE\s+(\w+)/g)].map((match) => match[1] ?? "");
    for (const other of [...extended, ...instantiated]) if (existsSync(join(directory, `${other.trim()}.tla`))) found.add(other.trim());
  }
  return found;
}
