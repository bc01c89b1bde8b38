/** Everything ends at once and starts again: nothing is lost, nothing is done twice (rows P4, P5, M3, V4; R1). */

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseName } from "../../src/machine/names.ts";
import type { VmSpec } from "../../src/machine/records.ts";
import { processDriver } from "../../src/vm/process-driver.ts";
import { runDirectory } from "../../src/vm/run-directory.ts";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { guestsIn, traceLines } from "./evidence.ts";
import { isAlive, killIfThere } from "./own-processes.ts";
import type { Json } from "./program.ts";
import { useRun } from "./run.ts";
import { WriteStream } from "./write-stream.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
});

/** How often the drivers of all nodes were told to start a VM. */
function launches(): number {
  return cluster.nodes.flatMap(({ traces }) => traceLines(traces)).filter(({ event }) => event === "LaunchVm").length;
}

async function killAll(): Promise<void> {
  await Promise.all(cluster.live.map((node) => node.kill9()));
}

async function startAll(): Promise<void> {
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.leader();
}

/** What the cluster knows of VMs, workers and keys. */
async function records(): Promise<Json> {
  const lists = [["vm", "list"], ["worker", "list"], ["kv", "ls", "/"]];
  const [vms, workers, keys] = await Promise.all(lists.map((list) => cluster.any.json([...list, "--consistent"])));
  const stable = vms.vms.map(({ pid: _pid, ...vm }: Json) => vm);
  // What the leader judges beside changes from look to look.
  const registered = workers.workers.map(({ health: _health, silentMs: _silentMs, ...worker }: Json) => worker);
  return { vms: stable, workers: registered, keys: keys.items };
}

async function pids(): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const name of ["vm-1", "vm-2", "vm-3"]) found[name] = (await cluster.vm(name)).pid;
  return found;
}

test("after kill -9 of all and a start of all: state, members and terms are there, VMs are adopted with the same pids", async () => {
  for (const at of [1, 2, 3]) await cluster.any.json(["vm", "create", `vm-${at}`, "--driver", "process", "--node", `n${at}`, "--wait"]);
  await cluster.any.json(["vm", "create", "idle", "--driver", "process", "--node", "n1", "--no-start"]);
  const stream = new WriteStream("stream", cluster.nodes);
  await stream.more(60);
  await stream.stop();
  const before = await pids();
  expect(launches()).toBe(3);
  const { term, members } = await cluster.converged();
  const kept = await records();

  await killAll();
  for (const pid of Object.values(before)) expect(isAlive(pid)).toBe(true);
  await startAll();

  const after = await cluster.converged();
  expect(after.term).toBeGreaterThan(term);
  // An election is an event, hence a row: all but the events is what it was. `converged` compares digests of the nodes.
  expect(await records()).toEqual(kept);
  expect(after.members.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
  for (const node of cluster.nodes) await stream.check(node);
  expect(await pids()).toEqual(before);
  const { vms } = await cluster.any.json(["vm", "list", "--consistent"]);
  expect(vms.map(({ name, observed, desired }: Json) => `${name} ${observed} ${desired}`)).toEqual([
    "idle pending stopped",
    "vm-1 running running",
    "vm-2 running running",
    "vm-3 running running",
  ]);
  // No replayed entry reached a driver, and nobody started the VM of another.
  expect(launches()).toBe(3);
  expect(guestsIn(run.directory).map(({ pid }) => pid).sort()).toEqual(Object.values(before).sort());
});

test("kill -9 of all in the middle of a stream of writes, twice: what was acknowledged is there, once", async () => {
  const stream = new WriteStream("torn", cluster.nodes);
  for (let round = 0; round < 2; round++) {
    await stream.more(50);
    await killAll();
    await startAll();
  }
  await stream.more(50);
  await stream.stop();
  await cluster.converged();
  for (const node of cluster.nodes) await stream.check(node);
});

test("what ended while its daemon was down is reported as it was, and stays ended", async () => {
  const { pid } = await cluster.vm("vm-2");
  await killAll();
  killIfThere(pid, "SIGKILL");
  await eventually(() => !isAlive(pid), 90_000, "the VM has ended");
  await startAll();
  const vm = await eventually(
    async () => {
      const seen = await cluster.vm("vm-2");
      return seen.observed === "failed" && seen;
    },
    90_000,
    "the end of the VM is reported",
  );
  expect(vm).toMatchObject({ observed: "failed", desired: "running", pid: null });
  expect(vm.failure).toMatch(/ended by itself/);
  expect(launches()).toBe(3);
  await cluster.any.json(["vm", "start", "vm-2", "--wait"]);
  expect(launches()).toBe(4);
});

test("a wish that was made while the owner was down is paid when it returns", async () => {
  const leader = await cluster.leader();
  const owner = cluster.nodes.find((node) => node !== leader && node.name !== "n2")!;
  const name = `vm-${owner.name.slice(1)}`;
  const { pid } = await cluster.vm(name, leader);
  await owner.kill9();
  await leader.json(["vm", "stop", name]);
  expect(await cluster.vm(name, leader)).toMatchObject({ desired: "stopped", observed: "stopping" });
  expect(isAlive(pid)).toBe(true);
  await owner.start();
  await eventually(async () => (await cluster.vm(name)).observed === "stopped", 90_000, "the stop is carried out");
  expect(isAlive(pid)).toBe(false);
});

test("a VM that no record names is told of as an orphan and left alone", async () => {
  const owner = cluster.node("n2");
  const { pid } = await cluster.vm("vm-2");
  await owner.kill9();
  const uuid = randomUUID();
  const spec: VmSpec = { name: parseName("ghost"), driver: "process", cpus: 1, memoryMib: 64, diskMib: 0, image: parseName("default") };
  const ghost = await processDriver().start(spec, uuid, 1, runDirectory(join(owner.dataDir, "vms"), uuid));
  ghost.close();
  await owner.start();
  await eventually(() => owner.log.includes("orphan") && owner.log.includes(uuid), 90_000, "the orphan is told of");
  expect(isAlive(ghost.identity.pid)).toBe(true);
  expect(await cluster.vm("vm-2")).toMatchObject({ pid, observed: "running" });
  expect((await owner.json(["vm", "list", "--consistent"])).vms.map(({ name }: Json) => name)).not.toContain("ghost");
});
