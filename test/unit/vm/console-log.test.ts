import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { consolePath, lastConsoleLine, readConsole, readyWatch, trimConsole } from "../../../src/vm/console-log.ts";

describe("the console", () => {
  let dir: { path: string };
  beforeEach(() => {
    dir = { path: mkdtempSync(join(tmpdir(), "blixard-console-")) };
  });
  afterEach(() => rmSync(dir.path, { recursive: true }));

  test("of a VM that was never started is empty", async () => {
    expect(await readConsole(dir, { tail: 3 })).toMatchObject({ text: "", end: 0 });
    expect(await lastConsoleLine(dir)).toBeNull();
    await trimConsole(dir, 10);
  });

  test("gives its last lines, finished or not", async () => {
    writeFileSync(consolePath(dir), "one\ntwo\nthree\n");
    expect((await readConsole(dir, { tail: 2 })).text).toBe("two\nthree\n");
    expect((await readConsole(dir, { tail: 0 })).text).toBe("");
    expect((await readConsole(dir, { tail: 3 })).text).toBe("one\ntwo\nthree\n");
    expect((await readConsole(dir, { tail: 9 })).text).toBe("one\ntwo\nthree\n");
    appendFileSync(consolePath(dir), "fo");
    expect((await readConsole(dir, { tail: 2 })).text).toBe("three\nfo");
    expect(await lastConsoleLine(dir)).toBe("fo");
    appendFileSync(consolePath(dir), "\u001b[2J\r\n \r\n");
    expect(await lastConsoleLine(dir)).toBe("fo [2J");
  });

  test("is followed by its end, and begun anew when it was set aside", async () => {
    writeFileSync(consolePath(dir), "one\n");
    const { end } = await readConsole(dir);
    appendFileSync(consolePath(dir), "two\n");
    expect(await readConsole(dir, { from: end })).toMatchObject({ text: "two\n", end: 8 });
    writeFileSync(consolePath(dir), "new\n");
    expect(await readConsole(dir, { from: 8 })).toMatchObject({ text: "new\n", end: 4 });
  });

  test("is given as bytes: a character that is written in two parts is whole for who follows", async () => {
    const grin = Buffer.from("😀");
    writeFileSync(consolePath(dir), Buffer.concat([Buffer.from("\n\n"), grin.subarray(0, 2)]));
    const first = await readConsole(dir, { tail: 2 });
    appendFileSync(consolePath(dir), grin.subarray(2));
    const { bytes } = await readConsole(dir, { from: first.end });
    expect(Buffer.concat([first.bytes, bytes]).toString()).toBe("\n😀");
  });

  test("a read is bounded, from either side", async () => {
    writeFileSync(consolePath(dir), `${"x".repeat(1024 * 1024)}last`);
    expect((await readConsole(dir)).text.endsWith("xlast")).toBe(true);
    expect((await readConsole(dir, { from: 0 })).end).toBe(1024 * 1024);
  });

  test("is ready by a whole line that begins so, not by one that speaks of it", async () => {
    const ready = readyWatch(dir);
    writeFileSync(consolePath(dir), "waiting for blixard-guest: ready\nblixard-gue");
    expect(await ready()).toBe(false);
    appendFileSync(consolePath(dir), "st: ready uptime=1");
    expect(await ready()).toBe(false);
    appendFileSync(consolePath(dir), ".50\r\n");
    expect(await ready()).toBe(true);
  });

  test("is trimmed beyond its bound; what it held is kept once", async () => {
    writeFileSync(consolePath(dir), "0123456789\n");
    await trimConsole(dir, 11);
    expect(readFileSync(consolePath(dir), "utf8")).toBe("0123456789\n");
    await trimConsole(dir, 10);
    expect(readFileSync(consolePath(dir), "utf8")).toBe("");
    expect(readFileSync(join(dir.path, "console.previous.log"), "utf8")).toBe("0123456789\n");
  });
});
