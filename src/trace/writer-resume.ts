/** Where a node's trace goes on after a restart: the files that are there, the last line that is whole. */

import { closeSync, fstatSync, ftruncateSync, openSync, readdirSync, readSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { TraceLine } from "./event.ts";
import { parseLine } from "./parse-line.ts";

const namePattern = /^trace-(\d{6,})-(\d{4,})\.jsonl$/;
const newline = 0x0a;

/** Suffix of a file that has not got its header yet. */
export const unfinishedSuffix = ".new";

export interface TraceFileName {
  readonly incarnation: number;
  /** Counts the files of an incarnation from 1. */
  readonly part: number;
}

/** What the newest file says. All 0 and `node` undefined when there is none. */
export interface TraceTail extends TraceFileName {
  readonly node: string | undefined;
  readonly seq: number;
  readonly clock: number;
}

export function traceFileName({ incarnation, part }: TraceFileName): string {
  return `trace-${String(incarnation).padStart(6, "0")}-${String(part).padStart(4, "0")}.jsonl`;
}

/**
 * Finds the last whole line in `directory`. A line that was cut off by kill -9 is cut away: its `flush` had not returned,
 * so nothing that depends on its step has left the node.
 */
export function repairTail(directory: string): TraceTail {
  const names: TraceFileName[] = [];
  for (const name of readdirSync(directory)) {
    if (name.endsWith(unfinishedSuffix)) unlinkSync(join(directory, name));
    const match = namePattern.exec(name);
    if (match !== null) names.push({ incarnation: Number(match[1]), part: Number(match[2]) });
  }
  names.sort((a, b) => b.incarnation - a.incarnation || b.part - a.part);
  for (const name of names) {
    const path = join(directory, traceFileName(name));
    const last = repairFile(path);
    if (last !== undefined) return { ...name, node: last.node, seq: last.seq, clock: last.clock };
    unlinkSync(path);
  }
  return { incarnation: 0, part: 0, node: undefined, seq: 0, clock: 0 };
}

/** Cuts `path` behind its last newline and gives the line before it; undefined when there is no whole line. */
function repairFile(path: string): TraceLine | undefined {
  const descriptor = openSync(path, "r+");
  try {
    const size = fstatSync(descriptor).size;
    const end = lineBreakBefore(descriptor, size) + 1;
    if (end < size) ftruncateSync(descriptor, end);
    if (end === 0) return undefined;
    const start = lineBreakBefore(descriptor, end - 1) + 1;
    const bytes = Buffer.alloc(end - 1 - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    return parseLine(bytes.toString("utf8"), path, 0, false);
  } finally {
    closeSync(descriptor);
  }
}

/** Offset of the last newline before `end`, -1 when there is none. */
function lineBreakBefore(descriptor: number, end: number): number {
  const chunk = Buffer.alloc(64 * 1024);
  let behind = end;
  while (behind > 0) {
    const from = Math.max(0, behind - chunk.length);
    const read = readSync(descriptor, chunk, 0, behind - from, from);
    const at = chunk.subarray(0, read).lastIndexOf(newline);
    if (at >= 0) return from + at;
    behind = from;
  }
  return -1;
}
