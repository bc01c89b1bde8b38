/**
 * The daemon's side of a VM's watchdog (row W6): starts it, hands it the lease, starts another should it be gone. The
 * watchdog leads a session of its own, so it outlives the daemon, and kills the VM when the lease has run out.
 */

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { assert } from "../assert.ts";
import { UserError } from "../errors.ts";
import type { RunDir } from "./driver.ts";
import { readJson, uuidOf, writeJson } from "./run-directory.ts";
import { commandLine, optionValue, processState } from "./vm-process.ts";

/**
 * From the end of a lease to the end of the VM's process on an idle machine: the watchdog looks every 100 ms, may wait
 * that long for each of its two files, then kills. A kill budget must allow for more, by how busy the machine gets.
 */
export const fenceMs = 400;

interface WatchdogProcess {
  readonly pid: number;
  readonly startTime: string;
}

/** The watchdog of the VM whose run directory is `dir`. Nothing runs before the first `renew`. */
export class Watchdog {
  readonly #dir: RunDir;
  #untilMs = 0;
  #process: WatchdogProcess | null = null;
  #work: Promise<void> = Promise.resolve();
  #dismissed = false;

  constructor(dir: RunDir) {
    this.#dir = dir;
  }

  /**
   * The VM may run until `untilMs` (by `sinceBootMs`). Resolves when a living watchdog will hold it to that. A lease is
   * never shortened: of two renewals, whichever is written later, the longer one counts.
   */
  renew(untilMs: number): Promise<void> {
    assert(Number.isFinite(untilMs) && untilMs >= 0, "a lease ends at some time");
    this.#untilMs = Math.max(this.#untilMs, Math.floor(untilMs));
    this.#work = this.#work.catch(() => undefined).then(() => this.#renew());
    return this.#work;
  }

  /** The VM will not come: there is nothing to watch. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    await this.#work.catch(() => undefined);
    if (this.#process !== null && isAlive(this.#process, uuidOf(this.#dir))) process.kill(this.#process.pid, "SIGKILL");
  }

  async #renew(): Promise<void> {
    if (this.#dismissed) return;
    await this.#write();
    const uuid = uuidOf(this.#dir);
    this.#process ??= await readWatchdog(this.#dir);
    if (this.#process !== null && isAlive(this.#process, uuid)) return;
    this.#process = this.#launch(uuid);
    await writeJson(this.#dir, "watchdog.json", this.#process);
  }

  /** In place and of one length: a reader finds the old lease, the new one, or one that it sees to be torn. */
  async #write(): Promise<void> {
    const digits = String(this.#untilMs).padStart(15, "0");
    const text = `${digits} ${digits}\n`;
    const path = join(this.#dir.path, "lease");
    const file = await open(path, "r+").catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      await writeFile(path, "", { mode: 0o600 });
      return open(path, "r+");
    });
    try {
      await file.write(text, 0);
    } finally {
      await file.close();
    }
  }

  #launch(uuid: string): WatchdogProcess {
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const program = openSync(fileURLToPath(new URL(`./watchdog-program${extension}`, import.meta.url)), "r");
    const log = openSync(join(this.#dir.path, "watchdog.log"), "a", 0o600);
    const daemon = processState(process.pid)?.startTime ?? "";
    const order = ["--watches", uuid, "--until", String(this.#untilMs), "--for", String(process.pid), daemon];
    try {
      const child = spawn(process.execPath, ["--input-type=module", "-", ...order], {
        cwd: this.#dir.path,
        detached: true,
        shell: false,
        stdio: [program, log, log],
        env: { LANG: "C" },
      });
      child.on("error", () => undefined);
      child.unref();
      const startTime = child.pid === undefined ? undefined : processState(child.pid)?.startTime;
      if (child.pid !== undefined && startTime !== undefined) return { pid: child.pid, startTime };
      throw new UserError("DRIVER_FAILED", `the watchdog of VM ${uuid} cannot be started; a VM does not run without it`);
    } finally {
      closeSync(program);
      closeSync(log);
    }
  }
}

/** What a watchdog left behind when it ended the VM: the pid that it killed. */
export async function readFenced(dir: RunDir): Promise<number | null> {
  const pid = (await readJson(dir, "fenced.json"))?.["pid"];
  return typeof pid === "number" ? pid : null;
}

/** The watchdog that is written down, alive or not. */
export async function readWatchdog(dir: RunDir): Promise<WatchdogProcess | null> {
  const { pid, startTime } = (await readJson(dir, "watchdog.json")) ?? {};
  return typeof pid === "number" && pid > 1 && typeof startTime === "string" ? { pid, startTime } : null;
}

function isAlive({ pid, startTime }: WatchdogProcess, uuid: string): boolean {
  const now = processState(pid);
  if (now === null || now.state === "Z" || now.startTime !== startTime) return false;
  return optionValue(commandLine(pid), "--watches") === uuid;
}
