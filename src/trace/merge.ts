import { type LineSource, NodeReader, type PlacedLine, type ReaderOptions } from "./reader.ts";
import { groupByNode, type NodeTrace, type TraceRun } from "./trace-files.ts";

/** The traces of all nodes of a run as one. */
export interface MergedTrace {
  readonly nodes: readonly NodeTrace[];
  /** To be gone through once. */
  readonly lines: Iterable<PlacedLine>;
}

/** Opens the traces of a run; faults of single lines are thrown while `lines` is gone through. */
export function openRun(run: TraceRun, options: ReaderOptions): MergedTrace {
  const nodes = groupByNode(run, options.allowTorn, options.warn);
  return { nodes, lines: mergeLines(nodes.map((node) => new NodeReader(node, options))) };
}

/**
 * Merges the lines of nodes by (clock, node). A line that could know of another has the larger clock, so this is a
 * linear extension of causality (Lamport 1978); within a node it is the order of `seq`, for its clocks grow.
 */
export function* mergeLines(sources: readonly LineSource[]): Generator<PlacedLine, void, undefined> {
  try {
    const open = sources.map((source) => ({ source, head: source.next() }));
    for (;;) {
      let first: { readonly source: LineSource; head: PlacedLine | undefined } | undefined;
      for (const other of open) {
        if (other.head !== undefined && (first?.head === undefined || isBefore(other.head, first.head))) first = other;
      }
      if (first?.head === undefined) return;
      yield first.head;
      first.head = first.source.next();
    }
  } finally {
    for (const source of sources) source.close();
  }
}

function isBefore(a: PlacedLine, b: PlacedLine): boolean {
  return a.line.clock < b.line.clock || (a.line.clock === b.line.clock && a.line.node < b.line.node);
}
