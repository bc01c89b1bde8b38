/**
 * The runner driver: a directory with `bin/microvm-run`, as microvm.nix makes them (its doc/src/conventions.md). The
 * image names a directory under the worker's `runners`; its link `current` is what the next start uses, and `booted` in
 * the run directory is what this VM was started from, so that a VM is stopped by the scripts that belong to it.
 *
 * `microvm-run` becomes the hypervisor (exec) in the run directory, so its process is the VM. `microvm-shutdown`, if
 * there is one, asks the guest and returns when the VM is gone. What a hypervisor says of its end is not known here.
 */

import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, readdir, realpath, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { UserError } from "../errors.ts";
import type { VmSpec } from "../machine/records.ts";
import type { RunDir, VmDriver, VmIdentity } from "./driver.ts";
import { localDriver } from "./local-driver.ts";
import type { VmCommand, VmControl } from "./mechanism.ts";
import { isVmName } from "./vm-name.ts";
import { processState, signalVm, uuidVariable } from "./vm-process.ts";

export interface RunnerDriverOptions {
  /** Holds a directory, or a link to one, by the name of each image. */
  readonly runnersDirectory: string;
}

/** A driver whose VMs are what a runner directory starts. */
export function runnerDriver({ runnersDirectory }: RunnerDriverOptions): VmDriver {
  return localDriver({
    name: "runner",
    probe: async () => {
      const names = (await readdir(runnersDirectory).catch(() => [])).filter(isVmName);
      if (names.length > 0) return { available: true, reason: `runners: ${names.join(", ")}`, accel: "none" };
      return { available: false, reason: `there is no runner in ${runnersDirectory}`, accel: "none" };
    },
    prepare: (spec, uuid, dir) => prepare(runnersDirectory, spec, uuid, dir),
    control: (identity, dir) => runnerControl(identity, dir),
    // A VM that ended after it was asked to has obeyed, unless its exit code says otherwise.
    testimony: async (_dir, asked, waited) =>
      asked === "stop" && (waited === null || waited.code === 0) ? { shutdown: "guest-shutdown", signal: null } : { shutdown: null, signal: null },
    readyLine: async (dir) => (await readFile(join(dir.path, "booted/share/blixard/ready-line"), "utf8").catch(() => "")).trim() || null,
  });
}

async function prepare(runners: string, spec: VmSpec, uuid: string, dir: RunDir): Promise<VmCommand> {
  const runner = await findRunner(runners, spec);
  await rm(join(dir.path, "booted"), { force: true });
  await symlink(runner, join(dir.path, "booted"));
  const environment = { [uuidVariable]: uuid, BLIXARD_VM_NAME: spec.name };
  return { file: join(runner, "bin/microvm-run"), argv: [], environment, stdout: "console.log" };
}

/** The runner itself, with all links followed: what `current` is later does not matter to this VM. */
async function findRunner(runners: string, { name, image }: VmSpec): Promise<string> {
  for (const place of [join(runners, image, "current"), join(runners, image)]) {
    const runner = await realpath(place).catch(() => null);
    if (runner === null || !(await isExecutable(join(runner, "bin/microvm-run")))) continue;
    return runner;
  }
  throw new UserError("NOT_FOUND", `VM ${name}: this worker has no runner ${image}`, {
    next: `It is looked for at ${join(runners, image)}/current/bin/microvm-run, which must be executable.`,
  });
}

function runnerControl(identity: VmIdentity, dir: RunDir): VmControl {
  let asking = false;
  return {
    askToStop: async () => {
      if (asking) return;
      const script = join(dir.path, "booted/bin/microvm-shutdown");
      if (!(await isExecutable(script))) return void signalVm(identity, "SIGTERM");
      asking = true;
      const child = spawn(script, [], {
        cwd: dir.path,
        stdio: "ignore", // a script that waits on stdin would wait for ever
        shell: false,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LANG: "C", BLIXARD_VM_PID: String(identity.pid) },
      });
      child.unref();
      child.once("error", () => signalVm(identity, "SIGTERM"));
      child.once("exit", () => (asking = false));
    },
    quit: async () => undefined, // SIGTERM follows
    status: async () => (processState(identity.pid)?.state === "T" ? "unresponsive" : "running"),
    pause: async () => undefined, // no runner can
    resume: async () => undefined,
    close: () => undefined,
  };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
