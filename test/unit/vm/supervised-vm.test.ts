import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Mechanism } from "../../../src/vm/mechanism.ts";
import { runDirectory } from "../../../src/vm/run-directory.ts";
import { SupervisedVm } from "../../../src/vm/supervised-vm.ts";
import { processState } from "../../../src/vm/vm-process.ts";
import { Watchdog } from "../../../src/vm/watchdog.ts";

const uuid = "0b5c0d6e-7a8f-4b1c-9d2e-3f4a5b6c7d8e";
const root = mkdtempSync(join(tmpdir(), "blixard-supervised-"));

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** One that is asked for nothing. */
const silent: Mechanism = {
  name: "process",
  probe: () => Promise.reject(new Error("nobody asks")),
  prepare: () => Promise.reject(new Error("nobody prepares")),
  control: () => ({
    ...{ askToStop: async () => {}, quit: async () => {}, pause: async () => {}, resume: async () => {}, close: () => {} },
    status: async () => "running",
  }),
  testimony: async () => ({ shutdown: null, signal: null }),
};

test.each([
  ["exit 3", { how: "crash", code: 3, signal: null }],
  ["kill -SEGV $$", { how: "crash", code: null, signal: "SIGSEGV" }],
])("a child that ended before anybody looked after it has ended: %s", async (line, exit) => {
  const dir = runDirectory(root, uuid);
  const child = spawn("sh", ["-c", line], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  const identity = { name: "web", uuid, generation: 1, pid, startTime: processState(pid)?.startTime ?? "" };
  // As a program that ends while the disk takes its time for the identity.
  await once(child, "exit");
  const vm = new SupervisedVm(identity, dir, silent, child, new Watchdog(dir));
  expect(await vm.ended).toEqual(exit);
  expect(await vm.status(1_000)).toBe("gone");
  rmSync(dir.path, { recursive: true, force: true });
}, 30_000);
