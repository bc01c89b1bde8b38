/** Nodes leave: the rest agree, the removed one is told and stops, also after restarts (rows M2, M5, M7; reliability 10). */

import { expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { within } from "./eventually.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();

/** Every live node lists exactly these members, in every view of them. */
async function expectMembers(cluster: Cluster, names: readonly string[]): Promise<void> {
  await cluster.converged();
  for (const node of cluster.live) {
    const { members } = await node.json(["cluster", "members"]);
    expect(members.map(({ name }: Json) => name).sort(), node.name).toEqual([...names].sort());
    const { groups } = await node.json(["raft", "status"]);
    expect(groups[0].members.map(({ name }: Json) => name).sort(), node.name).toEqual([...names].sort());
  }
}

/** The daemon ends by itself, with the exit status of a conflict, and says why. */
async function expectStopsRemoved(node: TestNode): Promise<void> {
  const end = await within(node.ended, 90_000, `${node.name}, removed, stops itself`);
  expect(end, node.log).toEqual({ status: 6, signal: null });
  expect(node.log).toMatch(/removed from the cluster/);
  expect(node.log).not.toMatch(/^\s+at /m);
}

test("a follower, a node that is down, and the leader are removed; none comes back", async () => {
  const cluster = await run.cluster(4);
  const [n1] = cluster.nodes;
  await n1!.json(["kv", "put", "/kept", "yes"]);

  const [follower, down] = await cluster.followers();
  succeeded(await (await cluster.leader()).cli(["cluster", "remove", follower!.name]));
  await expectStopsRemoved(follower!);
  const three = cluster.live.map(({ name }) => name);
  await expectMembers(cluster, three);
  follower!.launch();
  await expectStopsRemoved(follower!);

  await down!.kill9();
  succeeded(await cluster.any.cli(["cluster", "remove", down!.name]));
  const two = cluster.live.map(({ name }) => name);
  await expectMembers(cluster, two);
  // It never heard of its removal: it is told by those that it disturbs, and they go on undisturbed.
  const { term } = await cluster.any.look();
  down!.launch();
  await expectStopsRemoved(down!);
  expect((await cluster.any.look()).term).toBe(term);

  await Promise.all(cluster.live.map((node) => node.kill9()));
  await Promise.all(two.map((name) => cluster.node(name).start()));
  await cluster.leader();
  await expectMembers(cluster, two);
  follower!.launch();
  down!.launch();
  await Promise.all([expectStopsRemoved(follower!), expectStopsRemoved(down!)]);

  const leader = await cluster.leader();
  succeeded(await leader.cli(["cluster", "leave"]));
  await expectStopsRemoved(leader);
  const one = cluster.live.map(({ name }) => name);
  expect(one).toHaveLength(1);
  await cluster.leader();
  await expectMembers(cluster, one);
  expect((await cluster.any.json(["kv", "get", "/kept", "--consistent"])).value).toBe("yes");
  await cluster.any.json(["kv", "put", "/kept", "still"]);
  leader.launch();
  await expectStopsRemoved(leader);
});

test("the last voter stays, with all that it is", async () => {
  const cluster = await run.cluster(1);
  const [n1] = cluster.nodes;
  await cluster.work("--cpus", "1", "--memory", "512", "--disk", "512");
  expectRefusal(await n1!.cli(["cluster", "remove", "n1", "--json"]), 6, "CONFLICT", /last voter/);
  expectRefusal(await n1!.cli(["cluster", "leave"]), 6, "CONFLICT", /last voter/);
  expect((await n1!.json(["worker", "list", "--consistent"])).workers).toHaveLength(1);
  expectRefusal(await n1!.cli(["cluster", "remove", "n9"]), 3, "NOT_FOUND");
  await n1!.json(["kv", "put", "/a", "b"]);
});

test("a worker with VMs is not removed; names are free again, ids are not", async () => {
  const cluster = await run.cluster(2);
  const [n1, n2] = cluster.nodes;
  await cluster.work("--cpus", "2", "--memory", "1024", "--disk", "1024");
  await n1!.json(["vm", "create", "web", "--driver", "process", "--node", "n2", "--no-start"]);
  expectRefusal(await n1!.cli(["cluster", "remove", "n2"]), 6, "WRONG_STATE", /holds 1 VM/);
  succeeded(await n1!.cli(["vm", "delete", "web", "--wait"]));

  const { token: early } = await n1!.json(["cluster", "token", "n2"]);
  const taken = await (await cluster.make("n2", `${n2!.dataDir}-taken`)).start();
  expectRefusal(await taken.cli(["cluster", "join", n1!.address, "--token", early]), 6, "CONFLICT", /name n2 belongs to/);
  await taken.stop();

  succeeded(await n1!.cli(["cluster", "remove", "n2"]));
  await expectStopsRemoved(n2!);
  expect((await n1!.json(["worker", "list", "--consistent"])).workers.map(({ name }: Json) => name)).toEqual(["n1"]);

  // The same disk under the same id may not come back, whatever token it has.
  const { token } = await n1!.json(["cluster", "token", "n2"]);
  n2!.launch();
  const back = n2!.cli(["cluster", "join", n1!.address, "--token", token, "--timeout", "5s"]);
  await expectStopsRemoved(n2!);
  expect((await back).status).not.toBe(0);
  await expectMembers(cluster, ["n1"]);

  const anew = await (await cluster.make("n2", `${n2!.dataDir}-anew`)).start();
  const { token: fresh } = await n1!.json(["cluster", "token", "n2"]);
  succeeded(await anew.cli(["cluster", "join", n1!.address, "--token", fresh]));
  expect(anew.id).not.toBe(n2!.id);
  await expectMembers(cluster, ["n1", "n2"]);
});
