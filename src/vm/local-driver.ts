/** Starts, adopts and removes VMs that are processes of this machine: the part that all drivers share. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../assert.ts";
import { UserError } from "../errors.ts";
import type { DriverName, VmSpec } from "../machine/records.ts";
import type { Adoption, Probe, RunDir, VmDriver, VmHandle, VmIdentity } from "./driver.ts";
import type { Mechanism, VmCommand } from "./mechanism.ts";
import {
  clearRunDirectory, deleteRunDirectory, ensureDisk, processIdentity, readIdentity, runDirectoryExists,
  type StoredIdentity, uuidOf, writeJson,
} from "./run-directory.ts";
import { establishExit, spawned, SupervisedVm } from "./supervised-vm.ts";
import { checkSpec } from "./vm-name.ts";
import { Watchdog } from "./watchdog.ts";
import { findVmProcess, processState, recognize } from "./vm-process.ts";
import { titleOf } from "../workload-name.ts";

/** A driver that runs each VM as a process in its own session, by the given mechanism. */
export function localDriver(mechanism: Mechanism): VmDriver {
  return new LocalDriver(mechanism);
}

class LocalDriver implements VmDriver {
  readonly #mechanism: Mechanism;
  /** The one handle of each VM: QMP serves one client, so a second handle would starve. */
  readonly #vms = new Map<string, SupervisedVm>();
  readonly #starting = new Map<string, Promise<VmHandle>>();

  constructor(mechanism: Mechanism) {
    this.#mechanism = mechanism;
  }

  get name(): DriverName {
    return this.#mechanism.name;
  }

  probe(): Promise<Probe> {
    return this.#mechanism.probe();
  }

  start(spec: VmSpec, uuid: string, generation: number, dir: RunDir, leaseUntilMs?: number, waits?: boolean): Promise<VmHandle> {
    const going = this.#starting.get(uuid);
    if (going !== undefined) return going;
    const start = this.#start({ spec, uuid, generation, dir, leaseUntilMs, waits })
      .catch((error: unknown) => {
        throw explain(error, spec.name);
      })
      .finally(() => this.#starting.delete(uuid));
    this.#starting.set(uuid, start);
    return start;
  }

  async #start({ spec, uuid, generation, dir, leaseUntilMs, waits }: Launch): Promise<VmHandle> {
    checkSpec(spec, uuid);
    assert(spec.driver === this.name, "a VM is started by the driver that its specification names");
    assert(uuidOf(dir) === uuid, "a VM is started in its own run directory");
    const running = await this.#running(dir);
    if (running !== null) return running;

    await clearRunDirectory(dir);
    const command = await this.#mechanism.prepare(spec, uuid, dir, waits);
    await ensureDisk(dir, spec.diskMib);
    const stored = { driver: this.name, name: spec.name, uuid, generation, pid: null, startTime: null };
    await writeJson(dir, "identity.json", stored satisfies StoredIdentity);
    const watchdog = new Watchdog(dir);
    if (leaseUntilMs !== undefined) await watchdog.renew(leaseUntilMs);
    try {
      const child = await run(command, spec.name, dir);
      return this.#supervise(await record(stored, child, dir), dir, child, watchdog);
    } catch (error) {
      await watchdog.dismiss();
      await this.#mechanism.release?.(dir).catch(() => undefined);
      throw error;
    }
  }

  async adopt(dir: RunDir): Promise<Adoption> {
    await this.#starting.get(uuidOf(dir))?.catch(() => undefined);
    const running = await this.#running(dir);
    if (running !== null) return { kind: "running", handle: running };
    if (!(await runDirectoryExists(dir))) return { kind: "absent" };
    const stored = await readIdentity(dir);
    const stranger = stored === null ? null : this.#stranger(stored, dir);
    if (stranger !== null) return { kind: "foreign", reason: stranger };
    const exit = await establishExit(this.#mechanism, dir, null, null);
    await this.#mechanism.release?.(dir).catch(() => undefined); // tried again when it starts anew or is removed
    return { kind: "ended", exit, generation: stored?.generation ?? 0 };
  }

  async remove(dir: RunDir): Promise<void> {
    const uuid = uuidOf(dir);
    await this.#starting.get(uuid)?.catch(() => undefined);
    const alive = (await this.#running(dir))?.identity ?? findVmProcess(uuid, dir.path);
    if (alive !== null) {
      throw new UserError("WRONG_STATE", `${titleOf(alive.name)} still runs as process ${alive.pid}`, {
        next: "Stop it before you remove it.",
      });
    }
    this.#vms.get(uuid)?.close();
    this.#vms.delete(uuid);
    await this.#mechanism.release?.(dir);
    await deleteRunDirectory(dir);
  }

  /** The VM of this directory if its process is alive, whoever started it and whatever became of its identity file. */
  async #running(dir: RunDir): Promise<SupervisedVm | null> {
    const uuid = uuidOf(dir);
    const held = this.#vms.get(uuid);
    if (held !== undefined && !held.closed && recognize(held.identity) === "same") return held;

    const stored = await readIdentity(dir);
    const identity = stored === null ? null : processIdentity(stored);
    if (stored?.driver === this.name && identity?.uuid === uuid && recognize(identity) === "same") {
      return this.#supervise(identity, dir, null);
    }
    if (stored !== null && stored.driver !== this.name) return null;
    // The daemon died between spawn and the identity file, or the file is damaged: the command line still tells.
    const found = findVmProcess(uuid, dir.path);
    if (found === null) return null;
    const recovered = { ...found, uuid, generation: stored?.uuid === uuid ? stored.generation : 0 };
    await writeJson(dir, "identity.json", { driver: this.name, ...recovered } satisfies StoredIdentity);
    return this.#supervise(recovered, dir, null);
  }

  #supervise(identity: VmIdentity, dir: RunDir, child: ChildProcess | null, watchdog = new Watchdog(dir)): SupervisedVm {
    this.#vms.get(identity.uuid)?.close();
    const vm = new SupervisedVm(identity, dir, this.#mechanism, child, watchdog);
    this.#vms.set(identity.uuid, vm);
    return vm;
  }

  /** Why the identity on disk cannot be ours, or null. */
  #stranger(stored: StoredIdentity, dir: RunDir): string | null {
    const uuid = uuidOf(dir);
    if (stored.uuid !== uuid) return `identity.json speaks of VM ${stored.uuid}, the directory of VM ${uuid}`;
    if (stored.driver !== this.name) return `identity.json was written by the driver ${stored.driver}`;
    const identity = processIdentity(stored);
    if (identity === null || recognize(identity) !== "other") return null;
    return `process ${identity.pid} is alive and does not carry the uuid ${identity.uuid} on its command line`;
  }
}

interface Launch {
  readonly spec: VmSpec;
  readonly uuid: string;
  readonly generation: number;
  readonly dir: RunDir;
  readonly leaseUntilMs: number | undefined;
  readonly waits: boolean | undefined;
}

async function run(command: VmCommand, name: string, dir: RunDir): Promise<ChildProcess> {
  const child = launch(command, dir);
  await spawned(child).catch((error: NodeJS.ErrnoException) => {
    const why = `${command.file} cannot be run: ${error.code ?? error.message}`;
    throw new UserError("DRIVER_UNAVAILABLE", `${titleOf(name)}: ${why}`);
  });
  return child;
}

/** What the file system refuses (full, read-only, not ours) is no bug of ours: it is said without a stack. */
function explain(error: unknown, name: string): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  return error instanceof UserError || syscall === undefined
    ? error
    : new UserError("DRIVER_FAILED", `${titleOf(name)} cannot be started: ${message}`);
}

/**
 * Spawns in a session of its own (setsid) with nothing of the daemon attached, so that the VM outlives it; with an
 * environment of its own, so that no secret of the daemon shows in /proc/PID/environ.
 */
function launch(command: VmCommand, dir: RunDir): ChildProcess {
  const log = openSync(join(dir.path, command.stdout ?? "driver.log"), "a", 0o600);
  const stdin = command.stdin === undefined ? "ignore" : openSync(command.stdin, "r");
  try {
    const child = spawn(command.file, command.argv, {
      cwd: dir.path,
      detached: true,
      shell: false,
      stdio: [stdin, log, log],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LANG: "C", ...command.environment },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
    if (stdin !== "ignore") closeSync(stdin);
  }
}

/** Writes down who the new process is. A process that cannot be written down must not run: nobody could find it. */
async function record(stored: StoredIdentity, child: ChildProcess, dir: RunDir): Promise<VmIdentity> {
  const pid = child.pid;
  const startTime = pid === undefined ? undefined : processState(pid)?.startTime;
  assert(pid !== undefined && startTime !== undefined, "a child that nobody has reaped is in /proc");
  const { name, uuid, generation } = stored;
  try {
    await writeJson(dir, "identity.json", { ...stored, pid, startTime } satisfies StoredIdentity);
  } catch (error) {
    child.kill("SIGKILL");
    throw new UserError("DRIVER_FAILED", `${titleOf(name)}: its identity cannot be written: ${(error as Error).message}`);
  }
  return { name, uuid, generation, pid, startTime };
}
