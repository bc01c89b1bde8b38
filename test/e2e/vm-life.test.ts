/** The life of VMs under the process driver (rows P4 to P7, S5, V2, W2, W3). */

import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { processState } from "../../src/vm/vm-process.ts";
import { connectClient } from "../../src/transport/client.ts";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually, within } from "./eventually.ts";
import { isAlive, killIfThere } from "./own-processes.ts";
import { type Json, expectRefusal, programFile, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import { guestsIn, traceLines } from "./evidence.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
  await cluster.work("--cpus", "64", "--memory", "1024", "--disk", "1024");
});

/** How often drivers did this to that VM. */
function done(event: string, uuid: string): number {
  return cluster.nodes.flatMap(({ traces }) => traceLines(traces)).filter((line) => line.event === event && line["uuid"] === uuid).length;
}

function create(name: string, ...more: readonly string[]): Promise<Json> {
  return cluster.any.json(["vm", "create", name, "--driver", "process", ...more]);
}

test("created, seen alike from every node, read, stopped, started anew, deleted", async () => {
  const { vm } = await create("web", "--wait");
  expect(vm).toMatchObject({ name: "web", observed: "running", desired: "running", generation: 1, driver: "process" });
  const { pid, uuid } = await cluster.vm("web");
  expect(guestsIn(run.directory, uuid).map((guest) => guest.pid)).toEqual([pid]);
  await cluster.converged();
  for (const node of cluster.nodes) {
    const { vms } = await node.json(["vm", "list"]);
    expect(vms).toMatchObject([{ name: "web", observed: "running", ownerId: vm.ownerId, uuid }]);
    expect(await node.json(["vm", "status", "web"])).toMatchObject({ pid, uuid, placement: { node: vm.ownerId } });
    expect(succeeded(await node.cli(["vm", "logs", "web", "--tail", "5"])).stdout).toMatch(/blixard-guest: ready .*host=web/);
  }
  await cluster.any.json(["vm", "stop", "web", "--wait"]);
  expect(isAlive(pid)).toBe(false);
  expect(await cluster.vm("web")).toMatchObject({ observed: "stopped", desired: "stopped", pid: null, exit: { how: "host-stop" }, failure: null });
  await cluster.node("n3").json(["vm", "start", "web", "--wait"]);
  const again = await cluster.vm("web");
  expect(again).toMatchObject({ observed: "running", uuid, generation: 3 });
  expect(again.pid).not.toBe(pid);
  await cluster.node("n2").json(["vm", "delete", "web", "--wait"]);
  expect(isAlive(again.pid)).toBe(false);
  expectRefusal(await cluster.any.cli(["vm", "status", "web", "--consistent"]), 3, "NOT_FOUND");
});

test("a console is followed from any node, and the following ends with the VM", async () => {
  await create("talker", "--node", "n2", "--wait");
  const seen = new Map<string, string>();
  const follow = async (name: string): Promise<void> => {
    const client = connectClient(cluster.node(name).address, { timeoutMs: 60_000 });
    try {
      for await (const { text } of client.vm.logs({ name: "talker", follow: true })) seen.set(name, `${seen.get(name) ?? ""}${Buffer.from(text).toString()}`);
    } finally {
      client.close();
    }
  };
  const following = Promise.all([follow("n1"), follow("n2")]);
  const both = (word: string) => () => ["n1", "n2"].every((name) => seen.get(name)?.includes(word));
  await eventually(both("ready"), 90_000, "the console is followed");
  await cluster.any.json(["vm", "stop", "talker", "--wait"]);
  await eventually(both("shutdown"), 90_000, "what comes later is told too");
  await cluster.any.json(["vm", "delete", "talker", "--wait"]);
  await within(following, 90_000, "following ends");
});

test("start, stop and delete twice: one call of the driver, a defined answer", async () => {
  const { vm } = await create("twice", "--no-start");
  const { uuid } = vm;
  expect(vm).toMatchObject({ desired: "stopped", observed: "pending" });
  expect(guestsIn(run.directory, uuid)).toEqual([]);
  expect((await cluster.any.json(["vm", "stop", "twice"])).vm.generation).toBe(1);
  const starts = await Promise.all([1, 2, 3].map((at) => cluster.node(`n${at}`).json(["vm", "start", "twice", "--wait"])));
  expect(new Set(starts.map(({ vm: { generation } }: Json) => generation))).toEqual(new Set([2]));
  const { pid } = await cluster.vm("twice");
  expect((await cluster.any.json(["vm", "start", "twice"])).vm.generation).toBe(2);
  expect(await cluster.vm("twice")).toMatchObject({ pid });
  expect(done("LaunchVm", uuid)).toBe(1);
  for (let at = 0; at < 2; at++) expect((await cluster.any.json(["vm", "stop", "twice", "--wait"])).vm.generation).toBe(3);
  expect(done("StopVm", uuid)).toBe(1);
  await cluster.any.json(["vm", "delete", "twice", "--wait"]);
  expectRefusal(await cluster.any.cli(["vm", "delete", "twice"]), 3, "NOT_FOUND");
  expectRefusal(await cluster.any.cli(["vm", "start", "twice"]), 3, "NOT_FOUND");
});

test("paused and resumed with the same process, restarted with another; waited for from elsewhere", async () => {
  await create("calm", "--wait");
  const { pid, uuid } = await cluster.vm("calm");
  expect((await cluster.node("n2").json(["vm", "pause", "calm", "--wait"])).vm).toMatchObject({ observed: "paused", desired: "paused" });
  expect(stateOf(pid)).toBe("T");
  expectRefusal(await cluster.any.cli(["vm", "wait", "calm", "--for", "running", "--timeout", "3s"]), 5, "TIMEOUT", /paused/);
  const waiting = cluster.node("n3").json(["vm", "wait", "calm", "--for", "running"]);
  await cluster.any.json(["vm", "resume", "calm"]);
  expect((await waiting).vm).toMatchObject({ observed: "running", pid });
  expect((await cluster.any.json(["vm", "restart", "calm", "--wait"])).vm).toMatchObject({ observed: "running", uuid });
  const again = await cluster.vm("calm");
  expect([isAlive(pid), again.pid === pid, done("LaunchVm", uuid), done("StopVm", uuid)]).toEqual([false, false, 2, 1]);
  const inspected = await cluster.node("n1").json(["vm", "inspect", "calm"]);
  expect(inspected).toMatchObject({ vm: { uuid }, record: { freshFrom: 4 }, run: { process: { pid: again.pid, generation: 4 } } });
  expect(inspected.run.process.argv).toContain(uuid);
  expect(inspected.history.map(({ what }: Json) => what)).toEqual(expect.arrayContaining(["created", "running", "paused-asked", "paused"]));
  expect(succeeded(await cluster.node("n2").cli(["vm", "inspect", "calm"])).stdout).toMatch(/process +\d+, state S.*console +\//s);
  await cluster.any.json(["vm", "pause", "calm", "--wait"]);
  await cluster.any.json(["vm", "kill", "calm", "--wait"]);
  expect(await cluster.vm("calm")).toMatchObject({ observed: "stopped", exit: { how: "host-kill" } });
  expectRefusal(await cluster.any.cli(["vm", "pause", "calm"]), 6, "WRONG_STATE");
  await cluster.any.json(["vm", "delete", "calm", "--wait"]);
  succeeded(await cluster.any.cli(["vm", "wait", "calm", "--for", "gone"]));
});

/** T: stopped (proc(5)). */
function stateOf(pid: number): string {
  return processState(pid)?.state ?? "gone";
}

test("a command in the guest, asked of any node: outputs apart, its exit code, an end when its time is up", async () => {
  await create("busy", "--node", "n2", "--wait");
  for (const node of cluster.nodes) {
    const { status, stdout, stderr } = await node.cli(["vm", "exec", "busy", "--", "sh", "-c", "echo said; echo told >&2; exit 9"]);
    expect({ status, stdout, stderr }).toEqual({ status: 9, stdout: "said\n", stderr: "told\n" });
  }
  expect(succeeded(await cluster.any.cli(["vm", "exec", "busy", "--json", "--", "echo", "--json"])).json).toEqual({ code: 0, stdout: "--json\n", stderr: "" });
  expectRefusal(await cluster.node("n1").cli(["vm", "exec", "busy", "--timeout", "3s", "--", "sleep", "600"]), 5, "TIMEOUT", /ended/);
  expectRefusal(await cluster.any.cli(["vm", "exec", "busy"]), 2, "INVALID_ARGUMENT");
  await cluster.any.json(["vm", "stop", "busy", "--wait"]);
  expectRefusal(await cluster.any.cli(["vm", "exec", "busy", "--", "true"]), 6, "WRONG_STATE");
  await cluster.any.json(["vm", "delete", "busy", "--wait"]);
});

test("stdin of a command in the guest, asked of any node: all bytes in order, its end, its exit code; unread, it stops nobody", async () => {
  await create("reader", "--node", "n2", "--wait");
  const bytes = randomBytes(1_500_000);
  const sum = createHash("sha256").update(bytes).digest("hex");
  const exec = (node: string, input: Buffer, ...command: readonly string[]) =>
    spawnSync(process.execPath, [programFile, "vm", "exec", "-i", "reader", "--", ...command], { input, maxBuffer: 10_000_000, timeout: 120_000, env: { ...process.env, BLIXARD_ADDR: cluster.node(node).address } });
  for (const node of ["n2", "n3"]) {
    const { stdout, status } = exec(node, bytes, "sh", "-c", "sha256sum; exit 6");
    expect([stdout.toString(), status]).toEqual([`${sum}  -\n`, 6]);
  }
  expect(exec("n1", bytes, "cat").stdout.equals(bytes)).toBe(true);
  expect(exec("n1", bytes, "sh", "-c", "head -c 3 | tr -d '\\0-\\377'; exit 2").status).toBe(2);
  expect(exec("n3", Buffer.alloc(0), "wc", "-c").stdout.toString().trim()).toBe("0");
  await cluster.any.json(["vm", "delete", "reader", "--wait"]);
});

test("a VM that does not do its work is seen to, started again by its policy, and told of in its history", async () => {
  const file = join(run.directory, "does-its-work");
  writeFileSync(file, "");
  const check = ["--health", `exec:${JSON.stringify(["test", "-e", file])}`, "--health-interval", "100ms", "--health-timeout", "60s", "--health-threshold", "2"];
  await create("watched", "--wait", "--node", "n2", ...check, "--restart", "on-failure", "--restart-backoff", "100ms");
  await create("seen", "--wait", ...check);
  const become = (name: string, health: string) => eventually(async () => (await cluster.vm(name)).health === health, 90_000, `${name} becomes ${health}`);
  await become("watched", "healthy");
  const before = await cluster.vm("watched");
  expect(succeeded(await cluster.node("n1").cli(["vm", "list"])).stdout).toMatch(/HEALTH.*watched +running +healthy/s);
  await become("seen", "healthy");
  rmSync(file);
  await become("seen", "unhealthy");
  expect(await cluster.vm("seen")).toMatchObject({ observed: "running", generation: 1, healthDetail: "the command ended with 1" });
  await eventually(async () => (await cluster.vm("watched")).generation > before.generation, 90_000, "it is started again");
  writeFileSync(file, "");
  await become("watched", "healthy");
  await become("seen", "healthy");
  expect(await cluster.vm("watched")).toMatchObject({ observed: "running", uuid: before.uuid });
  expect([isAlive(before.pid), (await cluster.vm("watched")).pid === before.pid]).toEqual([false, false]);
  const { history } = await cluster.node("n3").json(["vm", "inspect", "watched"]);
  expect(history.map(({ what }: Json) => what).slice(0, 7)).toEqual(["created", "starting", "running", "healthy", "unhealthy", "failed", "start-asked"]);
  expect(history[5].text).toContain("it was unhealthy: the command ended with 1");
  expectRefusal(await cluster.any.cli(["vm", "create", "odd", "--driver", "process", "--health", "ping"]), 2, "INVALID_ARGUMENT", /process, console/);
  expectRefusal(await cluster.any.cli(["vm", "create", "odd", "--health", "tcp:80"]), 2, "INVALID_ARGUMENT", /port 80/);
  await Promise.all(["watched", "seen"].map((name) => cluster.any.json(["vm", "delete", name, "--wait"])));
});

test("a name that is taken, room that is not there, a worker that is none: refused, and nothing is left of it", async () => {
  await create("taken", "--no-start");
  expectRefusal(await cluster.node("n2").cli(["vm", "create", "taken", "--driver", "process"]), 6, "ALREADY_EXISTS");
  expectRefusal(await cluster.any.cli(["vm", "create", "huge", "--driver", "process", "--memory", "2GiB"]), 6, "NO_CAPACITY", /memory|room/i);
  expectRefusal(await cluster.any.cli(["vm", "create", "huge", "--driver", "process", "--node", "n2", "--cpus", "65"]), 6, "NO_CAPACITY");
  expectRefusal(await cluster.any.cli(["vm", "create", "lost", "--driver", "process", "--node", "n9"]), 3, "NOT_FOUND");
  const { vms } = await cluster.any.json(["vm", "list", "--consistent"]);
  expect(vms.map(({ name }: Json) => name)).toEqual(["taken"]);
  await cluster.any.json(["vm", "delete", "taken", "--wait"]);
  expect(await freeMemory()).toEqual([1024, 1024, 1024]);
});

async function freeMemory(): Promise<readonly number[]> {
  const { workers } = await cluster.any.json(["worker", "list", "--consistent"]);
  return workers.map(({ freeMemoryMib }: Json) => freeMemoryMib);
}

test("of 20 creates at once, with room for 6, exactly 6 get it; a VM goes where it is told to", async () => {
  // What is to run takes room at once, and never gives it back before it has ended.
  const clients = cluster.nodes.map(({ address }) => connectClient(address, { timeoutMs: 60_000 }));
  const asked = Array.from({ length: 20 }, (_, at) => {
    const request = { client: `crowd-${at}`, sequence: 1, acknowledged: 1 };
    return clients[at % 3]!.vm.create({ request, name: `crowd-${at}`, driver: "process", memoryMib: 512, start: true });
  });
  const results = await Promise.allSettled(asked);
  for (const client of clients) client.close();
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(6);
  for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "NO_CAPACITY" });
  expect(await freeMemory()).toEqual([0, 0, 0]);
  const { vms } = await cluster.any.json(["vm", "list", "--consistent"]);
  await Promise.all(vms.map(({ name }: Json) => cluster.any.json(["vm", "delete", name, "--wait"])));
  expect(await freeMemory()).toEqual([1024, 1024, 1024]);
  for (const name of ["n3", "n1"]) {
    expect((await create(`on-${name}`, "--node", name, "--no-start")).vm).toMatchObject({ ownerName: name, placement: { strategy: "manual" } });
    await cluster.any.json(["vm", "delete", `on-${name}`, "--wait"]);
  }
});

test("VMs are spread over a label, apart from each other; the plan of a create tells so before, and changes nothing", async () => {
  const zones = { n1: "a", n2: "a", n3: "b" } as const;
  for (const [name, zone] of Object.entries(zones)) {
    expect((await cluster.node(name).json(["worker", "register", "--cpus", "64", "--memory", "1024", "--disk", "1024", "--label", `zone=${zone}`])).worker.labels).toEqual([`zone=${zone}`]);
  }
  const wishes = ["--driver", "process", "--label", "app=db", "--apart", "app=db", "--spread", "zone"];
  const chosen: string[] = [];
  for (const name of ["db1", "db2", "db3"]) {
    const plan = await cluster.any.json(["vm", "plan", name, ...wishes]);
    expect(plan).toMatchObject({ fits: true, strategy: "spread", refusal: null });
    const { vm } = await cluster.any.json(["vm", "create", name, ...wishes, "--no-start"]);
    expect(vm).toMatchObject({ ownerId: plan.node, labels: ["app=db"], place: { strategy: "spread", label: "zone", apart: ["app=db"] } });
    chosen.push(vm.ownerName);
  }
  expect(chosen).toEqual(["n1", "n3", "n2"]);
  const before = (await cluster.any.json(["vm", "list", "--consistent"])).vms;
  const none = await cluster.node("n2").cli(["vm", "plan", "db4", ...wishes, "--json"]);
  expect(none.status).toBe(1);
  const reasons = JSON.parse(none.stdout).workers.map(({ name, verdict, reason }: Json) => [name, verdict, reason]);
  expect(reasons.sort()).toEqual(["n1", "n2", "n3"].map((name) => [name, "rejected", "holds a VM with app=db"]));
  expect(succeeded(await cluster.any.cli(["vm", "plan", "web", "--driver", "process", "--prefer", "zone=b"])).stdout).toMatch(/VM web would go to n3 by locality[^]*n1 +alternative/);
  expectRefusal(await cluster.any.cli(["vm", "plan", "web", "--strategy", "spread"]), 2, "INVALID_ARGUMENT");
  expectRefusal(await cluster.any.cli(["vm", "plan", "web", "--spread", "zone=b"]), 2, "INVALID_ARGUMENT");
  expect((await cluster.any.json(["vm", "list", "--consistent"])).vms).toEqual(before);
  await Promise.all(before.map(({ name }: Json) => cluster.any.json(["vm", "delete", name, "--wait"])));
});

test("the driver is reached before the record goes, also when the owner was down", async () => {
  const owner = (await cluster.followers())[0]!;
  await create("gone", "--node", owner.name, "--wait");
  const { pid, uuid } = await cluster.vm("gone");
  const directory = join(owner.dataDir, "vms", uuid);
  expect(existsSync(directory)).toBe(true);
  await owner.kill9();
  await cluster.any.json(["vm", "delete", "gone"]);
  expect(await cluster.vm("gone")).toMatchObject({ desired: "deleted", observed: "deleting" });
  expectRefusal(await cluster.any.cli(["vm", "create", "gone", "--driver", "process"]), 6, "ALREADY_EXISTS", /deleted/);
  expectRefusal(await cluster.any.cli(["vm", "start", "gone"]), 6, "WRONG_STATE");
  expect(isAlive(pid)).toBe(true);
  await owner.start();
  const recordIsGone = async (): Promise<boolean> => (await cluster.any.cli(["vm", "status", "gone", "--consistent"])).status === 3;
  await eventually(recordIsGone, 90_000, "the record goes");
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(directory)).toBe(false);
});

test("a VM that is killed from outside is reported as it ended, and is not started behind anybody's back", async () => {
  await create("victim", "--wait");
  const { pid, uuid } = await cluster.vm("victim");
  killIfThere(pid, "SIGKILL");
  const ended = async (): Promise<Json> => {
    const vm = await cluster.vm("victim");
    return vm.observed === "failed" && vm;
  };
  const vm = await eventually(ended, 90_000, "its end is reported");
  expect(vm).toMatchObject({ desired: "running", pid: null, exit: { how: "signal", signal: "SIGKILL" } });
  expect(vm.failure).toMatch(/ended by itself/);
  expect(done("LaunchVm", uuid)).toBe(1);
  await cluster.any.json(["vm", "start", "victim", "--wait"]);
  expect(await cluster.vm("victim")).toMatchObject({ observed: "running", failure: null });
  await cluster.any.json(["vm", "delete", "victim", "--wait"]);
});

test("a VM that ends by itself is started again as its policy says, no more often, and its end is told", async () => {
  const { vm } = await create("tough", "--restart", "on-failure", "--restart-limit", "1", "--restart-backoff", "50ms", "--wait");
  const { pid } = await cluster.vm("tough");
  killIfThere(pid, "SIGKILL");
  await eventually(async () => (await cluster.vm("tough")).generation === 2 && (await cluster.vm("tough")).observed === "running", 90_000, "it runs again");
  const again = await cluster.vm("tough");
  expect(again).toMatchObject({ uuid: vm.uuid, attempts: 1, restart: { when: "on-failure", limit: 1 } });
  killIfThere(again.pid, "SIGKILL");
  await eventually(async () => (await cluster.vm("tough")).observed === "failed", 90_000, "it failed for good");
  expect(await cluster.vm("tough")).toMatchObject({ generation: 2, desired: "running", exit: { how: "signal", signal: "SIGKILL" } });
  await cluster.any.json(["vm", "delete", "tough", "--wait"]);
});

test("what cannot be started fails with the reason", async () => {
  const outcome = await cluster.any.cli(["vm", "create", "odd", "--driver", "process", "--image", "no-such-image", "--wait"]);
  expectRefusal(outcome, 1, "DRIVER_FAILED", /no image no-such-image/);
  expect(await cluster.vm("odd")).toMatchObject({ observed: "failed", desired: "running" });
  await cluster.any.json(["vm", "delete", "odd", "--wait"]);
});

test("a daemon that is killed while the VM starts: afterwards it runs, once", async () => {
  for (const moment of ["asked", "launched", "spawned"] as const) {
    const owner = (await cluster.followers())[0]!;
    const name = `torn-${moment}`;
    const { vm } = await create(name, "--node", owner.name);
    const reached = { asked: () => true, launched: () => done("LaunchVm", vm.uuid) > 0, spawned: () => guestsIn(run.directory, vm.uuid).length > 0 };
    await eventually(reached[moment], 90_000, `the start of ${name} is ${moment}`);
    await owner.kill9();
    await owner.start();
    await eventually(async () => (await cluster.vm(name)).observed === "running", 90_000, `${name} runs`);
    const { pid } = await cluster.vm(name);
    expect(guestsIn(run.directory, vm.uuid).map((guest) => guest.pid)).toEqual([pid]);
    await cluster.any.json(["vm", "delete", name, "--wait"]);
  }
});
