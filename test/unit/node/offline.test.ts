/** Recovery and restoring on real directories, as often as one likes, and after an interruption. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { digest, rowsOf } from "../../../src/machine/state.ts";
import type { BackupHead } from "../../../src/node/backup-head.ts";
import { bestOf, readEvidence, recoverIn, restoreIn, type Evidence } from "../../../src/node/offline.ts";
import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import { verifyTraces } from "../../../src/verify/check.ts";
import { MachineLog, create, worker } from "../machine/machine-log.ts";

const specDirectory = fileURLToPath(new URL("../../../spec", import.meta.url));

function backupOf(log: MachineLog): { head: BackupHead; rows: { table: string; key: string; value: string }[] } {
  const configuration = { voters: [{ id: "old", name: "old", address: "127.0.0.1:1" }], learners: [] };
  const head = { format: 1, version: "1", clusterId: "c", epoch: 1, group: "meta", node: "old", index: log.index, term: 3, configuration, timeMs: 0 } as const;
  return { head, rows: [...rowsOf(log.state)].map(({ table, key, value }) => ({ table, key, value: value ?? "" })) };
}

async function restored(): Promise<{ dataDir: string; log: MachineLog }> {
  const directory = mkdtempSync(join(tmpdir(), "blixard-offline-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(create("web"));
  log.accept({ kind: "kv-put", key: "/x", value: "日本" });
  const dataDir = join(directory, "n1");
  const { head, rows } = backupOf(log);
  await restoreIn({ dataDir, name: "n1", address: "127.0.0.1:7100" }, head, rows, 5_000_000);
  return { dataDir, log };
}

const accepted = async (dataDir: string) => verifyTraces({ paths: [join(dataDir, "traces")], specDirectory });

test("a restored directory has the rows of the backup, one entry more, and a trace that verifies", async () => {
  const { dataDir, log } = await restored();
  const evidence = await readEvidence(dataDir);
  expect(evidence).toMatchObject({ name: "n1", clusterId: "c", epoch: 5_000, lastIndex: log.index + 1, appliedIndex: log.index + 1, lastTerm: 4, doubtful: 0 });
  expect(evidence.members).toMatchObject([{ id: evidence.nodeId, name: "n1", role: "voter" }]);
  expect(evidence.digest).not.toBe(digest(log.state));
  expect(await accepted(dataDir)).toMatchObject({ kind: "accepted", groups: { "meta-epoch-5000": 1 } });
});

test("recovered again it is in a later epoch, also within the same second; each is a run of its own", async () => {
  const { dataDir } = await restored();
  const first = await recoverIn(dataDir, 5_000_100);
  const second = await recoverIn(dataDir, 6_000_000);
  expect([first.epoch, second.epoch]).toEqual([5_001, 6_000]);
  expect([second.index - first.index, second.term - first.term]).toEqual([1, 1]);
  expect(await accepted(dataDir)).toMatchObject({ kind: "accepted", groups: { "meta-epoch-5000": 1, "meta-epoch-5001": 1, "meta-epoch-6000": 1 } });
});

test("after an interruption the same command goes through", async () => {
  const { dataDir } = await restored();
  const storage = await openSqliteStorage({ directory: dataDir });
  const identity = await storage.identity();
  await storage.setIdentity({ ...identity!, epoch: 5_500, unfinished: true });
  await storage.close();
  expect(await recoverIn(dataDir, 5_600_000)).toMatchObject({ epoch: 5_600 });
  const again = await openSqliteStorage({ directory: dataDir });
  expect(await again.identity()).not.toHaveProperty("unfinished");
  await again.close();
});

test("nothing is restored over a node, and rows that no machine can read are refused before anything is made", async () => {
  const { dataDir, log } = await restored();
  const { head, rows } = backupOf(log);
  await expect(restoreIn({ dataDir, name: "n2", address: "127.0.0.1:1" }, head, rows, 1)).rejects.toMatchObject({ code: "DATA_DIR_FOREIGN" });
  const other = `${dataDir}-other`;
  const broken = [...rows, { table: "vm", key: "bad", value: "{" }];
  await expect(restoreIn({ dataDir: other, name: "n2", address: "127.0.0.1:1" }, head, broken, 1)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
  await expect(readEvidence(other)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("the best directory is the one whose log would win an election", () => {
  const of = (dataDir: string, lastTerm: number, lastIndex: number) => ({ dataDir, lastTerm, lastIndex }) as Evidence;
  expect(bestOf([of("a", 3, 90), of("b", 4, 80), of("c", 4, 85)])?.dataDir).toBe("c");
  expect(bestOf([])).toBeUndefined();
});
