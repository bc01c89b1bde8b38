/** What a directory can be that a daemon is started on. */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Connection, loadLibrary } from "../../../src/storage/connection.ts";
import { refuseForeign } from "../../../src/storage/identity.ts";
import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import { storeInALoop } from "./child.ts";
import { loopWrite } from "./loop-write.ts";

let root = "";
let directory = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "blixard-open-"));
  directory = join(root, "a", "b");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function makeDatabase(): Promise<void> {
  const storage = await openSqliteStorage({ directory });
  await storage.write([loopWrite(1)]);
  await storage.close();
}

async function alter(sql: string): Promise<void> {
  writeFileSync(join(directory, "blixard.db"), "", { flag: "a" });
  const connection = await Connection.open(join(directory, "blixard.db"), "write", 0);
  await connection.exec(sql);
  await connection.close();
}

describe("a new directory", () => {
  it("is made for its owner only, and so is everything in it", async () => {
    const storage = await openSqliteStorage({ directory });
    await storage.write([loopWrite(1)]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of ["blixard.db", "blixard.db-wal", "blixard.db-shm", "staging.db", "lock", "lock.pid", "reserve"]) {
      expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
    }
    await storage.close();
  });

  it("that is open to others is closed to them; one with a database in it is refused", async () => {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    await makeDatabase();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(directory, 0o750);
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });

  it("that cannot be made is the user's error", async () => {
    writeFileSync(join(root, "a"), "a file");
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});

describe("a second daemon", () => {
  it("is refused with the pid of the first, and may start when that is killed", async () => {
    await storeInALoop(directory, {
      onLine: (line, kill) => {
        if (line !== "ready") return;
        void openSqliteStorage({ directory })
          .then(() => "opened", (error: unknown) => error)
          .then((outcome) => {
            const pid = readFileSync(join(directory, "lock.pid"), "utf8").trim();
            expect(outcome).toMatchObject({ code: "DATA_DIR_LOCKED", message: expect.stringContaining(`pid ${pid}.`) });
          })
          .finally(kill);
      },
    });
    const storage = await openSqliteStorage({ directory });
    expect(readFileSync(join(directory, "lock.pid"), "utf8").trim()).toBe(String(process.pid));
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
    await storage.close();
  }, 300_000);
});

describe("a database of somebody else", () => {
  it("that is no database at all is refused, and left as it is", async () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const text = "this is no database, whatever its name says\n".repeat(200);
    writeFileSync(join(directory, "blixard.db"), text);
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
    expect(readFileSync(join(directory, "blixard.db"), "utf8")).toBe(text);
  });

  it("of another program, or of a newer blixard, is refused", async () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await alter("CREATE TABLE theirs (x)");
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "DATA_DIR_FOREIGN" });
    rmSync(directory, { recursive: true });
    await makeDatabase();
    await alter("PRAGMA user_version = 2");
    await expect(openSqliteStorage({ directory })).rejects.toMatchObject({ code: "DATA_DIR_FOREIGN", message: expect.stringContaining("format 2") });
  });

  it("is not made one's own: node and cluster stay", async () => {
    const identity = { nodeId: "n-1", name: "n1", clusterId: "c-1", incarnation: 3 };
    const storage = await openSqliteStorage({ directory });
    await storage.setIdentity(identity);
    for (const change of [{ nodeId: "n-2" }, { clusterId: "c-2" }, { clusterId: null }]) {
      await expect(storage.setIdentity({ ...identity, ...change })).rejects.toMatchObject({ code: "DATA_DIR_FOREIGN" });
    }
    await storage.setIdentity({ ...identity, incarnation: 4 });
    await storage.close();
    expect(() => refuseForeign(directory, identity, { name: "n2" })).toThrow(/belongs to node n1, not to n2/);
    expect(() => refuseForeign(directory, identity, { clusterId: "c-2" })).toThrow(/belongs to cluster c-1/);
    refuseForeign(directory, { ...identity, clusterId: null }, { name: "n1", clusterId: "c-2" });
  });
});

describe("the database library", () => {
  it("without its native part tells the command that builds it", async () => {
    const missing = loadLibrary(() => Promise.reject(new Error("Could not locate the bindings file. Tried:\n → a\n → b")));
    await expect(missing).rejects.toMatchObject({
      code: "DATABASE_BINARY_MISSING",
      place: { next: expect.stringContaining("npm rebuild sqlite3") },
    });
  });
});

describe("a storage", () => {
  it("closes a snapshot that is read for too long, and says so", async () => {
    const storage = await openSqliteStorage({ directory, snapshotLifetimeMs: 1 });
    await storage.write([loopWrite(1)]);
    const reader = await storage.openSnapshot("g");
    const failure = await (async () => {
      for (;;) {
        await reader.next(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "TIMEOUT" });
    await storage.close();
  });

  it("keeps the write-ahead log short under load, and gives back what it was given", async () => {
    const storage = await openSqliteStorage({ directory });
    for (let n = 1000; n < 1600; n += 1) {
      const value = `${n}`.repeat(25_000);
      await storage.write([{ group: "g", rows: [{ table: "kv", key: `${n % 50}`, value }, { table: "kv", key: "last", value }] }]);
    }
    expect(storage.status().walBytes).toBeLessThan(32 * 1024 * 1024);
    expect(storage.status().databaseBytes).toBeGreaterThan(1_000_000);
    await storage.close();
    expect(storage.status().databaseBytes).toBeLessThan(20_000_000);
    await expect(storage.write([])).rejects.toMatchObject({ code: "FAILED" });
  });

  it("refuses half of a surrogate pair, which has no UTF-8", async () => {
    const storage = await openSqliteStorage({ directory });
    await expect(storage.write([{ group: "g", rows: [{ table: "kv", key: "\ud800", value: "" }] }])).rejects.toThrow("well-formed");
    await storage.close();
  });
});
