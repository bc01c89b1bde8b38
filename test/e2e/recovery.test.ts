/** The quorum is lost for good: one node's data becomes a cluster again, in another epoch; and a backup does (rows O7, R4). */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { traceLines } from "./evidence.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;
let [n1, n2, n3]: readonly TestNode[] = [];
let epoch = 0;

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
  [n1, n2, n3] = cluster.nodes;
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
});

const keys = async (node: TestNode): Promise<readonly string[]> =>
  (await node.json(["kv", "ls", "/", "--consistent"])).items.map(({ key, value }: Json) => `${key}=${value}`);

test("while a daemon runs, or a quorum answers, nothing is recovered", async () => {
  await n1!.json(["kv", "put", "/before", "1"]);
  await n3!.json(["vm", "create", "web", "--driver", "process", "--node", "n3", "--wait"]);
  await n1!.json(["vm", "create", "lost", "--driver", "process", "--node", "n1", "--wait"]);
  expectRefusal(await run.cli(["cluster", "recover", "--data-dir", n3!.dataDir, "--yes"]), 6, "DATA_DIR_LOCKED");
  await n3!.stop();
  const refused = await run.cli(["cluster", "recover", "--data-dir", n3!.dataDir, "--yes"]);
  expect(refused.status).toBe(6);
  expect(refused.stderr).toMatch(/the quorum is not lost: n1, n2 answer/);
  expectRefusal(await run.cli(["cluster", "recover", "--data-dir", join(run.directory, "nowhere"), "--yes"]), 3, "NOT_FOUND");
  expect(existsSync(join(run.directory, "nowhere"))).toBe(false);
  await n3!.start();
  await cluster.converged();
});

test("evidence first: what is there, which is the best, and no change without a confirmation", async () => {
  await n1!.json(["kv", "put", "/last", "2"]);
  await cluster.converged();
  for (const node of [n1, n2]) await node!.kill9();
  await n3!.kill9();
  const compared = succeeded(await run.cli(["cluster", "recover", "--data-dir", n3!.dataDir, "--data-dir", n2!.dataDir, "--json"])).json;
  expect(compared.evidence).toHaveLength(2);
  expect([n2!.dataDir, n3!.dataDir]).toContain(compared.best);
  const unconfirmed = await run.cli(["cluster", "recover", "--data-dir", n3!.dataDir]);
  expect(unconfirmed.status).toBe(2);
  expect(unconfirmed.stderr).toMatch(/no terminal to ask at[\s\S]*Give --yes/);
  expect(unconfirmed.stdout).toMatch(/last entry +index \d+, term \d+/);
  expect(unconfirmed.stdout).toMatch(/n1 +voter +\S+ +does not answer/);
});

test("the third node alone is the cluster again, with all that it had, and the two others are gone from it", async () => {
  const { recovered } = succeeded(await run.cli(["cluster", "recover", "--data-dir", n3!.dataDir, "--yes", "--json"])).json;
  epoch = recovered.epoch;
  expect(epoch).toBeGreaterThan(1);
  await n3!.start();
  await cluster.leader(90_000, [n3!]);
  expect(await keys(n3!)).toEqual(["/before=1", "/last=2"]);
  expect(await n3!.json(["cluster", "status"])).toMatchObject({ epoch, group: { members: [{ name: "n3", role: "voter" }] } });
  await n3!.json(["kv", "put", "/after", "3"]);
  await n3!.json(["vm", "stop", "web", "--wait"]);
  expect(await n3!.json(["vm", "status", "lost"])).toMatchObject({ ownerId: n1!.id });
  const events = succeeded(await n3!.cli(["events", "--kind", "cluster,member"])).stdout;
  expect(events).toMatch(new RegExp(`cluster epoch ${epoch} recovered`));
  expect(events).toMatch(/member n1 removed[\s\S]*member n2 removed/);
});

test("new nodes join, and the cluster bears a loss again", async () => {
  for (const name of ["n4", "n5"]) {
    const node = await cluster.make(name);
    await node.start();
    await cluster.join(node, n3);
  }
  const [n4, n5] = cluster.nodes.slice(3);
  await n3!.json(["cluster", "wait", "--formed", "3", "--leader"]);
  expect(await keys(n4!)).toEqual(["/after=3", "/before=1", "/last=2"]);
  await n3!.kill9();
  await cluster.leader(90_000, [n4!, n5!]);
  await n5!.json(["kv", "put", "/without", "n3"]);
  await n3!.start();
  await cluster.converged(90_000, [n3!, n4!, n5!]);
});

test("a member of the former epoch is refused on both sides, says why, and changes nothing", async () => {
  const before = await n3!.look();
  await n1!.start();
  const told = new RegExp(`the cluster was recovered and is in epoch ${epoch}; a member of epoch 1 was given up`);
  await eventually(() => told.test(n1!.log) && told.test(n3!.log), 90_000, "both sides say that the epochs differ");
  // On a loaded machine the command may give up a moment before its daemon does.
  expect([4, 5]).toContain((await n1!.cli(["kv", "put", "/late", "x", "--timeout", "2s"])).status);
  expect(await n1!.json(["cluster", "status"])).toMatchObject({ epoch: 1, group: { leaderId: null } });
  const { stdout } = succeeded(await n3!.cli(["cluster", "status", "--consistent"]));
  expect(stdout).not.toContain(n1!.id);
  expect((await n3!.look()).term).toBe(before.term);
  expect(await keys(n3!)).toEqual(["/after=3", "/before=1", "/last=2", "/without=n3"]);
  const lines = traceLines(n1!.traces);
  expect(lines.some(({ group }) => group === `meta-epoch-${epoch}`)).toBe(false);
});

test("a backup has all that was acknowledged; a damaged one is refused with nothing half done", async () => {
  const file = join(run.directory, "all.backup");
  await n3!.json(["kv", "put", "/saved", "yes"]);
  const backup = await n3!.json(["cluster", "backup", file]);
  expect(backup).toMatchObject({ file, epoch, group: "meta" });
  expectRefusal(await n3!.cli(["cluster", "backup", file]), 6, "ALREADY_EXISTS");

  const target = join(run.directory, "restored");
  const restore = (from: string) => run.cli(["cluster", "restore", from, "--data-dir", target, "--id", "r1", "--address", "127.0.0.1:1"]);
  const bytes = readFileSync(file);
  for (const [at, broken] of [
    Buffer.concat([bytes.subarray(0, 300), Buffer.from([bytes[300]! ^ 1]), bytes.subarray(301)]),
    bytes.subarray(0, bytes.length - 100),
    bytes.subarray(0, 20),
    Buffer.alloc(0),
  ].entries()) {
    const path = join(run.directory, `broken-${at}.backup`);
    writeFileSync(path, broken);
    expectRefusal(await restore(path), 1, "BACKUP_DAMAGED");
    expect(existsSync(target)).toBe(false);
  }
  expectRefusal(await run.cli(["cluster", "restore", file, "--data-dir", n2!.dataDir, "--id", "r1", "--address", "127.0.0.1:1"]), 6, "DATA_DIR_FOREIGN");
});

test("a restored backup is a cluster of one with the same keys, in an epoch of its own", async () => {
  const restored = await run.cluster(0);
  const node = await restored.make("r1");
  const file = join(run.directory, "all.backup");
  const args = ["cluster", "restore", file, "--data-dir", node.dataDir, "--id", "r1", "--address", node.address, "--json"];
  const { restored: done } = succeeded(await run.cli(args)).json;
  expect(done.epoch).toBeGreaterThan(epoch);
  await node.start();
  await restored.leader(90_000, [node]);
  expect(await keys(node)).toEqual([...(await keys(n3!))]);
  await node.json(["kv", "put", "/grown", "1"]);
  const joiner = await restored.make("r2");
  await joiner.start();
  await restored.join(joiner, node);
  await node.json(["cluster", "wait", "--formed", "2", "--leader"]);
  expect(await keys(joiner)).toContain("/grown=1");
});
