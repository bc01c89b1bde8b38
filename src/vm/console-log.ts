/** The guest's console: a file that the VM process writes and nobody else. Reading, waiting for a line, bounding it. */

import { copyFile, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

import type { RunDir } from "./driver.ts";

/** The line by which a guest says that it is up. "The process is alive" says nothing. */
export const readyLine = "blixard-guest: ready";

/** The most that one read returns. */
const readLimitBytes = 1024 * 1024;

export interface ConsoleText {
  /** As the guest wrote it: a read may begin and end within a character. */
  readonly bytes: Buffer;
  /** The same, for looking at; what is no whole character shows as U+FFFD. */
  readonly text: string;
  /** Where to go on reading: pass it as `from`. */
  readonly end: number;
}

/** Where the console of the current, or the last, run is. */
export function consolePath(dir: RunDir): string {
  return join(dir.path, "console.log");
}

/**
 * Reads the console: the last `tail` lines, or what came after byte `from`, or the end of it; at most 1 MiB a call.
 * A VM that was never started has an empty one. The text is the guest's: whoever prints it must mind its escapes.
 */
export async function readConsole(
  dir: RunDir,
  options: { readonly tail?: number; readonly from?: number } = {},
): Promise<ConsoleText> {
  const size = await consoleSize(dir);
  // A console shorter than `from` was set aside since: begin anew.
  const from = options.from === undefined || options.from > size ? null : options.from;
  const start = from ?? Math.max(0, options.from === undefined ? size - readLimitBytes : 0);
  const read = await readRange(consolePath(dir), start, Math.min(size - start, readLimitBytes));
  const bytes = options.tail === undefined ? read : lastLines(read, options.tail);
  return { bytes, text: bytes.toString("utf8"), end: start + read.length };
}

/** A function that says whether the ready line has come; each call reads only what is new. */
export function readyWatch(dir: RunDir, line = readyLine): () => Promise<boolean> {
  return consoleWatch(dir, (one) => one.startsWith(line));
}

/** A function that says whether a whole line that fits has come; each call reads only what is new. */
export function consoleWatch(dir: RunDir, fits: (line: string) => boolean): () => Promise<boolean> {
  let from = 0;
  let unfinished = "";
  let seen = false;
  return async () => {
    while (!seen) {
      const { text, end } = await readConsole(dir, { from });
      if (text === "") break;
      from = end;
      const lines = (unfinished + text).split("\n");
      unfinished = lines.pop() ?? "";
      seen = lines.some(fits);
      unfinished = unfinished.slice(-readLimitBytes);
    }
    return seen;
  };
}

/**
 * Keeps a talkative guest from filling the host's disk: beyond `limitBytes` the text moves to console.previous.log. The
 * VM appends (O_APPEND), so it writes on at the new end; lines written between copy and truncate are lost.
 */
export async function trimConsole(dir: RunDir, limitBytes: number): Promise<void> {
  if ((await consoleSize(dir)) <= limitBytes) return;
  await copyFile(consolePath(dir), join(dir.path, "console.previous.log"));
  await truncate(consolePath(dir), 0);
}

/** The last line that holds anything, for messages: bounded, and without what a guest could do to a terminal. */
export async function lastConsoleLine(dir: RunDir): Promise<string | null> {
  const { text } = await readConsole(dir, { tail: 5 });
  // eslint-disable-next-line no-control-regex
  const lines = text.split("\n").map((line) => line.replace(/[\x00-\x1f\x7f-\x9f]/g, " ").trim());
  return lines.findLast((line) => line !== "")?.slice(0, 200) ?? null;
}

function lastLines(bytes: Buffer, count: number): Buffer {
  if (count <= 0) return Buffer.alloc(0);
  let end = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length; // a final newline ends the last line
  for (let left = count; ; left--) {
    const at = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
    if (left === 1 || at < 0) return bytes.subarray(at + 1);
    end = at;
  }
}

const newline = 0x0a;

async function consoleSize(dir: RunDir): Promise<number> {
  return stat(consolePath(dir)).then((it) => it.size, () => 0);
}

async function readRange(path: string, start: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0);
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
