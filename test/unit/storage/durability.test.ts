/** What was acknowledged survives, whatever happens to the process or its disk. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import { type Ended, storeInALoop } from "./child.ts";
import { loopWrite } from "./loop-write.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "blixard-durability-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Opens `directory` and says which write is the last one found; every part of it must tell the same. */
async function lastWriteIn(directory: string): Promise<number> {
  const storage = await openSqliteStorage({ directory });
  const [group] = await storage.load();
  await storage.close();
  if (group === undefined) return 0;
  const n = group.hardState.currentTerm;
  const last = loopWrite(n);
  expect(group.hardState).toEqual(last.hardState);
  expect(group.applied).toEqual(last.applied);
  expect(group.entries.at(-1)).toEqual({ ...last.entries?.at(-1), bytes: expect.anything() });
  expect(group.rows.find((row) => row.key === "n")?.value).toBe(String(n));
  for (let past = Math.max(1, n - 99); past <= n; past += 1) {
    expect(group.rows.find((row) => row.key === `key-${past % 100}`)?.value.startsWith(String(past))).toBe(true);
  }
  return n;
}

describe("kill -9", () => {
  it("at any moment leaves a prefix: all that was acknowledged, at most one write more", async () => {
    for (let round = 1; round <= 6; round += 1) {
      const before = await lastWriteIn(root);
      let wanted = 0;
      const ended = await storeInALoop(root, {
        onLine: (line, kill) => {
          if (line === "ready") wanted = before + 1 + (round * 137) % 400;
          else if (Number(line) === wanted) setImmediate(kill);
        },
      });
      expect(ended.acknowledged, ended.stderr).toBeGreaterThanOrEqual(wanted);
      const found = await lastWriteIn(root);
      expect([ended.acknowledged, ended.acknowledged + 1]).toContain(found);
    }
  }, 300_000);
});

const canTrace = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_enter=1", "true"]).status === 0;

describe.skipIf(!canTrace)(`a failing fsync${canTrace ? "" : " (skipped: strace or ptrace is not there)"}`, () => {
  /** Sync number `when` fails, once. Opening a new database takes 15. */
  const storeUnder = (when: number): Promise<Ended> => storeInALoop(root, {
    under: [
      "strace", "-f", "-q", "-o", join(root, "trace"), "-e", "trace=fsync,fdatasync", "-e", `inject=fsync,fdatasync:error=EIO:when=${when}`,
    ],
  });

  it.each([1, 7, 13])("number %i while the database is opened: it does not open, and says why", async (when) => {
    const ended = await storeUnder(when);
    expect(ended).toMatchObject({ acknowledged: 0, failure: undefined, stderr: expect.stringContaining("DISK_FAILED") });
    expect(await lastWriteIn(root)).toBe(0);
  }, 300_000);

  it.each([20, 45, 160])("number %i stops all writing, and loses nothing", async (when) => {
    const ended = await storeUnder(when);
    expect(ended.failure, ended.stderr).toBe("failed DISK_FAILED finally");
    const syncs = readFileSync(join(root, "trace"), "utf8").match(/f(data)?sync\(/g) ?? [];
    expect(syncs.length, "an fsync for each write that was acknowledged").toBeGreaterThan(ended.acknowledged);
    const found = await lastWriteIn(root);
    expect([ended.acknowledged, ended.acknowledged + 1]).toContain(found);
  }, 300_000);
});

const small = "64";
function mountSmall(directory: string): boolean {
  mkdirSync(directory);
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${small}m,mode=700`, "tmpfs", directory]).status === 0;
}

const canMount = process.getuid?.() === 0 && (() => {
  const directory = join(mkdtempSync(join(tmpdir(), "blixard-mount-")), "m");
  const mounted = mountSmall(directory);
  if (mounted) execFileSync("umount", [directory]);
  rmSync(join(directory, ".."), { recursive: true });
  return mounted;
})();

describe.skipIf(!canMount)(`a full disk${canMount ? "" : " (skipped: only root may mount a tmpfs)"}`, () => {
  it("stops the node, which starts again without repair, loses nothing, and goes on when there is space", async () => {
    const directory = join(root, "disk");
    mountSmall(directory);
    try {
      const data = join(directory, "data");
      const storage = await openSqliteStorage({ directory: data });
      await storage.write([loopWrite(1)]);
      expect(readdirSync(data)).toContain("reserve");
      const filler = join(directory, "filler");
      spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"], { stdio: "ignore" });
      let acknowledged = 1;
      const failure = await (async () => {
        for (;; acknowledged += 1) await storage.write([loopWrite(acknowledged + 1)]);
      })().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "DISK_FULL" });
      await expect(storage.write([loopWrite(acknowledged + 1)])).rejects.toBe(failure);
      await storage.close();
      // The disk is still full, and the process left nothing in shared memory.
      for (const name of readdirSync(data)) if (name.endsWith("-shm")) unlinkSync(join(data, name));
      if (existsSync(join(data, "lock.pid"))) writeFileSync(join(data, "lock.pid"), "");
      expect(await lastWriteIn(data)).toBe(acknowledged);
      rmSync(filler);
      const again = await openSqliteStorage({ directory: data });
      await again.load();
      await again.write([loopWrite(acknowledged + 1)]);
      await again.close();
      expect(await lastWriteIn(data)).toBe(acknowledged + 1);
      expect(statSync(join(data, "blixard.db")).mode & 0o777).toBe(0o600);
    } finally {
      execFileSync("umount", ["-l", directory]);
    }
  }, 300_000);
});
