import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { hasVirtualization, tscKhz } from "../../../src/vm/accelerator.ts";
import { commandLine, findVmProcess, optionValue, parseStat, processState, recognize, signalVm, uuidVariable } from "../../../src/vm/vm-process.ts";

const uuid = "0b5c0d6e-7a8f-4b1c-9d2e-3f4a5b6c7d8e";

describe("a process", () => {
  test("is read from a stat line whatever its name is", () => {
    const rest = Array.from({ length: 49 }, (_, index) => index + 4).join(" ");
    expect(parseStat(`12 (a ) R (b) S ${rest}`)).toEqual({ state: "S", startTime: "22" });
    expect(parseStat("12 (x) S 1 2")).toBeNull();
    expect(processState(process.pid)).toMatchObject({ state: "R" });
    expect(commandLine(process.pid)[0]).toContain("node");
    expect(optionValue(["-uuid"], "-uuid")).toBeNull();
  });

  test("is signalled only when pid, start time and uuid agree", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "--", "-uuid", uuid], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    const identity = { name: "web", uuid, generation: 1, pid, startTime: processState(pid)?.startTime ?? "" };
    expect(recognize(identity)).toBe("same");
    const forged = [{ ...identity, startTime: "1" }, { ...identity, uuid: uuid.replace("0", "1") }];
    expect(forged.map(recognize)).toEqual(["gone", "other"]);
    for (const it of forged) expect(signalVm(it, "SIGKILL")).toBe(false);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    expect(signalVm(identity, "SIGKILL")).toBe(true);
    await once(child, "exit");
    expect([recognize(identity), signalVm(identity, "SIGKILL")]).toEqual(["gone", false]);
  });
});

test("a process that becomes another program again and again is always known", { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "blixard-exec-"));
  const script = join(directory, "again");
  writeFileSync(script, '#!/bin/sh\nexec "$0"\n', { mode: 0o700 });
  const child = spawn(script, [], { cwd: directory, detached: true, stdio: "ignore", env: { [uuidVariable]: uuid, BLIXARD_VM_NAME: "web" } });
  try {
    const pid = child.pid ?? 0;
    const startTime = processState(pid)?.startTime ?? "";
    for (let turn = 0; turn < 4_000; turn++) expect(recognize({ name: "web", uuid, generation: 1, pid, startTime })).toBe("same");
    for (let turn = 0; turn < 100; turn++) expect(findVmProcess(uuid, directory)?.pid).toBe(pid);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(directory, { recursive: true, force: true });
  }
});

describe("the machine", () => {
  test("has virtualization only if the processor says so", () => {
    expect(hasVirtualization("model name\t: x\nflags\t\t: fpu vmx sse\n")).toBe(true);
    expect(hasVirtualization("flags\t\t: fpu svm\n")).toBe(true);
    expect(hasVirtualization("flags\t\t: fpu hypervisor svm_lock\nvmx flags\t: vnmi\n")).toBe(false);
  });

  test("tells the frequency of its TSC: nominal, or else the highest momentary one", () => {
    expect(tscKhz("model name\t: Intel(R) Core(TM) i7 CPU @ 2.60GHz\ncpu MHz\t\t: 800.0\n")).toBe(2_600_000);
    expect(tscKhz("model name\t: AMD\ncpu MHz\t\t: 1400.0\ncpu MHz\t\t: 2599.998\n")).toBe(2_599_998);
    expect(tscKhz("")).toBe(2_000_000);
  });
});
