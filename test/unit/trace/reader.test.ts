import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TraceEvent } from "../../../src/trace/event.ts";
import { openRun } from "../../../src/trace/merge.ts";
import type { PlacedLine } from "../../../src/trace/reader.ts";
import { findRuns } from "../../../src/trace/trace-files.ts";
import { openTraceWriter } from "../../../src/trace/writer.ts";

let root: string;
let warnings: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "blixard-reader-"));
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const persist: TraceEvent = { event: "Persist", count: 1, term: 1, role: "Leader", lastLogIndex: 1, commitIndex: 0 };

function write(node: string, lines: number, incarnation = 1, observe = 0, cluster = "c-1"): void {
  const options = { node, name: node, cluster, incarnation, version: "0.1.0", rotateBytes: 700, timeMs: 5 };
  const writer = openTraceWriter({ directory: join(root, node), ...options });
  writer.observe(observe);
  for (let at = 0; at < lines; at++) {
    writer.append("meta", persist);
    writer.flush();
  }
  writer.close();
}

function read(allowTorn = false): PlacedLine[] {
  const runs = findRuns([root]);
  expect(runs).toHaveLength(1);
  return [...openRun(runs[0]!, { schema: true, allowTorn, warn: (text) => warnings.push(text) }).lines];
}

/** Path of the n-th file of a node, and its lines for an edit. */
function edit(node: string, file: number, change: (lines: string[]) => string[]): void {
  const path = join(root, node, readdirSync(join(root, node)).sort()[file]!);
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, change(lines).join("\n"));
}

function fault(code: string, text: string): Error {
  return expect.objectContaining({ code, message: expect.stringContaining(text) as string }) as Error;
}

test("nodes are merged by their clocks, each node's lines stay in order, across files and restarts", () => {
  write("n1", 7);
  write("n2", 4, 1, 3);
  write("n1", 3, 2);
  const lines = read();
  const clocks = lines.map(({ line }) => line.clock);
  expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
  for (const node of ["n1", "n2"]) {
    const seqs = lines.filter(({ line }) => line.node === node).map(({ line }) => line.seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  }
  expect(new Set(lines.map(({ line }) => line.event))).toEqual(new Set(["Header", "Persist"]));
});

test("a file named twice is read once; a directory with a verdict is a run of its own", () => {
  write("n1", 1);
  expect(findRuns([root, join(root, "n1"), root]).map((run) => run.files.length)).toEqual([1]);
  mkdirSync(join(root, "other"));
  cpSync(join(root, "n1"), join(root, "other", "n1"), { recursive: true });
  writeFileSync(join(root, "other", "verdict.json"), "{}");
  expect(findRuns([root]).map((run) => [run.root, run.files.length])).toEqual([
    [root, 1],
    [join(root, "other"), 1],
  ]);
});

test("no files, empty files and absent paths are never a success", () => {
  expect(() => findRuns([join(root, "absent")])).toThrow(fault("NOT_FOUND", "absent"));
  expect(findRuns([root])).toEqual([]);
  mkdirSync(join(root, "n1"));
  writeFileSync(join(root, "n1", "a.jsonl"), "");
  expect(() => read()).toThrow(fault("TRACE_EMPTY", "a.jsonl"));
  expect(() => read(true)).toThrow(fault("TRACE_EMPTY", root));
});

test("lines that are missing, repeated or exchanged are named with the numbers", () => {
  write("n1", 9);
  edit("n1", 1, (lines) => lines.toSpliced(1, 1));
  expect(() => read()).toThrow(fault("TRACE_GAP", "trace-000001-0002.jsonl:2: 1 of the node's lines are missing: expected seq"));
  rmSync(join(root, "n1"), { recursive: true });
  write("n1", 9);
  edit("n1", 0, (lines) => [...lines.slice(0, 2), ...lines.slice(1)]);
  expect(() => read()).toThrow(fault("TRACE_GAP", "0001.jsonl:3: lines are repeated or out of order: expected seq 3, found 2"));
  rmSync(join(root, "n1"), { recursive: true });
  write("n1", 9);
  rmSync(join(root, "n1", "trace-000001-0001.jsonl"));
  expect(() => read()).toThrow(fault("TRACE_GAP", "0002.jsonl:1"));
  rmSync(join(root, "n1"), { recursive: true });
  write("n1", 1);
  cpSync(join(root, "n1"), join(root, "copy"), { recursive: true });
  expect(() => read()).toThrow(fault("TRACE_GAP", "expected seq 3, found 1"));
});

test("a broken last line is refused, or with allowTorn passed over with a warning", () => {
  write("n1", 1);
  edit("n1", 0, (lines) => [...lines.slice(0, -1), '{"group":"me']);
  expect(() => read()).toThrow(fault("TRACE_TORN_TAIL", "trace-000001-0001.jsonl:3: the last line was cut off after 12 bytes"));
  expect(read(true)).toHaveLength(2);
  expect(warnings).toEqual([expect.stringContaining("0001.jsonl:3")]);
});

test("what is no line, or not a line of this file, is refused with its place", () => {
  const changes: [string, (line: string) => string][] = [
    ["no JSON", () => "{"],
    ["no JSON", () => ""],
    ['lacks the field "term"', (line) => line.replace('"term":1,', "")],
    ["of node n9", (line) => line.replace('"n1"', '"n9"')],
    ["of incarnation 2", (line) => line.replace('"incarnation":1', '"incarnation":2')],
    ["the clock must grow, but 1 follows 2", (line) => line.replace('"clock":3', '"clock":1')],
    ['must match pattern', (line) => line.replace('"meta"', '"META"')],
  ];
  for (const [text, change] of changes) {
    rmSync(join(root, "n1"), { recursive: true, force: true });
    write("n1", 2);
    edit("n1", 0, (lines) => lines.with(2, change(lines[2]!)));
    expect(() => read(), text).toThrow(fault("TRACE_INVALID", "trace-000001-0001.jsonl:3: "));
    expect(() => read(), text).toThrow(fault("TRACE_INVALID", text));
  }
});

test("headers: at the beginning of every file, nowhere else, of one cluster", () => {
  write("n1", 1);
  edit("n1", 0, (lines) => lines.slice(1));
  expect(() => read()).toThrow(fault("TRACE_INVALID", "0001.jsonl:1: the first line must be a Header, this is Persist"));
  rmSync(join(root, "n1"), { recursive: true });
  write("n1", 1);
  edit("n1", 0, (lines) => [lines[0]!, lines[0]!.replace('"seq":1', '"seq":2').replace('"clock":1', '"clock":2'), ""]);
  expect(() => read()).toThrow(fault("TRACE_INVALID", "a Header may only be the first line"));
  rmSync(join(root, "n1"), { recursive: true });
  write("n1", 1);
  write("n2", 1, 1, 0, "c-2");
  expect(() => read()).toThrow(fault("TRACE_INVALID", "this is of cluster c-2, other files are of cluster c-1"));
});

test("an endless line does not fill the memory", () => {
  write("n1", 1);
  const path = join(root, "n1", "trace-000001-0001.jsonl");
  for (let at = 0; at < 20; at++) appendFileSync(path, "x".repeat(1024 * 1024));
  expect(() => read()).toThrow(fault("TRACE_INVALID", "longer than"));
});
