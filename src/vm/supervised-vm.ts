/** A VM that runs as a process of this machine: the one handle for all drivers. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { assert } from "../assert.ts";
import { UserError } from "../errors.ts";
import type { VmExit } from "../machine/records.ts";
import { ConsoleInput } from "./console-input.ts";
import { lastConsoleLine, readyLine, readyWatch, trimConsole } from "./console-log.ts";
import type { RunDir, StopOptions, VmHandle, VmIdentity, VmMemory, VmStatus } from "./driver.ts";
import { GuestAgent, type GuestInput, type GuestOutput } from "./guest-agent.ts";
import type { Mechanism, VmControl } from "./mechanism.ts";
import { readAsked, readExit, readIdentity, writeJson } from "./run-directory.ts";
import { type Evidence, tellExit } from "./vm-exit.ts";
import { recognize, signalVm } from "./vm-process.ts";
import { readFenced, type Watchdog } from "./watchdog.ts";
import { kindOf, shortName, titleOf } from "../workload-name.ts";

/** How a forced end goes: quit, then SIGTERM, then SIGKILL. It bounds what a kill budget must allow for. */
export const forcedEnd = { quitMs: 500, terminateMs: 500, killMs: 10_000 } as const;

const watchIntervalMs = 500;
const pollIntervalMs = 20;
const consoleLimitBytes = 8 * 1024 * 1024;
/** A guest that does not react is asked again, the other way, after this. */
const askAgainMs = 3_000;
const askMs = 1_000;
/** A guest that will not say when it is ready counts as ready when its process has lasted for so long. */
const calmStartMs = 1_000;

type Waited = Evidence["waited"];
type Asked = Evidence["asked"];

export class SupervisedVm implements VmHandle {
  readonly identity: VmIdentity;
  readonly ended: Promise<VmExit>;
  readonly #dir: RunDir;
  readonly #mechanism: Mechanism;
  readonly #control: VmControl;
  readonly #isChild: boolean;
  readonly #watchdog: Watchdog;
  readonly #agent: GuestAgent;
  readonly #console: ConsoleInput;
  readonly #watch: NodeJS.Timeout;
  #settle: (exit: VmExit) => void = () => undefined;
  #exit: VmExit | null = null;
  #asked: Asked = null;
  #telling = false;
  #ready = false;
  #closed = false;

  /** `child` is null for an adopted VM: then /proc is polled, for only a parent can wait. */
  constructor(identity: VmIdentity, dir: RunDir, mechanism: Mechanism, child: ChildProcess | null, watchdog: Watchdog) {
    this.identity = identity;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.#dir = dir;
    this.#mechanism = mechanism;
    this.#isChild = child !== null;
    this.#watchdog = watchdog;
    this.#agent = new GuestAgent(identity.name, dir);
    this.#console = new ConsoleInput(identity.name, dir, mechanism.consoleSocket);
    this.#control = mechanism.control(identity, dir, () => this.#look());
    this.#watch = setInterval(() => this.#tend(), watchIntervalMs).unref();
    if (child !== null) this.#await(child);
  }

  get closed(): boolean {
    return this.#closed;
  }

  async ready(deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    const calmMs = performance.now() + calmStartMs;
    const seen = (await this.#upWatch()) ?? (async () => performance.now() >= calmMs);
    for (let turn = 1; ; turn++) {
      if ((await this.#isMarkedReady()) || (await seen())) return this.#markReady();
      if (this.#exit !== null) throw await this.#bootFailed(`ended before it was ready: ${this.#exit.how}`);
      const isLate = performance.now() >= end;
      if (isLate) throw await this.#bootFailed(`did not say within ${deadlineMs} ms that it is ready`);
      assert(!this.#closed, "nobody waits on a closed handle");
      // Not on every turn: QEMU's main loop is busy while it boots.
      const status = turn % 64 === 0 ? await this.#control.status(1_000) : null;
      if (status === "internal-error") throw await this.#bootFailed("stopped in the accelerator: internal-error");
      await delay(pollIntervalMs);
    }
  }

  async status(deadlineMs: number): Promise<VmStatus> {
    if (this.#exit !== null || recognize(this.identity) !== "same") return "gone";
    const status = await this.#control.status(deadlineMs);
    if (recognize(this.identity) !== "same") return "gone";
    if (status !== "running") return status;
    if (await this.#isMarkedReady()) return "running";
    const isUp = await this.#upWatch();
    return isUp !== null && (await isUp()) ? "running" : "starting";
  }

  /** A function that says whether it is up; null where nothing will tell. */
  async #upWatch(): Promise<(() => Promise<boolean>) | null> {
    const told = this.#mechanism.isUp?.(this.#dir) ?? null;
    if (told !== null) return told;
    const line = this.#mechanism.readyLine === undefined ? readyLine : await this.#mechanism.readyLine(this.#dir);
    return line === null ? null : readyWatch(this.#dir, line);
  }

  async stop(options: StopOptions): Promise<VmExit> {
    if (await this.#goneWithin(0)) return this.ended;
    if (!options.force && (await this.#stopGracefully(options.graceMs))) return this.ended;
    await this.#note("kill");
    await this.#control.quit(forcedEnd.quitMs);
    signalVm(this.identity, "SIGTERM");
    if (await this.#goneWithin(forcedEnd.terminateMs)) return this.ended;
    signalVm(this.identity, "SIGKILL");
    if (await this.#goneWithin(forcedEnd.killMs)) return this.ended;
    const { name, pid } = this.identity;
    throw new UserError("DRIVER_FAILED", `${titleOf(name)}: process ${pid} does not die of SIGKILL`, {
      next: "The kernel holds it, probably in a disk or network wait; look at /proc/PID/stack, then stop it again.",
    });
  }

  get memory(): VmMemory | undefined {
    const { memory } = this.#control;
    if (memory === undefined) return undefined;
    const receive = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
      await memory.receive(pieces);
      await this.#markReady(); // it was, where it ran
    };
    return { send: (signal) => memory.send(signal), sent: () => memory.sent(), receive };
  }

  type(data: Buffer): Promise<void> {
    return this.#console.write(data);
  }

  exec(argv: readonly string[], signal: AbortSignal, input?: GuestInput): AsyncIterable<GuestOutput> {
    return this.#agent.run(argv, signal, input);
  }

  async pause(deadlineMs: number): Promise<void> {
    await this.#settleAs("paused", deadlineMs, (leftMs) => this.#control.pause(leftMs));
  }

  async resume(deadlineMs: number): Promise<void> {
    await this.#settleAs("running", deadlineMs, (leftMs) => this.#control.resume(leftMs));
  }

  /** Asks until the VM says that it is so. */
  async #settleAs(wanted: "paused" | "running", deadlineMs: number, ask: (leftMs: number) => Promise<void>): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (let leftMs = deadlineMs; leftMs > 0; leftMs = end - performance.now()) {
      if ((await this.#control.status(Math.min(askMs, leftMs))) === wanted) return;
      if (recognize(this.identity) !== "same") break;
      await ask(Math.min(askMs, leftMs));
      await delay(pollIntervalMs);
    }
    throw new UserError("DRIVER_FAILED", `${titleOf(this.identity.name)} did not become ${wanted} within ${deadlineMs} ms`);
  }

  async renew(untilMs: number): Promise<void> {
    if (this.#exit === null && !this.#closed) await this.#watchdog.renew(untilMs);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#control.close();
    this.#agent.close();
    this.#console.close();
  }

  /** Asks again and again, in turns one way and the other: a guest that is still booting does not hear. */
  async #stopGracefully(graceMs: number): Promise<boolean> {
    const end = performance.now() + graceMs;
    await this.#note("stop");
    await this.#control.resume(Math.min(askMs, graceMs)); // what stands still does not hear
    for (let again = false; ; again = !again) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) return false;
      await this.#control.askToStop(again, Math.min(askMs, leftMs));
      if (await this.#goneWithin(Math.min(askAgainMs, Math.max(graceMs / 2, 100), end - performance.now()))) return true;
    }
  }

  /** Waits until the VM is known to have ended, at most `ms`. */
  async #goneWithin(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    for (;;) {
      this.#look();
      if (this.#telling || this.#exit !== null) await this.ended;
      if (this.#exit !== null) return true;
      if (performance.now() >= end) return false;
      await delay(pollIntervalMs);
    }
  }

  /** Written before it is done, so that the truth can be told even if this daemon dies in between. */
  async #note(asked: Asked): Promise<void> {
    this.#asked = asked;
    await writeJson(this.#dir, "asked.json", { asked }).catch(() => undefined); // a full disk must not keep a VM alive
  }

  #look(): void {
    if (this.#isChild) return; // `exit` tells more, and comes for sure
    if (recognize(this.identity) !== "same") void this.#tell(null);
  }

  /** The event comes once: a child that ended while its identity was written down has had it. */
  #await(child: ChildProcess): void {
    const { exitCode: code, signalCode: signal } = child;
    if (code !== null || signal !== null) void this.#tell({ code, signal });
    else child.once("exit", (exitCode, signalCode) => void this.#tell({ code: exitCode, signal: signalCode }));
  }

  #tend(): void {
    this.#look();
    if (this.#ready) trimConsole(this.#dir, consoleLimitBytes).catch(() => undefined); // tried again at the next turn
  }

  async #tell(waited: Waited): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    const exit = await establishExit(this.#mechanism, this.#dir, waited, this.#asked);
    // What cannot be given back now is tried again when the VM starts anew or is removed.
    await this.#mechanism.release?.(this.#dir).catch(() => undefined);
    this.#exit = exit;
    this.close();
    this.#settle(this.#exit);
  }

  async #markReady(): Promise<void> {
    this.#ready = true;
    // Should it fail: the console says the same.
    await writeFile(join(this.#dir.path, "ready"), readyMark(this.identity), { mode: 0o600 }).catch(() => undefined);
  }

  /** The mark outlives the console line, which may be trimmed away, and the daemon. */
  async #isMarkedReady(): Promise<boolean> {
    this.#ready ||= (await this.#read("ready")) === readyMark(this.identity);
    return this.#ready;
  }

  async #bootFailed(what: string): Promise<UserError> {
    const { name } = this.identity;
    const line = await lastConsoleLine(this.#dir);
    const stderr = (await this.#read("driver.log")).trim().split("\n").at(-1);
    const heard = line === null ? "its console is empty" : `last console line: ${line}`;
    const text = `${titleOf(name)} ${what}; ${heard}${stderr ? `; driver: ${stderr}` : ""}`;
    return new UserError("DRIVER_FAILED", text, { next: `Read the whole console with: blixard ${kindOf(name)} logs ${shortName(name)}` });
  }

  async #read(file: string): Promise<string> {
    return readFile(join(this.#dir.path, file), "utf8").catch(() => "");
  }
}

/**
 * Works out how the VM ended, once; a second call, also after a restart of the daemon, gives the same answer. `heard`
 * is what this handle has asked of it, for the case that it could not be written down.
 */
export async function establishExit(
  mechanism: Mechanism,
  dir: RunDir,
  waited: Waited,
  heard: Asked,
): Promise<VmExit> {
  const known = await readExit(dir);
  if (known !== null) return known;
  await mechanism.sweep?.(dir);
  const asked = heard ?? (await readAsked(dir));
  const killed = await readFenced(dir);
  const fenced = killed !== null && killed === (await readIdentity(dir))?.pid;
  const exit = tellExit({ asked, testimony: await mechanism.testimony(dir, asked, waited), waited, fenced });
  // The directory may have been removed, the disk may be full: the answer is the same without the file.
  await writeJson(dir, "exit.json", exit).catch(() => undefined);
  return exit;
}

/** Resolves when `child` exists; rejects when it could not be spawned. */
export async function spawned(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined) return;
  const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
  throw error;
}

function readyMark(identity: VmIdentity): string {
  return `${identity.pid} ${identity.startTime}\n`;
}
