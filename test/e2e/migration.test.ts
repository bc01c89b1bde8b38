/**
 * Moves of VMs between real daemons (rows W7, V5): stopped and started, with kill -9 of the coordinator, the source and the
 * target; and a microVM with its memory, which goes on where it was, also when the target dies in the middle.
 */

import { beforeAll, expect, test } from "vitest";
import { type Cluster, patientLeases } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { guestsIn, traceLines } from "./evidence.ts";
import { expectRefusal, succeeded } from "./program.ts";
import { missingForQemu } from "./qemu-here.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;
const waitMs = 90_000;
const bootMs = 180_000;
const reason = missingForQemu();

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
  await cluster.work("--cpus", "8", "--memory", "2048", "--disk", "1024");
});

const told = (node: TestNode, event: string, uuid: string): number => traceLines(node.traces).filter((line) => line.event === event && "uuid" in line && line.uuid === uuid).length;

/** Waits until one process of the VM runs, where its record says so. */
async function runsAt(owner: TestNode, name: string, uuid: string): Promise<void> {
  const isSo = async (): Promise<boolean> => {
    const vm = await cluster.vm(name, owner);
    return vm.observed === "running" && vm.ownerId === owner.id && guestsIn(run.directory, uuid).length === 1;
  };
  await eventually(isSo, waitMs, `${name} runs at ${owner.name} alone`);
  expect(guestsIn(run.directory, uuid)[0]?.directory).toContain(owner.dataDir);
}

test("the daemon that leads, the source and the target are killed while a VM moves: it runs once, at the target", async () => {
  const [one, other] = await cluster.followers();
  const [source, target] = [one!, other!];
  const { uuid } = (await source.json(["vm", "create", "cold", "--driver", "process", "--node", source.name, "--wait"])).vm;
  for (const [from, to, victims] of [
    [source, target, "leader"],
    [target, source, "source"],
    [source, target, "target"],
  ] as const) {
    const victim = victims === "leader" ? await cluster.leader() : victims === "source" ? from : to;
    await source.json(["vm", "migrate", "cold", "--to", to.name]);
    await victim.kill9();
    await victim.start();
    await runsAt(to, "cold", uuid);
  }
  expectRefusal(await source.cli(["vm", "migrate", "cold", "--live"]), 6, "WRONG_STATE", /driver process.*without --live/);
});

test.skipIf(reason !== null)(
  `a microVM moves with its memory, and stays with it when its target dies${reason === null ? "" : `: skipped, ${reason}`}`,
  async () => {
    const [one, other] = await cluster.followers();
    const [source, target] = [one!, other!];
    const made = ["vm", "create", "warm", "--driver", "qemu", "--memory", "128", "--node", source.name, "--wait", "--timeout", `${bootMs}ms`];
    const { uuid } = (await source.json(made)).vm;
    const inGuest = async (command: string): Promise<string> => succeeded(await source.cli(["vm", "exec", "warm", "--timeout", `${waitMs}ms`, "--", "sh", "-c", command])).stdout.trim();
    const count = async (): Promise<number> => Number((await inGuest("tail -n 1 /tmp/count")) || 0);
    await inGuest("(i=0; while :; do i=$((i+1)); echo $i > /tmp/count; sleep 1; done) >/dev/null 2>&1 & echo $! > /tmp/pid");
    const boot = await inGuest("cat /proc/sys/kernel/random/boot_id /tmp/pid");
    await eventually(async () => (await count()) > 0, waitMs, "the guest counts");
    const before = await count();

    await source.json(["vm", "migrate", "warm", "--to", target.name, "--live", "--wait", "--timeout", `${bootMs}ms`]);
    await runsAt(target, "warm", uuid);
    expect(await inGuest("cat /proc/sys/kernel/random/boot_id /tmp/pid")).toBe(boot);
    await eventually(async () => (await count()) > before, waitMs, "the guest goes on counting");
    const [, stillMs] = /"stillMs":(\d+),"message":"a VM goes on here with its memory"/.exec(target.log) ?? [];
    process.stdout.write(`a microVM of 128 MiB moved with its memory; its guest stood still for ${stillMs} ms\n`);
    expect(Number(stillMs)).toBeGreaterThanOrEqual(0);

    // Back again, and its target dies as soon as it waits.
    const waits = told(source, "AwaitVm", uuid);
    await target.json(["vm", "migrate", "warm", "--to", source.name, "--live"]);
    await eventually(() => told(source, "AwaitVm", uuid) > waits, waitMs, `${source.name} waits for the memory`);
    await source.kill9();
    await source.start();
    await eventually(async () => (await cluster.vm("warm", target)).movingTo === "", waitMs, "the move is over");
    const { ownerId } = await cluster.vm("warm", target);
    await runsAt(cluster.node(ownerId), "warm", uuid);
    expect(await inGuest("cat /proc/sys/kernel/random/boot_id /tmp/pid")).toBe(boot);
  },
  bootMs * 2,
);
