/** A flipped bit is never served: it is noticed, or it lies where nothing is stored. */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../../../src/errors.ts";
import { Connection } from "../../../src/storage/connection.ts";
import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import { comparableGroups } from "../../conformance/storage/naive-storage.ts";
import { loopWrite } from "./loop-write.ts";

let root = "";
let clean = "";
/** As left by kill -9: the newest writes are in the write-ahead log. */
let crashed = "";
/** The mark before the last write was acknowledged. */
let markBefore = Buffer.alloc(0);
let expected: unknown;
let copies = 0;

/** Identity and groups, as a node that starts reads them. */
async function read(directory: string): Promise<unknown> {
  const storage = await openSqliteStorage({ directory });
  try {
    const identity = await storage.identity();
    return { identity, groups: comparableGroups(await storage.load()) };
  } finally {
    await storage.close();
  }
}

function copyOf(directory: string): string {
  const copy = join(root, `copy-${(copies += 1)}`);
  cpSync(directory, copy, { recursive: true, filter: (path) => !/-shm$|lock\.pid$|reserve$/.test(path) });
  return copy;
}

/** Reads a copy of `from` after `harm`; the code of the refusal, or what is served. */
async function readAfter(from: string, harm: (directory: string) => void | Promise<void>): Promise<unknown> {
  const copy = copyOf(from);
  try {
    await harm(copy);
    return await read(copy);
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function flip(path: string, bit: number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bit / 8) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  writeFileSync(path, bytes);
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "blixard-damage-"));
  clean = join(root, "clean");
  crashed = join(root, "crashed");
  const storage = await openSqliteStorage({ directory: clean });
  await storage.setIdentity({ nodeId: "n-1", name: "n1", clusterId: "c-1", incarnation: 1 });
  for (let n = 1; n <= 60; n += 1) {
    if (n === 60) markBefore = readFileSync(join(clean, "mark"));
    await storage.write([loopWrite(n), { ...loopWrite(n), group: "h" }]);
    // A question waits for what was begun.
    await storage.identity();
  }
  cpSync(clean, crashed, { recursive: true, filter: (path) => !path.endsWith("-shm") });
  await storage.close();
  expected = await read(clean);
  expect(await readAfter(crashed, () => undefined)).toEqual(expected);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const refusals = ["DATABASE_DAMAGED", "DATA_DIR_FOREIGN", "DISK_FAILED"];

function mustNotLie(outcome: unknown): "noticed" | "harmless" {
  if (typeof outcome === "string") expect(refusals).toContain(outcome);
  else expect(outcome).toEqual(expected);
  return typeof outcome === "string" ? "noticed" : "harmless";
}

describe("damage", () => {
  it("of one bit in the database", async () => {
    const size = readFileSync(join(clean, "blixard.db")).length * 8;
    const counts = { noticed: 0, harmless: 0 };
    const bit = fc.nat({ max: size - 1 });
    // Half of the flips hit the heads of pages, which are the fewest bytes and the most telling.
    const head = fc.tuple(fc.nat({ max: size / 8 / 4096 - 1 }), fc.nat({ max: 16 * 8 - 1 })).map(([page, at]) => page * 4096 * 8 + at);
    await fc.assert(
      fc.asyncProperty(fc.oneof(bit, head), async (at) => {
        counts[mustNotLie(await readAfter(clean, (copy) => flip(join(copy, "blixard.db"), at)))] += 1;
      }),
      { numRuns: 300 },
    );
    expect(counts.noticed).toBeGreaterThan(150);
  }, 300_000);

  it("of one bit in the write-ahead log, in its last transaction too", async () => {
    const size = readFileSync(join(crashed, "blixard.db-wal")).length;
    const last = fc.nat({ max: 2 * 4120 * 8 - 1 }).map((bit) => size * 8 - 1 - bit);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat({ max: size * 8 - 1 }), last), async (at) => {
        expect(await readAfter(crashed, (copy) => flip(join(copy, "blixard.db-wal"), at))).toBe("DATABASE_DAMAGED");
      }),
      { numRuns: 80 },
    );
  }, 300_000);

  it("by a torn end of the write-ahead log loses only what was not acknowledged", async () => {
    const size = readFileSync(join(crashed, "blixard.db-wal")).length;
    const outcome = await readAfter(crashed, (copy) => {
      truncateSync(join(copy, "blixard.db-wal"), size - 100);
      writeFileSync(join(copy, "mark"), markBefore);
    });
    expect(outcome).toMatchObject({ groups: [{ hardState: { currentTerm: 59 } }, { hardState: { currentTerm: 59 } }] });
  });

  it("is noticed where the whole of the last transaction is gone, and again at the next start", async () => {
    const copy = copyOf(crashed);
    const wal = join(copy, "blixard.db-wal");
    truncateSync(wal, readFileSync(wal).length - 100);
    for (const start of ["first", "second"]) await expect(read(copy), start).rejects.toMatchObject({ code: "DATABASE_DAMAGED", message: expect.stringMatching(/write 60, and write 61 was acknowledged/) });
    rmSync(copy, { recursive: true });
  });

  it("of one bit in the mark harms nothing, of both its slots is noticed", async () => {
    for (let bit = 0; bit < 26 * 8; bit += 1) mustNotLie(await readAfter(crashed, (copy) => flip(join(copy, "mark"), bit)));
    const outcome = await readAfter(crashed, (copy) => {
      flip(join(copy, "mark"), 8);
      flip(join(copy, "mark"), 4096 * 8 + 8);
    });
    expect(outcome).toBe("DATABASE_DAMAGED");
    expect(await readAfter(crashed, (copy) => rmSync(join(copy, "mark")))).toBe("DATABASE_DAMAGED");
  });

  it("by rows, runs and records that are gone, changed or exchanged", async () => {
    const harms = [
      "DELETE FROM rows WHERE grp = 'g' AND key = 'key-7'",
      "UPDATE rows SET value = '8' WHERE grp = 'g' AND key = 'n'",
      ...["tbl", "key", "value"].map((column) => `UPDATE rows SET ${column} = CAST(${column} AS BLOB) WHERE grp = 'g' AND key = 'key-7'`),
      "UPDATE rows SET key = 'key-x' WHERE grp = 'g' AND key = 'key-7'",
      "INSERT INTO rows SELECT 'h', tbl, 'new', value, sum FROM rows WHERE grp = 'g' AND key = 'key-7'",
      "DELETE FROM log WHERE id = (SELECT max(id) FROM log)",
      "DELETE FROM log WHERE id = (SELECT min(id) FROM log)",
      "UPDATE log SET entries = zeroblob(length(entries)) WHERE id = (SELECT max(id) FROM log)",
      "INSERT INTO log SELECT id + 7 * 1099511627776, first, last, entries, sum FROM log WHERE id = (SELECT max(id) FROM log)",
      "DELETE FROM state WHERE grp = 'h'",
      "UPDATE state SET value = (SELECT value FROM state WHERE grp = 'g'), sum = (SELECT sum FROM state WHERE grp = 'g') WHERE grp = 'h'",
      "UPDATE state SET value = replace(value, '\"currentTerm\":60', '\"currentTerm\":61') WHERE grp = 'g'",
      "DELETE FROM node",
      "UPDATE node SET value = replace(value, 'c-1', 'c-2')",
      "CREATE TABLE more (x)",
    ];
    for (const harm of harms) {
      const outcome = await readAfter(clean, async (copy) => {
        const connection = await Connection.open(join(copy, "blixard.db"), "write", 0);
        await connection.exec(harm);
        await connection.close();
      });
      expect(outcome, harm).toBe("DATABASE_DAMAGED");
    }
  });

  it("names group, table and row, and says what to do", async () => {
    const copy = copyOf(clean);
    const connection = await Connection.open(join(copy, "blixard.db"), "write", 0);
    await connection.exec("UPDATE rows SET value = '8' WHERE grp = 'g' AND key = 'n'");
    await connection.close();
    const storage = await openSqliteStorage({ directory: copy });
    const failure: unknown = await storage.load().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "DATABASE_DAMAGED", place: { group: "g", next: expect.stringContaining("Restore") } });
    expect(String(failure)).toContain("group g, table kv, row n");
    await expect(storage.write([loopWrite(61)])).rejects.toBe(failure);
    await storage.close();
  });

  it("is noticed when a snapshot is read", async () => {
    const copy = copyOf(clean);
    const storage = await openSqliteStorage({ directory: copy });
    await storage.load();
    const connection = await Connection.open(join(copy, "blixard.db"), "write", 0);
    await connection.exec("DELETE FROM rows WHERE grp = 'h' AND key = 'key-7'; UPDATE rows SET value = '8' WHERE grp = 'g' AND key = 'n'");
    await connection.close();
    for (const group of ["g", "h"]) {
      const reader = await storage.openSnapshot(group);
      await expect((async () => {
        while ((await reader.next(1000)).length > 0);
      })()).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
      await reader.close();
    }
    await storage.close();
  });

  it("leaves no file behind but those that are known", () => {
    expect(readdirSync(clean).sort()).toEqual(["blixard.db", "lock", "mark", "reserve", "staging.db"]);
  });
});
