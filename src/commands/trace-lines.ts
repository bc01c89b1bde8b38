/** What `trace show` prints, line by line, so that a trace of any length passes through. */

import { UserError } from "../errors.ts";
import { notify, writeLine } from "../cli/output.ts";
import type { TraceLine } from "../trace/event.ts";
import { openRun } from "../trace/merge.ts";
import { lineTitles, renderLine } from "../trace/render.ts";
import { findRuns } from "../trace/trace-files.ts";

export interface TraceFilter {
  readonly event?: readonly string[] | undefined;
  readonly node?: string | undefined;
  readonly group?: string | undefined;
  readonly limit?: number | undefined;
  readonly json: boolean;
}

/** Writes the lines that pass the filter. Directories with a verdict of their own are runs of their own. */
export async function showTrace(paths: readonly string[], filter: TraceFilter): Promise<void> {
  const runs = findRuns(paths);
  let found = false;
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  for (const run of runs) {
    const { nodes, lines } = openRun(run, { schema: true, allowTorn: true, warn: notify });
    const names = new Map(nodes.map(({ node, name }) => [node, name]));
    const title = runs.length > 1 ? `${run.root}\n${lineTitles}` : lineTitles;
    if (!filter.json && nodes.length > 0) await writeLine(title);
    for (const { line } of lines) {
      found = true;
      if (left <= 0) return;
      if (!passes(line, filter, names)) continue;
      left -= 1;
      await writeLine(filter.json ? JSON.stringify(line) : renderLine(line, names));
    }
  }
  if (!found) throw new UserError("TRACE_EMPTY", `there is no line of a trace in ${paths.join(", ")}`, { next: "Name the directory `traces` of a node." });
}

function passes(line: TraceLine, { event, node, group }: TraceFilter, names: ReadonlyMap<string, string>): boolean {
  if (event !== undefined && !event.includes(line.event)) return false;
  if (node !== undefined && line.node !== node && names.get(line.node) !== node) return false;
  return group === undefined || line.group === group;
}
