/** Programs of services and tasks: run as they are given, and the truth about their end, whoever was there to see it. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Program } from "../../../src/machine/records.ts";
import { sinceBootMs } from "../../../src/vm/boot-clock.ts";
import type { VmHandle } from "../../../src/vm/driver.ts";
import { processState } from "../../../src/vm/vm-process.ts";
import { readWatchdog } from "../../../src/vm/watchdog.ts";
import { Fixture, type TestVm, until } from "./fixture.ts";

const patienceMs = 30_000;
const fixture = new Fixture("process");
const stop = { graceMs: patienceMs, force: false };

afterAll(() => fixture.end());

function program(...argv: readonly string[]): TestVm {
  return fixture.vm({ run: { argv } });
}

function start(vm: TestVm, leaseUntilMs?: number): Promise<VmHandle> {
  return fixture.driver().start(vm.spec, vm.uuid, 1, vm.dir, leaseUntilMs);
}

function consoleOf(vm: TestVm): string {
  const path = join(vm.dir.path, "console.log");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** The pid that the program writes as its first line. */
async function pidIn(vm: TestVm): Promise<number> {
  await until(() => consoleOf(vm).includes("\n"), patienceMs, "the program wrote its pid");
  return Number(consoleOf(vm).split("\n")[0]);
}

const isGone = (pid: number): boolean => [undefined, "Z", "X"].includes(processState(pid)?.state);

describe("a program", { timeout: 90_000 }, () => {
  test.each<[string, readonly string[], object]>([
    ["that succeeds", ["true"], { how: "exited", code: 0, signal: null }],
    ["that fails", ["sh", "-c", "exit 3"], { how: "exited", code: 3, signal: null }],
    ["that dies of a signal", ["sh", "-c", "kill -SEGV $$"], { how: "exited", code: null, signal: "SIGSEGV" }],
    ["that is not there", ["/no/such/program"], { how: "exited", code: 127, signal: null }],
  ])("%s: %j", async (_what, argv, exit) => {
    const vm = program(...argv);
    expect(await (await start(vm)).ended).toEqual(exit);
    expect(await fixture.driver().adopt(vm.dir)).toEqual({ kind: "ended", exit, generation: 1 });
  });

  test("gets its words as they are, its variables and its directory", async () => {
    const run: Program = { argv: ["sh", "-c", 'printf "%s|" "$0" "$A" "$PWD"', "$(id); `id` 'x'"], env: ["A=1=2"], cwd: "/" };
    const vm = fixture.vm({ run });
    await (await start(vm)).ended;
    expect(consoleOf(vm)).toBe("$(id); `id` 'x'|1=2|/|");
  });

  test("is up when it has lasted, and ends by SIGTERM with all that it started", async () => {
    const vm = program("sh", "-c", "sleep 1000 & echo $!; wait");
    const handle = await start(vm);
    await handle.ready(patienceMs);
    expect(await handle.status(5_000)).toBe("running");
    const child = await pidIn(vm);
    expect(await handle.stop(stop)).toEqual({ how: "host-stop", code: null, signal: "SIGTERM" });
    expect(isGone(child)).toBe(true);
  });

  test("that ends in good order when asked to tells its code; one that does not hear is killed", async () => {
    const orderly = program("sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done");
    const deaf = program("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done");
    const handles = [await start(orderly), await start(deaf)] as const;
    await until(() => consoleOf(orderly) !== "" && consoleOf(deaf) !== "", patienceMs, "both run");
    expect(await handles[0].stop(stop)).toEqual({ how: "host-stop", code: 7, signal: null });
    expect(await handles[1].stop({ graceMs: 100, force: false })).toMatchObject({ how: "host-kill" });
  });

  test("what it put into a session of its own ends with it, also when its parent is killed", async () => {
    const vm = program("sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait");
    const handle = await start(vm);
    const stray = await pidIn(vm);
    process.kill(handle.identity.pid, "SIGKILL");
    expect(await handle.ended).toMatchObject({ how: "signal", signal: "SIGKILL" });
    expect(isGone(stray)).toBe(true);
  });

  test("whose daemon died is adopted by the next one, and its exit code is told", async () => {
    const vm = program("sh", "-c", "while [ ! -e over ]; do sleep 0.05; done; exit 5");
    const daemon = await fixture.daemon(vm);
    await daemon.kill();
    const found = await fixture.driver().adopt(vm.dir);
    if (found.kind !== "running") throw new Error(`it is ${found.kind}`);
    expect(found.handle.identity.pid).toBe(daemon.identity.pid);
    found.handle.close();
    writeFileSync(join(vm.dir.path, "over"), "");
    await until(() => isGone(daemon.identity.pid), patienceMs, "it ends while nobody looks");
    expect(await fixture.driver().adopt(vm.dir)).toEqual({ kind: "ended", exit: { how: "exited", code: 5, signal: null }, generation: 7 });
  });

  test("started again is no business of the watchdog of the run before, however late that looks", async () => {
    const vm = program("sleep", "1000");
    const untilMs = sinceBootMs() + 600_000;
    const first = await start(vm, untilMs);
    await first.ready(patienceMs);
    const watchdog = (await readWatchdog(vm.dir))?.pid ?? 0;
    process.kill(watchdog, "SIGSTOP");
    await first.stop({ ...stop, force: true });
    const second = await start(vm, untilMs);
    await second.ready(patienceMs);
    process.kill(watchdog, "SIGCONT");
    await until(() => isGone(watchdog), patienceMs, "the first watchdog has looked, and ends");
    expect(await second.status(5_000)).toBe("running");
    expect(await second.stop(stop)).toMatchObject({ how: "host-stop" });
  });

  test("ends with its lease, and so does what left its session", async () => {
    const vm = program("sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait");
    const handle = await start(vm, sinceBootMs() + 2_000);
    const stray = await pidIn(vm);
    expect(await handle.ended).toMatchObject({ how: "lease-expired" });
    expect(isGone(stray)).toBe(true);
  });
});
