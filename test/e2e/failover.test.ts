/**
 * A worker fails with its VM (rows W5, W6): killed, or stopped by SIGSTOP so that it cannot end anything itself. The VM
 * comes up elsewhere, and at no moment do two of it run: processes are looked at all the time, on the one machine that
 * all nodes share here.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { atThisPace, eventually } from "./eventually.ts";
import { guestsIn, traceLines } from "./evidence.ts";
import { expectRefusal } from "./program.ts";
import { isAlive } from "./own-processes.ts";
import { missingForQemu } from "./qemu-here.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
const withQemu = missingForQemu() === null;
let cluster: Cluster;

// Short leases are not renewed in time by a busy machine: the slower, the longer.
const pace = Math.min(6, atThisPace(1));
const times = { lease: Math.ceil(3_000 * pace), budget: Math.ceil(1_500 * pace), failover: Math.ceil(5_000 * pace) };

beforeAll(async () => {
  cluster = await run.cluster(3, {
    flags: ["--worker-lease", `${times.lease}ms`, "--kill-budget", `${times.budget}ms`, "--failover-after", `${times.failover}ms`],
  });
  await cluster.work("--cpus", "8", "--memory", "1024", "--disk", "1024");
});

/** Looks at the processes of a VM until it is told to stop; what it saw of two at once. */
function watch(uuid: string): () => readonly string[] {
  const seen: string[] = [];
  const timer = setInterval(() => {
    const guests = guestsIn(run.directory, uuid);
    if (guests.length > 1) seen.push(guests.map(({ pid, directory }) => `${pid} in ${directory}`).join(" and "));
  }, 20);
  return () => {
    clearInterval(timer);
    return seen;
  };
}

/** A follower that runs a new VM. */
async function ownerOf(name: string, driver = "process"): Promise<{ owner: TestNode; uuid: string }> {
  const [follower] = await cluster.followers();
  const { uuid } = (await follower!.json(["vm", "create", name, "--driver", driver, "--node", follower!.name, "--wait", "--timeout", "180s"])).vm;
  const { ownerId } = await cluster.vm(name, follower);
  return { owner: cluster.node(ownerId), uuid };
}

/** Waits until the VM runs on another worker; how long that took from now, which is never sooner than the times allow. */
async function comesUpWithout(lost: TestNode, name: string): Promise<number> {
  const start = performance.now();
  const others = cluster.live.filter((node) => node !== lost);
  await eventually(
    async () => {
      const vm = await cluster.vm(name, others[0]);
      return vm.observed === "running" && vm.ownerId !== lost.id && vm.pid !== null;
    },
    90_000,
    `${name} runs without ${lost.name}`,
  );
  const tookMs = performance.now() - start;
  expect(tookMs).toBeGreaterThanOrEqual(times.failover - times.lease);
  return tookMs;
}

function tell(how: string, tookMs: number): void {
  process.stdout.write(
    `failover of a worker that was ${how}: ${(tookMs / 1000).toFixed(1)} s; the last renewal was at most ${(times.lease / 1000).toFixed(1)} s before, so no sooner than ${((times.failover - times.lease) / 1000).toFixed(1)} s, and no later than ${(times.failover / 1000).toFixed(1)} s and the start of the VM\n`,
  );
}

test("a worker is killed: its VM ends by its watchdog, and then comes up elsewhere", async () => {
  const { owner, uuid } = await ownerOf("orphaned");
  const two = watch(uuid);
  await owner.kill9();
  tell("killed", await comesUpWithout(owner, "orphaned"));
  expect(two()).toEqual([]);
  expect(guestsIn(run.directory, uuid)).toHaveLength(1);
  await owner.start();
  await eventually(() => holdsLease(owner, 2), 90_000, `${owner.name} holds a lease again`);
  expect(guestsIn(run.directory, uuid)).toHaveLength(1);
});

test("a worker is stopped by SIGSTOP and goes on later: its VM ended before the other began, and stays there", async () => {
  const { owner, uuid } = await ownerOf("paused");
  const before = held(owner);
  const two = watch(uuid);
  owner.pause();
  tell("stopped", await comesUpWithout(owner, "paused"));
  owner.resume();
  await eventually(() => held(owner) > before, 90_000, `${owner.name} holds another lease`);
  const vm = await cluster.vm("paused", owner);
  expect(vm.ownerId).not.toBe(owner.id);
  expect(guestsIn(run.directory, uuid).map(({ pid }) => pid)).toEqual([vm.pid]);
  expect(two()).toEqual([]);
  expect(traceLines(owner.traces).some((line) => line.event === "LoseLease")).toBe(true);
});

test(`a worker and its VM ${withQemu ? "under QEMU" : "(a process: there is no QEMU here)"} are stopped by SIGSTOP: what cannot end itself is ended by its watchdog`, async () => {
  const { owner, uuid } = await ownerOf("frozen", withQemu ? "qemu" : "process");
  const [guest] = guestsIn(run.directory, uuid);
  const two = watch(uuid);
  process.kill(guest!.pid, "SIGSTOP");
  owner.pause();
  tell("stopped together with its VM", await comesUpWithout(owner, "frozen"));
  expect(isAlive(guest!.pid)).toBe(false);
  owner.resume();
  await eventually(async () => (await cluster.vm("frozen", owner)).ownerId !== owner.id, 90_000, `${owner.name} knows that its VM has gone`);
  expect(guestsIn(run.directory, uuid)).toHaveLength(1);
  expect(two()).toEqual([]);
  await cluster.any.json(["vm", "delete", "frozen", "--wait"]);
}, 300_000);

test("a VM is moved, and a worker is drained: what ran runs again, once, elsewhere", async () => {
  const node = cluster.any;
  const { uuid } = (await node.json(["vm", "create", "mover", "--driver", "process", "--node", "n2", "--wait"])).vm;
  const two = watch(uuid);
  await node.json(["vm", "migrate", "mover", "--to", "n3", "--wait"]);
  expect(await cluster.vm("mover")).toMatchObject({ ownerId: cluster.node("n3").id, observed: "running" });
  await node.json(["worker", "drain", "n3", "--monitor"]);
  await eventually(async () => (await cluster.vm("mover")).observed === "running", 90_000, "the VM that was drained away runs");
  expect((await cluster.vm("mover")).ownerId).not.toBe(cluster.node("n3").id);
  const { workers } = await node.json(["worker", "list", "--consistent"]);
  expect(workers.find((worker: { name: string }) => worker.name === "n3")).toMatchObject({ admin: "drained", vms: 0 });
  await node.json(["worker", "undrain", "n3"]);
  expect(two()).toEqual([]);
  expect(guestsIn(run.directory, uuid)).toHaveLength(1);
  const { ownerId } = await cluster.vm("mover");
  const holders = (): readonly string[] => cluster.nodes.filter(({ dataDir }) => existsSync(join(dataDir, "vms", uuid))).map(({ id }) => id);
  await eventually(() => holders().join() === ownerId, 90_000, "only its owner has a directory of it");
  expectRefusal(await node.cli(["vm", "migrate", "nobody"]), 3, "NOT_FOUND");
});

test("times by which a VM could run twice are refused", async () => {
  const place = ["--listen", "127.0.0.1:0", "--data-dir", join(run.directory, "hasty")];
  const outcome = await run.cli(["node", "start", "--id", "hasty", ...place, "--worker-lease", "20s", "--failover-after", "25s"]);
  expectRefusal(outcome, 2, "INVALID_CONFIG");
  expect(outcome.stderr).toMatch(/failover-after of at least 26000ms/);
});

/** How many leases the node has come to hold. */
function held(node: TestNode): number {
  return traceLines(node.traces).filter((line) => line.event === "HoldLease").length;
}

function holdsLease(node: TestNode, count: number): boolean {
  return held(node) >= count;
}
