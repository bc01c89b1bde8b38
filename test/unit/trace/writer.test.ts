import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TraceEvent, TraceLine } from "../../../src/trace/event.ts";
import { lineProblem } from "../../../src/trace/schema.ts";
import { openTraceWriter, type TraceWriterOptions } from "../../../src/trace/writer.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "blixard-writer-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const persist: TraceEvent = { event: "Persist", count: 1, term: 1, role: "Leader", lastLogIndex: 1, commitIndex: 0 };

function options(change: Partial<TraceWriterOptions> = {}): TraceWriterOptions {
  const fixed = { node: "node-1", name: "n1", cluster: "c-1", version: "0.1.0", rotateBytes: 1 << 20, timeMs: 5 };
  return { directory: join(directory, "trace"), incarnation: 1, ...fixed, ...change };
}

function files(): string[] {
  return readdirSync(join(directory, "trace")).sort();
}

function lines(): TraceLine[] {
  return files().flatMap((name) => {
    const text = readFileSync(join(directory, "trace", name), "utf8");
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as TraceLine);
  });
}

test("lines are stamped in order, behind a header, and are valid", () => {
  const writer = openTraceWriter(options());
  writer.append("meta", persist);
  writer.observe(40);
  writer.append("shard-1", persist);
  expect(writer.clock).toBe(41);
  writer.close();
  expect(lines().map((line) => [line.event, line.group, line.seq, line.clock])).toEqual([
    ["Header", "node", 1, 1],
    ["Persist", "meta", 2, 2],
    ["Persist", "shard-1", 3, 41],
  ]);
  for (const line of lines()) expect(lineProblem(line)).toBeNull();
  expect(files()).toEqual(["trace-000001-0001.jsonl"]);
  expect(statSync(join(directory, "trace", files()[0]!)).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "trace")).mode & 0o777).toBe(0o700);
});

test("nothing is written before flush, everything after it", () => {
  const writer = openTraceWriter(options());
  writer.append("meta", persist);
  expect(lines()).toHaveLength(1);
  writer.flush();
  expect(lines()).toHaveLength(2);
  writer.append("meta", persist);
  // As after kill -9: what was not flushed is gone, its numbers are given again.
  const next = openTraceWriter(options({ incarnation: 2 }));
  next.append("meta", persist);
  next.close();
  expect(lines().map((line) => [line.incarnation, line.seq])).toEqual([[1, 1], [1, 2], [2, 3], [2, 4]]);
  expect(lines().map((line) => line.clock)).toEqual([1, 2, 3, 4]);
});

test("at every length that kill -9 may leave, the next start repairs the file and goes on without a gap", () => {
  const writer = openTraceWriter(options());
  writer.append("meta", persist);
  writer.append("meta", persist);
  writer.close();
  const path = join(directory, "trace", files()[0]!);
  const whole = readFileSync(path);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  for (let length = whole.length; length >= 0; length--) {
    rmSync(join(directory, "trace"), { recursive: true });
    openTraceWriter(options()).close();
    writeFileSync(path, whole);
    truncateSync(path, length);
    openTraceWriter(options({ incarnation: 2 })).close();
    const complete = ends.filter((end) => end <= length).length;
    expect(lines().map((line) => line.seq)).toEqual(Array.from({ length: complete + 1 }, (_, at) => at + 1));
    expect(existsSync(path)).toBe(complete > 0);
  }
});

test("a file of half a header does not count, nor does one without its name", () => {
  const writer = openTraceWriter(options({ rotateBytes: 1 }));
  writer.append("meta", persist);
  writer.close();
  expect(files()).toHaveLength(2);
  truncateSync(join(directory, "trace", files()[1]!), 9);
  writeFileSync(join(directory, "trace", "trace-000001-0003.jsonl.new"), "{");
  openTraceWriter(options({ rotateBytes: 1 })).close();
  expect(files()).toEqual(["trace-000001-0001.jsonl", "trace-000001-0002.jsonl"]);
  expect(lines().map((line) => line.seq)).toEqual([1, 2, 3]);
});

test("a full file is followed by the next, numbers go on", () => {
  const writer = openTraceWriter(options({ rotateBytes: 1000 }));
  for (let step = 0; step < 20; step++) {
    writer.append("meta", persist);
    writer.flush();
  }
  writer.close();
  expect(files().length).toBeGreaterThan(2);
  expect(lines().map((line) => line.seq)).toEqual(lines().map((_, at) => at + 1));
  for (const name of files()) expect(readFileSync(join(directory, "trace", name), "utf8")).toContain('"event":"Header"');
});

test("a line longer than the search window is found", () => {
  const writer = openTraceWriter(options());
  const voters = Array.from({ length: 20_000 }, (_, at) => `node-${at}`);
  writer.append("meta", { event: "ChangeConfiguration", voters, learners: [], term: 1, role: "Leader", lastLogIndex: 1, commitIndex: 0 });
  writer.close();
  appendFileSync(join(directory, "trace", files()[0]!), "x".repeat(200_000));
  openTraceWriter(options({ incarnation: 2 })).close();
  expect(lines().map((line) => line.seq)).toEqual([1, 2, 3]);
});

test("the directory of another node, or of a later time, is refused", () => {
  openTraceWriter(options({ incarnation: 3 })).close();
  expect(() => openTraceWriter(options({ incarnation: 4, node: "node-2" }))).toThrow(expect.objectContaining({ code: "DATA_DIR_FOREIGN" }));
  expect(() => openTraceWriter(options({ incarnation: 2 }))).toThrow(expect.objectContaining({ code: "DATA_DIR_FOREIGN" }));
});

test("a directory that cannot be made is the user's to mend, and names the path", () => {
  writeFileSync(join(directory, "trace"), "");
  expect(() => openTraceWriter(options())).toThrow(expect.objectContaining({ code: "DISK_FAILED", message: expect.stringContaining(directory) as string }));
});
