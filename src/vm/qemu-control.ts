/** A running QEMU, asked over QMP. The connection is kept, so that its end tells at once that the VM may be gone. */

import { setTimeout as delay } from "node:timers/promises";

import type { RunDir, VmMemory } from "./driver.ts";
import type { VmControl } from "./mechanism.ts";
import { QemuMemory } from "./qemu-memory.ts";
import { QmpClient } from "./qmp-client.ts";

/** The socket appears some tens of milliseconds after the process. */
const connectRetryMs = 20;
const firstConnectMs = 5_000;

/** QMP's RunState (qapi/run-state.json) in the driver's words; what is not listed runs. */
const statusWords: Readonly<Record<string, "paused" | "internal-error">> = {
  paused: "paused",
  "save-vm": "paused",
  "restore-vm": "paused",
  prelaunch: "paused",
  inmigrate: "paused",
  "finish-migrate": "paused",
  postmigrate: "paused",
  "internal-error": "internal-error",
  "io-error": "internal-error",
};

export class QemuControl implements VmControl {
  readonly #dir: RunDir;
  readonly #hint: () => void;
  readonly memory: VmMemory;
  #client: Promise<QmpClient> | null = null;
  #closed = false;

  constructor(dir: RunDir, hint: () => void) {
    this.#dir = dir;
    this.#hint = hint;
    this.memory = new QemuMemory(dir, (command, args, deadlineMs) => this.#try(command, args, deadlineMs));
    this.#connect(firstConnectMs).catch(() => undefined); // the next command tries again
  }

  async askToStop(again: boolean, deadlineMs: number): Promise<void> {
    const keys = ["ctrl", "alt", "delete"].map((data) => ({ type: "qcode", data }));
    if (again) await this.#try("send-key", { keys }, deadlineMs);
    else await this.#try("system_powerdown", {}, deadlineMs);
  }

  async quit(deadlineMs: number): Promise<void> {
    await this.#try("quit", {}, deadlineMs);
  }

  async status(deadlineMs: number): Promise<"running" | "paused" | "internal-error" | "unresponsive"> {
    const answer = await this.#try("query-status", {}, deadlineMs);
    if (answer === null) return "unresponsive";
    const word = (answer as { readonly status?: unknown }).status;
    return typeof word === "string" ? (statusWords[word] ?? "running") : "unresponsive";
  }

  async pause(deadlineMs: number): Promise<void> {
    await this.#try("stop", {}, deadlineMs);
  }

  async resume(deadlineMs: number): Promise<void> {
    await this.#try("cont", {}, deadlineMs);
  }

  close(): void {
    this.#closed = true;
    void this.#client?.then((client) => client.close(), () => undefined);
  }

  /** The answer, or null when there was none by the deadline, which counts for connection and command together. */
  async #try(command: string, args: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<unknown> {
    const end = performance.now() + deadlineMs;
    const late = new AbortController();
    try {
      const client = await Promise.race([this.#connect(deadlineMs), delay(deadlineMs, null, { signal: late.signal })]);
      return client === null ? null : await client.execute(command, args, Math.max(1, end - performance.now()));
    } catch {
      return null; // gone, refused or too late: the caller looks at /proc
    } finally {
      late.abort();
    }
  }

  #connect(deadlineMs: number): Promise<QmpClient> {
    this.#client ??= this.#open(performance.now() + deadlineMs).catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }

  async #open(end: number): Promise<QmpClient> {
    for (;;) {
      let negotiated = false;
      try {
        const leftMs = Math.max(1, end - performance.now());
        const client = await QmpClient.connect(this.#dir, "qmp.sock", leftMs, () => {
          if (negotiated) this.#lost(); // before that, this loop itself goes on
        });
        negotiated = true;
        if (this.#closed) client.close();
        return client;
      } catch (error) {
        if (this.#closed || performance.now() >= end) throw error;
        await delay(connectRetryMs, undefined, { ref: false });
      }
    }
  }

  #lost(): void {
    this.#client = null;
    this.#hint();
  }
}
