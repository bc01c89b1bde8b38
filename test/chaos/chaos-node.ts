/** A daemon on a host of its own, with a small disk of its own, and what can be done to it. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../e2e/eventually.ts";
import { guestsIn } from "../e2e/evidence.ts";
import { killIfThere } from "../e2e/own-processes.ts";
import { TestNode } from "../e2e/test-node.ts";
import type { Hosts } from "./hosts.ts";
import type { NodeFaultKind } from "./schedule.ts";

const fakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/** How clocks go wrong: an offset in seconds, and how fast they run. */
const skews = ["+3600 x1.02", "-86400 x0.98", "+0 x1.05", "-5 x0.95"];

export const canSkewClocks = existsSync(fakeTime);

export class ChaosNode extends TestNode {
  readonly host: number;
  readonly #under: readonly string[];
  readonly #disk: string;
  /** Set while a fault has hold of the node. */
  struck = false;
  /** Its disk was bad since it started last: it may stop for that at any time. */
  sick = false;
  /** Out of the cluster for good. */
  removed = false;

  /** `disk` is a directory on a small file system. */
  constructor(host: number, hosts: Hosts, directory: string, disk: string) {
    super(`n${host}`, hosts.address(host), directory, join(disk, "data"));
    this.host = host;
    this.#under = hosts.under(host);
    this.#disk = disk;
    this.surroundings = { under: this.#under };
  }

  /** Strikes it for `forMs`, and sets it right again: afterwards it runs. */
  async suffer(kind: NodeFaultKind, forMs: number, lot: number): Promise<void> {
    this.struck = true;
    try {
      await this.#strike(kind, forMs, lot);
    } finally {
      await this.recover();
      this.struck = false;
    }
  }

  async #strike(kind: NodeFaultKind, forMs: number, lot: number): Promise<void> {
    switch (kind) {
      case "kill":
        await this.kill9();
        return pass(forMs);
      case "stop":
        await this.stop();
        return pass(forMs);
      case "pause":
        this.pause();
        await pass(forMs);
        return this.resume();
      case "pause-vms": {
        // The processes of its VMs, and in half of the cases the daemon that should end them.
        const guests = guestsIn(this.#disk).map(({ pid }) => pid);
        if (lot < 0.5) this.pause();
        for (const pid of guests) killIfThere(pid, "SIGSTOP");
        await pass(forMs);
        for (const pid of guests) killIfThere(pid, "SIGCONT");
        return lot < 0.5 ? this.resume() : undefined;
      }
      case "clock-skew":
        await this.kill9();
        this.surroundings = { under: this.#under, environment: { LD_PRELOAD: fakeTime, FAKETIME: skews[Math.floor(lot * skews.length)] ?? "" } };
        return;
      case "full-disk":
        this.sick = true;
        return this.#fillDisk(forMs);
      case "fsync-error":
        this.sick = true;
        return this.#inject("inject=fsync,fdatasync:error=EIO", forMs);
      case "slow-disk":
        return this.#inject("inject=fsync,fdatasync:delay_enter=150000", forMs);
    }
  }

  /** Starts it when it does not run. A clock that is wrong stays so until the next start. */
  async recover(): Promise<void> {
    rmSync(join(this.#disk, "filler"), { force: true });
    if (this.removed || this.isUp) return;
    this.sick = false;
    try {
      await this.start();
    } catch (error) {
      // What was removed meanwhile says so and ends.
      if (!this.isUp && /REMOVED/.test(this.log)) this.removed = true;
      else throw error;
    }
    this.surroundings = { under: this.#under };
  }

  /** It stopped because of its disk, as it must: it is started again. False when that was not the reason. */
  async heal(): Promise<boolean> {
    if (!this.sick || !/DISK_(FULL|FAILED)/.test(this.log)) return false;
    this.struck = true;
    await this.recover().finally(() => (this.struck = false));
    return true;
  }

  async #fillDisk(forMs: number): Promise<void> {
    const file = openSync(join(this.#disk, "filler"), "w");
    const block = Buffer.alloc(1 << 20);
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(file);
    }
    await pass(forMs);
  }

  /** A tracer changes what its system calls do for a while. */
  async #inject(what: string, forMs: number): Promise<void> {
    const args = ["-f", "-q", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", what, "-p", String(this.pid)];
    const tracer = spawn("strace", args, { stdio: "ignore", cwd: this.#disk });
    await pass(forMs);
    await detached(tracer);
  }
}

async function detached(tracer: ChildProcess): Promise<void> {
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const { pid } = tracer;
  if (pid !== undefined) killIfThere(pid, "SIGINT");
  await eventually(() => tracer.exitCode !== null || tracer.signalCode !== null, 10_000, "the tracer lets go");
}

/** Here time itself is what is waited for: a fault lasts. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
