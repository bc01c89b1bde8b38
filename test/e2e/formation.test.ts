/** A cluster is founded and joined; everybody agrees on who belongs to it (rows M7 to M10, P2, P8). */

import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { traceLines } from "./evidence.ts";
import { eventually } from "./eventually.ts";
import { freeAddress } from "./free-port.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3);
});

test("every node names the same voters, the same leader, the same configuration", async () => {
  const seen = [];
  for (const node of cluster.nodes) {
    const { members, configurationIndex, clusterId } = await node.json(["cluster", "members"]);
    const roles = members.map(({ id, name, address, role }: Json) => ({ id, name, address, role }));
    const { group } = await node.json(["cluster", "status"]);
    const { groups } = await node.json(["raft", "status"]);
    expect(groups[0]).toMatchObject({ group: "meta", leaderId: group.leaderId, configurationIndex });
    seen.push({ roles, configurationIndex, clusterId, leaderId: group.leaderId, term: group.term });
  }
  expect(seen[0]?.roles).toHaveLength(3);
  expect(seen[0]?.roles.map(({ role }: Json) => role)).toEqual(["voter", "voter", "voter"]);
  expect(seen[0]?.roles.map(({ address }: Json) => address).sort()).toEqual(cluster.nodes.map(({ address }) => address).sort());
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  await cluster.converged();
});

test("a joiner has the log from its first entry, and was a learner before it was a voter", async () => {
  const { id } = cluster.node("n3");
  await cluster.converged();
  const { groups } = await cluster.node("n3").json(["node", "status"]);
  expect(groups[0].firstLogIndex).toBe(1);
  const applied = traceLines(cluster.node("n3").traces).filter(({ event }) => event === "Apply");
  const configurations = applied.flatMap(({ configurations: of }: Json) => of);
  expect(configurations[0]).toMatchObject({ index: 1, voters: [cluster.node("n1").id], learners: [] });
  const learner = configurations.findIndex(({ learners }: Json) => learners.includes(id));
  const voter = configurations.findIndex(({ voters }: Json) => voters.includes(id));
  expect(learner).toBeGreaterThan(0);
  expect(voter).toBeGreaterThan(learner);
});

test("cluster wait --formed 3 answers per peer and group, as often as asked; more than there are is refused in time", async () => {
  for (const node of cluster.nodes) {
    const { peers } = await node.json(["cluster", "wait", "--formed", "3", "--leader", "--caught-up"]);
    expect(peers.map(({ state, group }: Json) => `${group} ${state}`)).toEqual(["meta formed", "meta formed", "meta formed"]);
  }
  const { health, peers } = await cluster.any.json(["cluster", "health"]);
  expect([health, peers.length]).toEqual(["healthy", 3]);
  const late = await cluster.any.cli(["cluster", "wait", "--formed", "4", "--timeout", "3s"]);
  expectRefusal(late, 5, "TIMEOUT", /3 of 4 voters/);
});

/** A worker as the log has it: what the leader judges beside changes from look to look. */
function registered(worker: Json): Json {
  const { health, silentMs, ...rest } = worker;
  expect([typeof health, typeof silentMs]).toEqual(["string", "number"]);
  return rest;
}

test("workers are registered through the log and every node lists the same", async () => {
  await cluster.work("--cpus", "2", "--memory", "1024", "--disk", "1024");
  await cluster.converged();
  const lists = await Promise.all(cluster.nodes.map(async (node) => (await node.json(["worker", "list"])).workers.map(registered)));
  expect(lists[0]).toHaveLength(3);
  expect(lists[1]).toEqual(lists[0]);
  expect(lists[2]).toEqual(lists[0]);
  expect(await cluster.any.json(["worker", "status", "n2"])).toMatchObject({ name: "n2", cpus: 2, memoryMib: 1024, admin: "active" });
  expectRefusal(await cluster.any.cli(["worker", "status", "n9"]), 3, "NOT_FOUND");
  expectRefusal(await cluster.any.cli(["worker", "register", "--node", "n2"]), 2, "INVALID_ARGUMENT");
});

test("a second init is refused, on the founder and on who joined", async () => {
  for (const node of cluster.nodes) expectRefusal(await node.cli(["cluster", "init", "--json"]), 6, "ALREADY_EXISTS");
});

test("a token is used once, by the node of its name, before it expires; a join is never half done", async () => {
  const [n1] = cluster.nodes;
  const { configurationIndex } = await n1!.json(["cluster", "members"]);
  const n4 = await (await cluster.make("n4")).start();
  expectRefusal(await n4.cli(["cluster", "members"]), 4, "NOT_INITIALIZED");
  expectRefusal(await n4.cli(["kv", "put", "/a", "b", "--timeout", "5s"]), 4, "NOT_INITIALIZED");

  const joinWith = (token: string) => n4.cli(["cluster", "join", n1!.address, "--token", token]);
  const { token: others } = await n1!.json(["cluster", "token", "n5"]);
  expectRefusal(await joinWith(others), 6, "CONFLICT", /is for a node named n5/);
  expectRefusal(await joinWith("nonsense"), 2, "INVALID_ARGUMENT", /malformed/);
  expectRefusal(await joinWith("0123456789ab.secret"), 3, "NOT_FOUND");
  const { token } = await n1!.json(["cluster", "token", "n4"]);
  expectRefusal(await joinWith(`${token}x`), 6, "CONFLICT", /secret/);

  const { token: brief, expiresAt } = await n1!.json(["cluster", "token", "n4", "--ttl", "1s"]);
  await eventually(() => Date.now() > Date.parse(expiresAt), 90_000, "the token expires");
  expectRefusal(await joinWith(brief), 6, "WRONG_STATE", /expired/);
  expect((await n1!.json(["cluster", "members"])).configurationIndex).toBe(configurationIndex);

  succeeded(await joinWith(token));
  expectRefusal(await joinWith(token), 6, "ALREADY_EXISTS");
  const n4again = await (await cluster.make("n4", join(run.directory, "n4-again"))).start();
  expectRefusal(await n4again.cli(["cluster", "join", n1!.address, "--token", token]), 6, "WRONG_STATE", /used already/);
  await n4again.stop();
  await n1!.json(["cluster", "wait", "--formed", "4"]);
  await cluster.converged(90_000, cluster.live);
});

test("a join at a wrong address, and with one at which nobody answers back, changes nothing", async () => {
  const [n1] = cluster.nodes;
  const { token } = await n1!.json(["cluster", "token", "n6"]);
  const n6 = await (await cluster.make("n6")).start();
  const nobody = await freeAddress();
  expectRefusal(await n6.cli(["cluster", "join", nobody, "--token", token, "--timeout", "5s"]), 7, "UNREACHABLE");
  expectRefusal(await n6.cli(["cluster", "join", "nowhere", "--token", token]), 2, "INVALID_ARGUMENT");
  expectRefusal(await n6.cli(["cluster", "join", n6.address, "--token", token]), 4, "NOT_INITIALIZED");
  await n6.stop();
  // It advertises an address at which another node answers.
  const args = ["node", "start", "--id", "n6", "--listen", n6.address, "--data-dir", n6.dataDir, "--advertise", n1!.address, "--daemon"];
  succeeded(await run.cli(args));
  expectRefusal(await n6.cli(["cluster", "join", n1!.address, "--token", token]), 6, "CONFLICT", /answers node/);
  succeeded(await n6.cli(["node", "stop"]));
  const { members } = await n1!.json(["cluster", "members"]);
  expect(members.map(({ name }: Json) => name)).not.toContain("n6");
});
