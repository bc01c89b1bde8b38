/** What the driver contract needs around a driver: directories, specifications, a daemon to kill, and a clean end. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { DriverName, Name, VmSpec } from "../../../src/machine/records.ts";
import type { RunDir, VmDriver, VmIdentity } from "../../../src/vm/driver.ts";
import { processDriver } from "../../../src/vm/process-driver.ts";
import { qemuDriver } from "../../../src/vm/qemu-driver.ts";
import { runnerDriver } from "../../../src/vm/runner-driver.ts";
import { runDirectory } from "../../../src/vm/run-directory.ts";
import { findVmProcess, signalVm } from "../../../src/vm/vm-process.ts";

/** A boot under emulation on a busy machine takes 2.5 to 30 s. */
export const bootMs = 90_000;

/** The driver `name`, whose guests get `words`. */
export function makeDriver(name: DriverName, cacheDirectory: string, words: readonly string[]): VmDriver {
  const guestArguments = words.map((it) => `blixard.test=${it}`);
  if (name === "runner") return runnerDriver({ runnersDirectory: makeRunners(join(cacheDirectory, words.join("-") || "plain"), guestArguments) });
  return name === "qemu" ? qemuDriver({ cacheDirectory, guestArguments }) : processDriver({ guestArguments });
}

/**
 * A directory of runners with one, `default`, behind a link `current` as in microvm.nix. Its guest is that of the process
 * driver; a shell becomes it (exec), as it becomes a hypervisor elsewhere.
 */
function makeRunners(directory: string, guestArguments: readonly string[]): string {
  const runner = join(directory, "store", "runner-1");
  if (existsSync(runner)) return join(directory, "runners");
  mkdirSync(join(runner, "bin"), { recursive: true });
  mkdirSync(join(runner, "share/blixard"), { recursive: true });
  const guest = fileURLToPath(new URL("../../../src/vm/process-guest.ts", import.meta.url));
  const words = ["--input-type=module", "-", "-name", '"$BLIXARD_VM_NAME"', ...guestArguments].join(" ");
  const run = `#!/bin/sh\nexec '${process.execPath}' ${words} < '${guest}'\n`;
  const shutdown = '#!/bin/sh\nkill -TERM "$BLIXARD_VM_PID"\nwhile kill -0 "$BLIXARD_VM_PID" 2>/dev/null; do sleep 0.05; done\n';
  writeFileSync(join(runner, "bin/microvm-run"), run, { mode: 0o700 });
  writeFileSync(join(runner, "bin/microvm-shutdown"), shutdown, { mode: 0o700 });
  writeFileSync(join(runner, "share/blixard/ready-line"), "blixard-guest: ready\n");
  mkdirSync(join(directory, "runners/default"), { recursive: true });
  symlinkSync(runner, join(directory, "runners/default/current"));
  return join(directory, "runners");
}

export interface TestVm {
  readonly uuid: string;
  readonly dir: RunDir;
  readonly spec: VmSpec;
}

export interface TestDaemon {
  /** Of its VM. */
  readonly identity: VmIdentity;
  readonly pid: number;
  kill(): Promise<void>;
}

export class Fixture {
  readonly #name: DriverName;
  readonly #root: string;
  readonly #uuids: string[] = [];
  readonly #children: ChildProcess[] = [];

  constructor(name: DriverName) {
    this.#name = name;
    this.#root = mkdtempSync(join(tmpdir(), "blixard-vm-"));
  }

  /** A driver with nothing in memory, as after a restart of the daemon. */
  driver(...words: readonly string[]): VmDriver {
    return makeDriver(this.#name, join(this.#root, "images"), words);
  }

  vm(change: Partial<VmSpec> = {}): TestVm {
    const uuid = randomUUID();
    this.#uuids.push(uuid);
    const spec = { name: "web" as Name, driver: this.#name, cpus: 1, memoryMib: 128, diskMib: 0, image: "default" as Name };
    // Deeper than a Unix socket's path may be (107 bytes): a data directory is where its owner wants it.
    const parent = join(this.#root, "a-deep-data-directory".repeat(5), "vms");
    return { uuid, dir: runDirectory(parent, uuid), spec: { ...spec, ...change } };
  }

  /** A process of its own starts the VM and waits to be killed. */
  daemon(vm: TestVm, ...words: readonly string[]): Promise<TestDaemon> {
    return this.#daemon(vm, words, null);
  }

  /** The same, and it renews the VM's lease for as long as it can: each time by `leaseMs`. */
  leasingDaemon(vm: TestVm, leaseMs: number): Promise<TestDaemon> {
    return this.#daemon(vm, [], leaseMs);
  }

  async #daemon(vm: TestVm, words: readonly string[], leaseMs: number | null): Promise<TestDaemon> {
    const program = fileURLToPath(new URL("./daemon.ts", import.meta.url));
    const order = JSON.stringify({ driver: this.#name, cache: join(this.#root, "images"), words, vm, leaseMs });
    const child = this.child(process.execPath, ["--import", "tsx", program, order]);
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const [line] = (await once(lines, "line", { signal: AbortSignal.timeout(bootMs) })) as [string];
    return {
      identity: JSON.parse(line) as VmIdentity,
      pid: child.pid ?? 0,
      kill: async () => {
        child.kill("SIGKILL");
        await once(child, "exit");
      },
    };
  }

  /** A child process that the fixture ends if the test does not. */
  child(file: string, argv: readonly string[]): ChildProcess {
    const child = spawn(file, argv, { stdio: ["ignore", "pipe", "inherit"] });
    this.#children.push(child);
    return child;
  }

  /** The pids that carry the uuid of `vm`; none or one, if the driver is right. */
  running(vm: TestVm): number | null {
    return findVmProcess(vm.uuid)?.pid ?? null;
  }

  /** Ends what tests left behind, each by its identity. */
  async end(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    for (const uuid of this.#uuids) {
      const found = findVmProcess(uuid);
      if (found !== null) signalVm({ ...found, uuid, generation: 0 }, "SIGKILL");
      await until(() => findVmProcess(uuid) === null, 10_000, `VM ${uuid} is gone`);
    }
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Waits for a condition; fails when it does not hold by the deadline. */
export async function until(condition: () => boolean | Promise<boolean>, deadlineMs: number, what: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await delay(10);
  }
}
