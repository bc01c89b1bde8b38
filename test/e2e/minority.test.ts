/** Two of three nodes are gone: nothing is promised, nothing is waited for without end (rows R3, R4, M9, O3). */

import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { atThisPace, eventually } from "./eventually.ts";
import { type Json, type Outcome, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3);
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
  await cluster.any.json(["kv", "put", "/known", "before"]);
  await cluster.converged();
});

const timeoutMs = 1_200;
/** A command of a loaded machine may need that much beside its own time. */
const slackMs = 3_000;

async function asked(node: TestNode, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await node.cli([...args, "--timeout", `${timeoutMs}ms`]);
  expect(outcome.tookMs, outcome.command).toBeLessThan(timeoutMs + atThisPace(slackMs));
  return outcome;
}

const doubtful = ["NO_QUORUM", "OUTCOME_UNKNOWN", "TIMEOUT"];

/** Exit 4 says that surely nothing was done, exit 5 that nobody knows. */
function expectNoWrite(outcome: Outcome): void {
  if (outcome.status === 4) expectRefusal(outcome, 4, "NO_LEADER");
  else expectRefusal(outcome, 5, doubtful);
}

async function expectMinority(last: TestNode): Promise<void> {
  expectNoWrite(await asked(last, "kv", "put", "/lost", "x", "--json"));
  expectNoWrite(await asked(last, "vm", "create", "lost", "--driver", "process"));
  expectNoWrite(await asked(last, "cluster", "remove", "n9"));
  expectNoWrite(await asked(last, "kv", "get", "/known", "--consistent"));
  expectNoWrite(await asked(last, "vm", "list", "--consistent"));
  expectNoWrite(await asked(last, "cluster", "token", "n9"));

  const stale = succeeded(await asked(last, "kv", "get", "/known", "--json"));
  expect(stale.json).toMatchObject({ value: "before", freshness: { stale: true, nodeId: last.id } });
  expect(succeeded(await asked(last, "kv", "get", "/known")).stderr).toMatch(/stale/);
  succeeded(await asked(last, "vm", "list"));
  const { nodes } = succeeded(await asked(last, "node", "list", "--json")).json;
  expect(nodes.map(({ name, reachable }: Json) => `${name} ${reachable}`).sort()).toEqual(cluster.nodes.map((node) => `${node.name} ${node === last}`));
  const { members } = succeeded(await asked(last, "cluster", "members", "--json")).json;
  expect(members).toHaveLength(3);
  const health = await asked(last, "cluster", "health", "--json");
  expect([health.status, health.json.health]).toEqual([5, "no quorum"]);
  expect(health.json.peers.map(({ name, state }: Json) => `${name} ${state === "failed"}`).sort()).toEqual(cluster.nodes.map((node) => `${node.name} ${node !== last}`));
}

async function expectWell(): Promise<void> {
  await cluster.leader();
  await cluster.any.json(["kv", "put", "/known", "before"]);
  for (const node of cluster.nodes) expect((await node.json(["kv", "get", "/known", "--consistent"])).value).toBe("before");
  await cluster.converged();
  expect((await cluster.any.json(["cluster", "members"])).members).toHaveLength(3);
}

test("a follower alone: no leader, said as null; writes and consistent reads end in time, stale reads answer", async () => {
  const [last] = await cluster.followers();
  const others = cluster.nodes.filter((node) => node !== last);
  await Promise.all(others.map((node) => node.kill9()));
  await eventually(async () => (await last!.look()).leaderId === "", 90_000, "it knows that there is no leader");
  const { groups } = await last!.json(["raft", "status"]);
  expect(groups[0]).toMatchObject({ leaderId: null, leaderAddress: null });
  await expectMinority(last!);
  await Promise.all(others.map((node) => node.start()));
  await expectWell();
});

test("a leader alone: it notices and steps down; what it had taken is applied once or never", async () => {
  const leader = await cluster.leader();
  const others = cluster.nodes.filter((node) => node !== leader);
  await Promise.all(others.map((node) => node.kill9()));
  const doubt = await asked(leader, "kv", "put-if-absent", "/doubt", "x");
  expectNoWrite(doubt);
  await eventually(async () => (await leader.look()).role !== "leader", 90_000, "it steps down");
  await expectMinority(leader);
  await Promise.all(others.map((node) => node.start()));
  await expectWell();
  const after = await cluster.any.cli(["kv", "get", "/doubt", "--consistent", "--json"]);
  if (after.status === 0) expect(after.json.version).toBe(1);
  else expectRefusal(after, 3, "NOT_FOUND");
  // Exit 4 promised that nothing was done.
  if (doubt.status === 4) expect(after.status).toBe(3);
});

test("one node of three down disturbs nobody", async () => {
  const [down] = await cluster.followers();
  await down!.kill9();
  for (const node of cluster.live) succeeded(await asked(node, "kv", "put", "/majority", node.name));
  for (const node of cluster.live) succeeded(await asked(node, "kv", "get", "/majority", "--consistent"));
  await down!.start();
  await expectWell();
});
