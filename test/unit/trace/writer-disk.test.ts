import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TraceEvent } from "../../../src/trace/event.ts";
import { openTraceWriter, type TraceWriterOptions } from "../../../src/trace/writer.ts";

/** Bytes that the disk still takes, and what it says then. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY, code: "ENOSPC" }));

vi.mock("node:fs", async (load) => {
  const real = await load<typeof import("node:fs")>();
  return {
    ...real,
    writeSync: (descriptor: number, bytes: Buffer, offset: number, length: number): number => {
      if (disk.room === 0) throw Object.assign(new Error(`${disk.code}: write`), { code: disk.code });
      const written = real.writeSync(descriptor, bytes, offset, Math.min(length, disk.room));
      disk.room -= written;
      return written;
    },
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "blixard-disk-"));
  disk.room = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const persist: TraceEvent = { event: "Persist", count: 1, term: 1, role: "Leader", lastLogIndex: 1, commitIndex: 0 };

function options(incarnation: number): TraceWriterOptions {
  return { directory, node: "node-1", name: "n1", cluster: "", incarnation, version: "0.1.0", rotateBytes: 1 << 20, timeMs: 5 };
}

test.each([
  ["ENOSPC", "DISK_FULL"],
  ["EIO", "DISK_FAILED"],
])("%s in the middle of a line: %s names the file, the writer writes no more, a restart repairs", (code, expected) => {
  disk.code = code;
  const writer = openTraceWriter(options(1));
  const path = join(directory, "trace-000001-0001.jsonl");
  disk.room = 40;
  writer.append("meta", persist);
  expect(() => writer.flush()).toThrow(expect.objectContaining({ code: expected, message: expect.stringContaining(path) as string }));
  disk.room = Number.POSITIVE_INFINITY;
  writer.append("meta", persist);
  expect(() => writer.flush()).toThrow("nothing more");
  writer.close();
  expect(readFileSync(path, "utf8").endsWith("\n")).toBe(false);

  const next = openTraceWriter(options(2));
  next.append("meta", persist);
  next.close();
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(2);
  expect(readFileSync(join(directory, "trace-000002-0001.jsonl"), "utf8")).toContain('"seq":3');
});

test("a disk that is full at the start lets no file without header appear", () => {
  disk.room = 10;
  disk.code = "ENOSPC";
  expect(() => openTraceWriter(options(1))).toThrow(expect.objectContaining({ code: "DISK_FULL" }));
  disk.room = Number.POSITIVE_INFINITY;
  openTraceWriter(options(1)).close();
  expect(readFileSync(join(directory, "trace-000001-0001.jsonl"), "utf8")).toContain('"seq":1,');
});
