/** Several members are replaced at once (rows M4, M6, M8; the dissertation's 4.3), and one that was removed stays so. */

import { expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { eventually, within } from "./eventually.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";
import { WriteStream } from "./write-stream.ts";

const run = useRun();

/** Nodes that join as learners and stay so. */
async function joinAsLearners(cluster: Cluster, ...names: readonly string[]): Promise<readonly TestNode[]> {
  const seed = cluster.any;
  const made = await Promise.all(names.map((name) => cluster.make(name)));
  await Promise.all(made.map((node) => node.start()));
  for (const node of made) {
    const { token } = await seed.json(["cluster", "token", node.name]);
    await node.json(["cluster", "join", seed.address, "--token", token, "--learner"]);
  }
  return made;
}

async function roles(node: TestNode): Promise<Record<string, string>> {
  const { members } = await node.json(["cluster", "members", "--consistent"]);
  return Object.fromEntries(members.map(({ name, role }: Json) => [name, role]));
}

async function expectEnds(node: TestNode, said: RegExp): Promise<void> {
  const end = await within(node.ended, 90_000, `${node.name}, removed, stops itself`);
  expect(end, node.log).toEqual({ status: 6, signal: null });
  expect(node.log).toMatch(said);
  expect(node.log).not.toMatch(/^\s+at /m);
}

test("two of three voters are replaced under load, and their leader is killed before that is complete", async () => {
  const cluster = await run.cluster(3);
  const comers = await joinAsLearners(cluster, "n4", "n5");
  const before = new WriteStream("before", cluster.nodes);
  await before.more(100);
  await before.stop();
  await cluster.converged();

  const leader = await cluster.leader();
  const [staying, going] = (await cluster.followers()).filter((node) => !comers.includes(node)) as [TestNode, TestNode];
  // Without the new voters the joint configuration cannot be committed: the leader dies while it is under way.
  for (const node of comers) node.pause();
  const index = (await leader.look()).lastLogIndex;
  const command = staying.cli(["cluster", "replace", `${leader.name},${going.name}`, "--with", "n4,n5", "--timeout", "60s", "--json"]);
  await eventually(async () => {
    const seen = await Promise.all([leader, staying, going].map((node) => node.look()));
    return seen.filter(({ lastLogIndex }) => lastLogIndex > index).length >= 2;
  }, 30_000, "the joint configuration stands in the logs of two old voters");
  const during = new WriteStream("during", [staying, ...comers]);
  await leader.kill9();
  for (const node of comers) node.resume();

  const { json, status } = succeeded(await command);
  expect({ status, complete: json?.["complete"] }).toEqual({ status: 0, complete: true });
  await expectEnds(going, /removed from the cluster/);
  await during.more(100, 60_000);
  await during.stop();
  const rest = [staying, ...comers];
  await cluster.converged(90_000, rest);
  for (const node of rest) {
    await before.check(node);
    await during.check(node);
    expect(await roles(node)).toEqual({ [staying.name]: "voter", n4: "voter", n5: "voter" });
  }
  // The old leader comes back, is told, and stops; then it knows by itself, although nobody is left to tell it.
  leader.launch();
  await expectEnds(leader, /removed from the cluster/);
  await Promise.all(rest.map((node) => node.kill9()));
  for (const node of [leader, going]) {
    node.launch();
    await expectEnds(node, /removed from the cluster[^]*empty --data-dir[^]*REMOVED/);
  }
}, 900_000);

test("what cannot be replaced or promoted is refused, and nothing is half done", async () => {
  const cluster = await run.cluster(3);
  const [n1] = cluster.nodes;
  await joinAsLearners(cluster, "n4");
  expect(await roles(n1!)).toEqual({ n1: "voter", n2: "voter", n3: "voter", n4: "standby" });
  succeeded(await n1!.cli(["cluster", "wait", "--formed", "3", "--caught-up"]));
  const { configurationIndex } = await n1!.look();
  const refused = async (words: string, exit: number, code: string, said?: RegExp): Promise<void> => {
    expectRefusal(await n1!.cli(["cluster", ...words.split(" ")]), exit, code, said);
  };
  await refused("replace n9 --with n4", 3, "NOT_FOUND", /n9/);
  await refused("replace n1 --with n9", 3, "NOT_FOUND", /n9/);
  await refused("replace n1 --with n2", 6, "ALREADY_EXISTS", /n2 votes already/);
  await refused("replace n9 --with n2", 3, "NOT_FOUND", /that is done/);
  await refused("replace n4 --with n4", 2, "INVALID_ARGUMENT", /n4 is named twice/);
  await refused("promote n2", 6, "ALREADY_EXISTS", /n2 votes already/);
  await refused("promote n9", 3, "NOT_FOUND");
  await refused("prefer n4", 6, "WRONG_STATE", /learner/);
  await n1!.json(["worker", "register", "--cpus", "1", "--memory", "512", "--disk", "512"]);
  await n1!.json(["vm", "create", "web", "--driver", "process", "--no-start"]);
  await refused("replace n1 --with n4", 6, "WRONG_STATE", /n1 holds 1 VM/);
  expectRefusal(await cluster.node("n4").cli(["cluster", "join", n1!.address, "--token", "a.b"]), 6, "WRONG_STATE", /cluster promote n4/);
  expect(await n1!.look()).toMatchObject({ configurationIndex, joint: false });

  succeeded(await n1!.cli(["vm", "delete", "web", "--wait"]));
  expect((await n1!.json(["cluster", "promote", "n4"])).nodeId).toBe(cluster.node("n4").id);
  expect(await roles(n1!)).toEqual({ n1: "voter", n2: "voter", n3: "voter", n4: "voter" });
  const [chosen] = await cluster.followers();
  await n1!.json(["cluster", "prefer", chosen!.name]);
  await eventually(async () => (await cluster.leader()) === chosen, 90_000, `${chosen!.name}, preferred, leads`);
  const { members } = await n1!.json(["cluster", "members"]);
  expect(members.filter(({ preferred }: Json) => preferred).map(({ name }: Json) => name)).toEqual([chosen!.name]);
  expect((await n1!.json(["cluster", "prefer", "--none"])).nodeId).toBeNull();
});
