/** The watchdog of a VM (row W6): when renewals cease, the VM ends, whatever was stopped or killed. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect, test } from "vitest";

import { sinceBootMs } from "../../../src/vm/boot-clock.ts";
import type { Adoption, VmHandle } from "../../../src/vm/driver.ts";
import { processState } from "../../../src/vm/vm-process.ts";
import { fenceMs, readWatchdog } from "../../../src/vm/watchdog.ts";
import { type Fixture, type TestVm, until } from "./fixture.ts";

/** Longer than a busy machine takes to adopt a VM. */
const leaseMs = 3_000;
const fenced = { how: "lease-expired", code: null };
/** What a busy machine adds. */
const patienceMs = 30_000;

export function describeWatchdog(fixture: Fixture): void {
  test("a VM whose daemon is stopped ends with its lease, not before", async () => {
    const vm = fixture.vm();
    const daemon = await fixture.leasingDaemon(vm, 1_000);
    process.kill(daemon.pid, "SIGSTOP");
    await until(() => processState(daemon.pid)?.state === "T", patienceMs, "the daemon is stopped");
    await runsUntil(fixture, vm, lastLease(vm));
    process.kill(daemon.pid, "SIGCONT");
    await daemon.kill();
    expect(await fixture.driver().adopt(vm.dir)).toMatchObject({ kind: "ended", exit: { how: "lease-expired" } });
    await watchdogEnds(vm);
  });

  test("a VM that is stopped itself is ended, and its daemon knows how", async () => {
    const vm = fixture.vm();
    const untilMs = sinceBootMs() + 1_000;
    const handle = await start(fixture, vm, untilMs);
    process.kill(handle.identity.pid, "SIGSTOP");
    await runsUntil(fixture, vm, () => untilMs);
    expect(await handle.ended).toMatchObject(fenced);
    await watchdogEnds(vm);
  });

  test("a daemon that comes back within the lease keeps the VM, with the same process; without a daemon it ends", async () => {
    let scale = 1;
    while (!(await keepsAndLoses(fixture, scale))) expect((scale *= 3)).toBeLessThan(10);
  });

  test("a watchdog that is gone is replaced at the next renewal; the last lease counts, and half a lease is none", async () => {
    const vm = fixture.vm();
    const untilMs = sinceBootMs() + 600_000;
    const handle = await start(fixture, vm, untilMs);
    const first = (await readWatchdog(vm.dir))?.pid ?? 0;
    process.kill(first, "SIGKILL");
    await until(() => processState(first) === null || processState(first)?.state === "Z", patienceMs, "the watchdog is gone");
    await Promise.all([handle.renew(untilMs + 2), handle.renew(untilMs + 1)]);
    const second = (await readWatchdog(vm.dir))?.pid ?? 0;
    expect(second).not.toBe(first);
    writeFileSync(join(vm.dir.path, "lease"), "1 ");
    await delay(2 * fenceMs);
    expect(fixture.running(vm)).toBe(handle.identity.pid);
    writeFileSync(join(vm.dir.path, "lease"), "1 1\n");
    expect(await handle.ended).toMatchObject(fenced);
    await until(() => processState(second) === null || processState(second)?.state === "Z", patienceMs, "the watchdog ends with its VM");
  });

  test("a lease that is over before the VM starts ends it at once; the watchdog of a VM that cannot start goes", async () => {
    const vm = fixture.vm();
    const handle = await start(fixture, vm, 0);
    expect(await handle.ended).toMatchObject(fenced);
    const { uuid, dir } = fixture.vm();
    const unknown = { ...vm.spec, image: "windows" as typeof vm.spec.image };
    await expect(fixture.driver().start(unknown, uuid, 1, dir, sinceBootMs() + 600_000)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await readWatchdog(dir)).toBeNull();
  });
}

function start(fixture: Fixture, vm: TestVm, leaseUntilMs: number): Promise<VmHandle> {
  return fixture.driver().start(vm.spec, vm.uuid, 1, vm.dir, leaseUntilMs);
}

function running(adoption: Adoption): VmHandle {
  if (adoption.kind !== "running") throw new Error(`expected a running VM, found ${JSON.stringify(adoption)}`);
  return adoption.handle;
}

/** False when the machine was too slow for these times: the lease was over by the time the VM was looked at. */
async function keepsAndLoses(fixture: Fixture, scale: number): Promise<boolean> {
  const vm = fixture.vm();
  const daemon = await fixture.leasingDaemon(vm, leaseMs * scale);
  await daemon.kill();
  const watchdog = await readWatchdog(vm.dir);
  const before = lastLease(vm)();
  const adoption = await fixture.driver().adopt(vm.dir);
  if (adoption.kind === "ended" && sinceBootMs() > before) return false;
  const adopted = running(adoption);
  const untilMs = before + 1_500 * scale;
  await adopted.renew(untilMs);
  await until(() => sinceBootMs() > before + fenceMs, patienceMs, "the lease of the first daemon is over");
  const pid = fixture.running(vm);
  if (pid === null && sinceBootMs() > untilMs) return false;
  expect(pid).toBe(daemon.identity.pid);
  expect(adopted.identity).toEqual(daemon.identity);
  expect(await readWatchdog(vm.dir)).toEqual(watchdog);
  adopted.close();
  await runsUntil(fixture, vm, () => untilMs);
  expect(await fixture.driver().adopt(vm.dir)).toMatchObject({ kind: "ended", exit: { how: "lease-expired" } });
  return true;
}

/** The lease as the watchdog reads it. */
function lastLease(vm: TestVm): () => number {
  return () => Number(readFileSync(join(vm.dir.path, "lease"), "latin1").split(" ", 1)[0]);
}

/** It ends, and never before its lease: looked at again and again. */
async function runsUntil(fixture: Fixture, vm: TestVm, leaseUntilMs: () => number): Promise<void> {
  let gone = false;
  while (!gone) {
    gone = fixture.running(vm) === null;
    // The clock is read after the look: on a busy machine the lease may end between the two.
    const nowMs = sinceBootMs();
    if (gone) expect(nowMs).toBeGreaterThanOrEqual(leaseUntilMs());
    expect(nowMs).toBeLessThan(leaseUntilMs() + patienceMs);
    await delay(20);
  }
}

async function watchdogEnds(vm: TestVm): Promise<void> {
  const pid = (await readWatchdog(vm.dir))?.pid ?? 0;
  await until(() => processState(pid) === null || processState(pid)?.state === "Z", patienceMs, "the watchdog ends with its VM");
}
