/** Which files a trace consists of: found under the paths that a user names, grouped by run and by node. */

import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import type { TraceHeader, TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";
import { LineFile } from "./line-file.ts";
import { parseLine } from "./parse-line.ts";

/** Trace files that belong to one run of one cluster. */
export interface TraceRun {
  /** The directory of the run, or what the user named. */
  readonly root: string;
  readonly files: readonly string[];
}

/** The files of one node, oldest first. */
export interface NodeTrace {
  readonly node: string;
  /** Name of the node as its last header says it. */
  readonly name: string;
  readonly files: readonly TraceFile[];
}

export interface TraceFile {
  readonly path: string;
  readonly header: TraceHeader;
}

/** A directory that holds this file is a run of its own; everything else that was named belongs to one run together. */
export const verdictFile = "verdict.json";

/** Finds the `.jsonl` files under `paths`, directories searched in depth. Refuses a path that is not there. */
export function findRuns(paths: readonly string[]): readonly TraceRun[] {
  const runs = new Map<string, string[]>();
  const named = paths.join(" ");
  const seen = new Set<string>();
  for (const path of paths) walk(path, named, true, (root, file) => {
    const real = realpathSync(file);
    if (seen.has(real)) return;
    seen.add(real);
    const files = runs.get(root);
    if (files === undefined) runs.set(root, [file]);
    else files.push(file);
  });
  return [...runs].map(([root, files]) => ({ root, files }));
}

function walk(path: string, root: string, named: boolean, found: (root: string, file: string) => void): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new UserError("NOT_FOUND", `There is no trace at ${path}.`, { next: "Name a directory with .jsonl files, or the files." });
  }
  if (!stat.isDirectory()) {
    if (named || path.endsWith(".jsonl")) found(root, path);
    return;
  }
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const ownRoot = entries.some((entry) => entry.name === verdictFile) ? path : root;
  for (const entry of entries) {
    // A link to a directory is not followed, so that the walk ends.
    if (entry.isDirectory() || entry.name.endsWith(".jsonl")) walk(join(path, entry.name), ownRoot, false, found);
  }
}

/**
 * Groups the files of a run by node and puts those of each node in order, by the header of each. With `allowTorn` a
 * file whose header was cut off is passed over, and `warn` is told.
 */
export function groupByNode(run: TraceRun, allowTorn: boolean, warn: (text: string) => void): readonly NodeTrace[] {
  const byNode = new Map<string, TraceFile[]>();
  let cluster = "";
  for (const path of run.files) {
    const header = readHeader(path, allowTorn, warn);
    if (header === undefined) continue;
    if (header.cluster !== "" && cluster !== "" && header.cluster !== cluster) {
      const what = `this is of cluster ${header.cluster}, other files are of cluster ${cluster}`;
      throw new TraceFault("TRACE_INVALID", path, 1, what, "Check the traces of each cluster by themselves.");
    }
    if (header.cluster !== "") cluster = header.cluster;
    const files = byNode.get(header.node) ?? [];
    files.push({ path, header });
    byNode.set(header.node, files);
  }
  if (byNode.size === 0) {
    throw new TraceFault("TRACE_EMPTY", run.root, 0, "there is no line of a trace here", "Name the directory that holds the .jsonl files.");
  }
  return [...byNode.keys()].sort().map((node) => nodeTrace(node, byNode.get(node) ?? []));
}

function nodeTrace(node: string, files: TraceFile[]): NodeTrace {
  files.sort((a, b) => a.header.incarnation - b.header.incarnation || a.header.seq - b.header.seq);
  return { node, name: files.at(-1)?.header.name ?? node, files };
}

function readHeader(path: string, allowTorn: boolean, warn: (text: string) => void): TraceHeader | undefined {
  const lines = new LineFile(path);
  try {
    const text = lines.next();
    if (text === undefined) {
      if (!allowTorn) throw tornTail(path, 1, lines.tornBytes);
      warn(`${basename(path)} holds no complete line and was passed over`);
      return undefined;
    }
    const line: TraceLine = parseLine(text, path, 1, true);
    if (line.event !== "Header") {
      throw new TraceFault("TRACE_INVALID", path, 1, `the first line must be a Header, this is ${line.event}`);
    }
    return line;
  } finally {
    lines.close();
  }
}

/** How much there is to read. */
export function runBytes(run: TraceRun): number {
  return run.files.reduce((total, file) => total + statSync(file).size, 0);
}

const linesAhead = 256;

/** The groups that the first lines of a run's files are of. */
export function groupsAhead(run: TraceRun): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const path of run.files) {
    const lines = new LineFile(path);
    try {
      for (let text = lines.next(); text !== undefined && lines.number <= linesAhead; text = lines.next()) {
        const group = /^\{"group":"([^"]+)"/.exec(text)?.[1];
        if (group !== undefined && group !== "node") groups.add(group);
      }
    } catch (error) {
      // Whoever reads the file in earnest tells what is wrong with it.
      if (!(error instanceof TraceFault)) throw error;
    } finally {
      lines.close();
    }
  }
  return groups;
}

/** The fault of a file that does not end with a newline. `line` is the number of the line that was cut. */
export function tornTail(path: string, line: number, bytes: number): TraceFault {
  const what = bytes === 0 ? "the file is empty" : `the last line was cut off after ${bytes} bytes`;
  const next = "A node repairs this when it starts again; --allow-torn checks what is there without the cut line.";
  return bytes === 0 ? new TraceFault("TRACE_EMPTY", path, 0, what, next) : new TraceFault("TRACE_TORN_TAIL", path, line, what, next);
}
