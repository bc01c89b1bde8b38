/**
 * Room on workers (rows W2, W4, W8): a start that hangs is taken back and goes elsewhere, VMs of lower priority make way, and
 * the VMs of a machine that an operator says is off do not wait for its lease, which is long here.
 */

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { guestsIn, traceLines } from "./evidence.ts";
import { expectRefusal } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;

/** A runner whose guest says `said` and is taken for up when it says `up`. */
function addRunner(node: TestNode, said: string): void {
  const runner = join(node.dataDir, "runners/tested");
  for (const directory of ["bin", "share/blixard"]) mkdirSync(join(runner, directory), { recursive: true });
  writeFileSync(join(runner, "bin/microvm-run"), `#!/bin/sh\necho ${said}\nexec sleep 1000\n`);
  chmodSync(join(runner, "bin/microvm-run"), 0o755);
  writeFileSync(join(runner, "share/blixard/ready-line"), "up\n");
}

beforeAll(async () => {
  cluster = await run.cluster(3, { flags: ["--worker-lease", "20s", "--failover-after", "10m", "--degraded-after", "2s"] });
  addRunner(cluster.node("n2"), "hangs");
  addRunner(cluster.node("n3"), "up");
  // Drivers are looked for when a daemon starts.
  for (const name of ["n2", "n3"]) await cluster.node(name).restart();
  for (const [name, memory] of [["n1", "256"], ["n2", "2048"], ["n3", "1024"]] as const) {
    await cluster.node(name).json(["worker", "register", "--cpus", "8", "--memory", memory, "--disk", "64"]);
  }
});

async function reservationOf(vm: string): Promise<{ readonly nodeName: string; readonly state: string } | undefined> {
  const { reservations } = await cluster.any.json(["reservation", "list", "--consistent", "--filter", `vm=${vm}`]);
  return reservations[0];
}

test("a start that hangs is taken back after its time, ended, and goes to another worker", async () => {
  await cluster.any.json(["vm", "create", "slow", "--driver", "runner", "--image", "tested", "--boot-deadline", "3s", "--start-within", "3s"]);
  expect(await reservationOf("slow")).toMatchObject({ nodeName: "n2", state: "held", ttlMs: 3_000 });
  await eventually(async () => (await cluster.vm("slow")).observed === "running", 60_000, "the VM runs on another worker");
  expect((await cluster.vm("slow")).ownerId).toBe(cluster.node("n3").id);
  expect(await reservationOf("slow")).toMatchObject({ nodeName: "n3", state: "confirmed" });
  const lines = cluster.live.flatMap((node) => traceLines(node.traces));
  expect(lines.filter(({ event }) => event === "LapseReservation")).toMatchObject([{ vm: "slow", ttlMs: 3_000 }]);
  await cluster.any.json(["vm", "delete", "slow", "--yes", "--wait"]);
  expect(await reservationOf("slow")).toBeUndefined();
});

test("VMs of lower priority make way, and wait until there is room", async () => {
  const node = cluster.any;
  const create = (name: string, ...more: readonly string[]) => ["vm", "create", name, "--driver", "process", "--node", "n1", "--memory", "256", ...more];
  await node.json([...create("low"), "--priority", "1", "--wait"]);
  for (const [name, on] of [["fills2", "n2"], ["fills3", "n3"]] as const) {
    const memory = on === "n2" ? "2048" : "1024";
    await node.json(["vm", "create", name, "--driver", "process", "--node", on, "--memory", memory, "--priority", "9", "--wait"]);
  }
  expectRefusal(await node.cli([...create("equal"), "--priority", "1", "--preempt"]), 6, "NO_CAPACITY");
  const plan = await node.cli(["vm", "plan", "urgent", "--driver", "process", "--memory", "256", "--priority", "5", "--preempt", "--json"]);
  expect(plan.status).toBe(1);
  expect(plan.json).toMatchObject({ fits: false, node: cluster.node("n1").id, preempts: [{ vm: "low", priority: 1 }] });
  expect(await cluster.vm("low")).toMatchObject({ observed: "running" });
  await node.json([...create("urgent"), "--priority", "5", "--preempt", "--wait"]);
  expect(await cluster.vm("low")).toMatchObject({ observed: "waiting", desired: "running", waiting: expect.stringContaining("was preempted by urgent") });
  expect(guestsIn(run.directory, (await cluster.vm("low")).uuid)).toEqual([]);
  await node.json(["vm", "delete", "urgent", "--yes", "--wait"]);
  await eventually(async () => (await cluster.vm("low")).observed === "running", 60_000, "what made way runs again");
  for (const name of ["fills2", "fills3"]) await node.json(["vm", "delete", name, "--yes", "--wait"]);
});

test("an operator says that a machine is off: its VMs do not wait for its lease", async () => {
  const [off] = await cluster.followers();
  const others = cluster.live.filter((node) => node !== off);
  const [node] = others;
  const { uuid } = (await node!.json(["vm", "create", "moves", "--driver", "process", "--node", off!.name, "--memory", "64", "--wait"])).vm;
  const drain = ["worker", "drain", off!.name, "--dead", "--assert", "powered off, checked by hand"];
  expectRefusal(await node!.cli([...drain, "--yes"]), 6, "WRONG_STATE");
  expectRefusal(await node!.cli(drain), 2, "INVALID_ARGUMENT");
  await off!.kill9();
  for (const { pid } of guestsIn(run.directory, uuid)) process.kill(pid, "SIGKILL");
  const drained = await eventually(async () => {
    const outcome = await node!.cli([...drain, "--yes", "--json"]);
    return outcome.status === 0 && outcome.json;
  }, 60_000, "the worker is silent for long enough");
  expect(drained.worker).toMatchObject({ name: off!.name, admin: "draining" });
  await eventually(async () => {
    const vm = await cluster.vm("moves", node);
    return vm.observed === "running" && vm.ownerId !== off!.id;
  }, 60_000, "the VM runs elsewhere");
  const said = traceLines(node!.traces).concat(others.flatMap(({ traces }) => traceLines(traces))).find(({ event }) => event === "ExpireLease");
  expect(said).toMatchObject({ worker: off!.id, asserted: expect.stringMatching(/^.+@.+: powered off, checked by hand$/) });
  const { stdout } = await node!.cli(["events", "--kind", "worker", "--json"]);
  expect(stdout).toMatch(/the machine is off, says .+@.+: powered off, checked by hand/);
  await off!.start();
  await eventually(async () => (await node!.json(["worker", "list"])).workers.find(({ name }: { name: string }) => name === off!.name)?.admin === "drained", 60_000, "it came back, drained");
  await node!.json(["worker", "undrain", off!.name]);
});
