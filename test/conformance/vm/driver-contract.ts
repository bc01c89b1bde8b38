/** The contract of VM drivers. Every driver passes it: `describeDriverContract` is all of `process.test.ts` and `qemu.test.ts`. */

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import type { DriverName, Name } from "../../../src/machine/records.ts";
import { readConsole } from "../../../src/vm/console-log.ts";
import type { VmHandle } from "../../../src/vm/driver.ts";
import { readIdentity } from "../../../src/vm/run-directory.ts";
import { forcedEnd } from "../../../src/vm/supervised-vm.ts";
import { processState } from "../../../src/vm/vm-process.ts";
import { bootMs, Fixture, type TestVm, until } from "./fixture.ts";
import { describeExec, describeNoPause, describePause } from "./guest-contract.ts";
import { describeWatchdog } from "./watchdog-contract.ts";

export const graceful = { graceMs: 30_000, force: false } as const;
export const forced = { graceMs: 0, force: true } as const;

/** A forced end takes no longer, plus what a busy machine adds. */
const forcedEndMs = forcedEnd.quitMs + forcedEnd.terminateMs + 5_000;

const timeout = { timeout: 2 * bootMs } as const;

/** What not every driver can. */
export interface Abilities {
  readonly pauses: boolean;
  /** What it runs leaves word of its end, so that more is known than an exit code. */
  readonly testifies: boolean;
}

export function describeDriverContract(name: DriverName, abilities: Abilities = { pauses: true, testifies: true }): void {
  describe(`the ${name} driver`, timeout, () => {
    const fixture = new Fixture(name);
    afterAll(() => fixture.end());
    describeLife(fixture);
    if (abilities.pauses) describePause(fixture);
    else describeNoPause(fixture);
    describeExec(fixture);
    describeTrouble(fixture);
    describeEnds(fixture, abilities);
    describeRestart(fixture, abilities);
    describeStrangers(fixture);
    describeBadInput(fixture);
    describeWatchdog(fixture);
  });
}

function describeLife(fixture: Fixture): void {
  test("start, ready, stop, remove; each of them twice", async () => {
    const vm = fixture.vm({ diskMib: 16 });
    const driver = fixture.driver();
    const [first, second] = await Promise.all([start(driver, vm), start(driver, vm)]);
    await first.ready(bootMs);
    const third = await start(driver, vm);
    expect([second.identity, third.identity]).toEqual([first.identity, first.identity]);
    expect(fixture.running(vm)).toBe(first.identity.pid);
    expect(await first.status(5_000)).toBe("running");
    expect(statSync(join(vm.dir.path, "identity.json")).mode & 0o777).toBe(0o600);
    expect(statSync(vm.dir.path).mode & 0o777).toBe(0o700);
    expect(statSync(join(vm.dir.path, "disk.raw"))).toMatchObject({ size: 16 * 1024 * 1024, blocks: 0 });
    expect((await readConsole(vm.dir, { tail: 1 })).text).toMatch(/^blixard-guest: ready .*host=web/);

    await expect(driver.remove(vm.dir)).rejects.toMatchObject({ code: "WRONG_STATE" });
    expect(await Promise.all([first.stop(graceful), first.stop(graceful)])).toEqual([hostStop, hostStop]);
    expect(await first.stop(forced)).toEqual(hostStop);
    expect([await first.ended, await first.status(1_000)]).toEqual([hostStop, "gone"]);
    expect(await fixture.driver().adopt(vm.dir)).toEqual({ kind: "ended", exit: hostStop, generation: expect.any(Number) });

    await driver.remove(vm.dir);
    await driver.remove(vm.dir);
    expect(existsSync(vm.dir.path)).toBe(false);
    expect(await driver.adopt(vm.dir)).toEqual({ kind: "absent" });
  });
}

function describeTrouble(fixture: Fixture): void {
  test("after a SIGKILL its sockets are stale, and it starts again with a disk and the old console set aside", async () => {
    const vm = fixture.vm({ diskMib: 1 });
    const driver = fixture.driver();
    const first = await start(driver, vm);
    await until(async () => (await first.status(5_000)) === "starting" || (await first.status(5_000)) === "running", bootMs, "it answers");
    process.kill(first.identity.pid, "SIGKILL");
    expect(await first.ended).toEqual({ how: "signal", code: null, signal: "SIGKILL" });
    const left = readdirSync(vm.dir.path);
    if (vm.spec.driver === "qemu") expect(left).toEqual(expect.arrayContaining(["pid", "qmp.sock", "serial.sock"]));

    const second = await start(driver, vm);
    expect(second.identity.pid).not.toBe(first.identity.pid);
    await until(async () => (await second.status(5_000)) !== "unresponsive", bootMs, "it answers");
    expect(await second.stop(forced)).toMatchObject({ how: "host-kill" });
  });

  test("a guest that is not ready by the boot deadline is told of, with its last words, and can be ended", async () => {
    const vm = fixture.vm();
    const handle = await start(fixture.driver("never-ready"), vm);
    await expect(handle.ready(300)).rejects.toMatchObject({ code: "DRIVER_FAILED", message: expect.stringContaining("300 ms") });
    expect(await handle.status(5_000)).toBe("starting");
    expect(await handle.stop(forced)).toMatchObject({ how: "host-kill" });
    await expect(handle.ready(300)).rejects.toMatchObject({ code: "DRIVER_FAILED", message: expect.stringContaining("host-kill") });
  });
}

function describeEnds(fixture: Fixture, { testifies }: Abilities): void {
  test("a guest that ignores a graceful stop is forced, and that is what is told", async () => {
    const handle = await start(fixture.driver("ignore-stop"), fixture.vm());
    await handle.ready(bootMs);
    const begin = performance.now();
    expect(await handle.stop({ graceMs: 1_000, force: false })).toMatchObject({ how: "host-kill" });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(1_000);
  });

  test("a guest that is asked to stop while it boots stops when it can hear", async () => {
    const handle = await start(fixture.driver(), fixture.vm());
    expect(await handle.stop({ graceMs: bootMs, force: false })).toMatchObject({ how: "host-stop" });
  });

  test("a guest that powers itself off has not been stopped", async () => {
    const handle = await start(fixture.driver("poweroff-after:0"), fixture.vm());
    const how = testifies ? "guest-shutdown" : "unknown";
    expect(await handle.ended).toEqual({ how, code: 0, signal: null });
    expect(await handle.stop(graceful)).toMatchObject({ how });
  });

  test("a guest that panics has crashed", async () => {
    const handle = await start(fixture.driver("panic-after:0"), fixture.vm());
    expect(await handle.ended).toMatchObject({ how: "crash", signal: null });
  });

  test("a SIGTERM that the driver did not send is told by its name", async () => {
    const handle = await start(fixture.driver(), fixture.vm());
    await until(async () => ["starting", "running"].includes(await handle.status(5_000)), bootMs, "it answers");
    process.kill(handle.identity.pid, "SIGTERM");
    expect(await handle.ended).toMatchObject({ how: "signal", signal: "SIGTERM" });
  });
}

function describeRestart(fixture: Fixture, { testifies }: Abilities): void {
  test("a VM outlives a daemon that is killed, is adopted with the same pid, and a stopped one is still ended", async () => {
    const vm = fixture.vm();
    const daemon = await fixture.daemon(vm);
    await daemon.kill();
    const driver = fixture.driver();
    const adopted = await adopt(driver, vm);
    expect(adopted.identity).toEqual(daemon.identity);
    expect(sessionOf(adopted.identity.pid)).toBe(adopted.identity.pid);
    expect(adopted.identity.generation).toBe(7);
    await adopted.ready(bootMs);
    expect((await start(driver, vm)).identity).toEqual(daemon.identity);

    process.kill(adopted.identity.pid, "SIGSTOP");
    await until(() => processState(adopted.identity.pid)?.state === "T", 5_000, "it is stopped");
    let begin = performance.now();
    expect(await adopted.status(500)).toBe("unresponsive");
    // Not the time that the driver has for its own work; a busy machine may take seconds.
    expect(performance.now() - begin).toBeLessThan(10_000);
    begin = performance.now();
    expect(await adopted.stop(forced)).toMatchObject({ how: "host-kill" });
    expect(performance.now() - begin).toBeLessThan(forcedEndMs + 20_000);
    expect(fixture.running(vm)).toBeNull();
  });

  test("how a VM ended while no daemon was there is told afterwards", async () => {
    const vm = fixture.vm();
    const daemon = await fixture.daemon(vm, "poweroff-after:0");
    await daemon.kill();
    await until(() => fixture.running(vm) === null, bootMs, "it has powered itself off");
    expect(await fixture.driver().adopt(vm.dir)).toEqual({ kind: "ended", exit: { how: testifies ? "guest-shutdown" : "unknown", code: null, signal: null }, generation: expect.any(Number) });
  });

  test("an adopted VM that is killed from outside ended, and nobody can say how", async () => {
    const vm = fixture.vm();
    const daemon = await fixture.daemon(vm);
    await daemon.kill();
    const adopted = await adopt(fixture.driver(), vm);
    process.kill(adopted.identity.pid, "SIGKILL");
    expect(await adopted.ended).toEqual({ how: "unknown", code: null, signal: null });
  });

  test.each(["lost", "damaged"])("a VM whose identity is %s is found by its uuid: no second one starts", async (what) => {
    const vm = fixture.vm();
    const first = await start(fixture.driver(), vm);
    first.close();
    writeFileSync(join(vm.dir.path, "identity.json"), what === "lost" ? JSON.stringify({ ...await readIdentity(vm.dir), pid: null }) : "{");
    const second = await start(fixture.driver(), vm);
    expect(second.identity).toEqual({ ...first.identity, generation: what === "lost" ? 1 : 0 });
    await second.stop(forced);
  });
}

function describeStrangers(fixture: Fixture): void {
  test("an identity that names a process of somebody else is foreign, and the process is not harmed", async () => {
    const vm = fixture.vm();
    const driver = fixture.driver();
    await (await start(driver, vm)).stop(forced);
    const stranger = fixture.child("sleep", ["600"]);
    const pid = stranger.pid ?? 0;
    const startTime = processState(pid)?.startTime;
    forge(vm, { ...await readIdentity(vm.dir), pid, startTime });
    expect(await fixture.driver().adopt(vm.dir)).toEqual({ kind: "foreign", reason: expect.stringContaining(`process ${pid}`) });
    await fixture.driver().remove(vm.dir);
    expect(processState(pid)?.startTime).toBe(startTime);
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });

  test("a pid that was given to another process means that the VM has ended", async () => {
    const vm = fixture.vm();
    const driver = fixture.driver();
    await (await start(driver, vm)).stop(forced);
    const stranger = fixture.child("sleep", ["600"]);
    forge(vm, { ...await readIdentity(vm.dir), pid: stranger.pid ?? 0 });
    expect(await fixture.driver().adopt(vm.dir)).toMatchObject({ kind: "ended", exit: { how: "host-kill" } });
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  });
}

function describeBadInput(fixture: Fixture): void {
  test.each([
    ["a name with a comma", { name: "web,id=x" as Name }, "INVALID_ARGUMENT"],
    ["a name with a newline", { name: "web\n" as Name }, "INVALID_ARGUMENT"],
    ["no memory", { memoryMib: 0 }, "INVALID_ARGUMENT"],
    ["half a processor", { cpus: 0.5 }, "INVALID_ARGUMENT"],
    ["a negative disk", { diskMib: -1 }, "INVALID_ARGUMENT"],
    ["an unknown image", { image: "windows" as Name }, "NOT_FOUND"],
  ])("%s is refused, and nothing runs", async (_, change, code) => {
    const vm = fixture.vm(change);
    await expect(start(fixture.driver(), vm)).rejects.toMatchObject({ name: "UserError", code });
    expect(fixture.running(vm)).toBeNull();
    await fixture.driver().remove(vm.dir);
  });
}

const hostStop = { how: "host-stop", code: 0, signal: null };

export function start(driver: ReturnType<Fixture["driver"]>, vm: TestVm): Promise<VmHandle> {
  return driver.start(vm.spec, vm.uuid, 1, vm.dir);
}

export async function adopt(driver: ReturnType<Fixture["driver"]>, vm: TestVm): Promise<VmHandle> {
  const adoption = await driver.adopt(vm.dir);
  if (adoption.kind !== "running") throw new Error(`expected a running VM, found ${JSON.stringify(adoption)}`);
  return adoption.handle;
}

/** Field 6 of /proc/PID/stat: a VM leads a session of its own, so that no terminal of the daemon can hang it up. */
function sessionOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[6 - 3]);
}

function forge(vm: TestVm, identity: unknown): void {
  writeFileSync(join(vm.dir.path, "identity.json"), JSON.stringify(identity));
}
