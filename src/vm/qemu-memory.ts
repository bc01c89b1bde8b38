/**
 * The memory of a running QEMU as a stream of bytes, by its live migration: sent while the guest runs, its last part while it
 * stands still. QEMU speaks to a socket of the run directory, for its sandbox lets it start nothing (`exec:` would kill it).
 */

import { closeSync, constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { UserError } from "../errors.ts";
import type { RunDir, VmMemory } from "./driver.ts";
import { connectIn } from "./run-directory.ts";

/** In the run directory: QEMU connects to it to send, and listens on it to receive (`-incoming`). */
export const memorySocket = "memory.sock";

const answerMs = 5_000;
const pollMs = 5;
/** For so long the guest may stand still for the last part, at most, by the measure of what was sent before. */
const downtimeLimitMs = 100;
const bandwidth = 1024 * 1024 * 1024;

/** Asks QEMU over QMP; null when there was no answer, or a refusal. */
export type AskQemu = (command: string, args: Readonly<Record<string, unknown>>, deadlineMs: number) => Promise<unknown>;

export class QemuMemory implements VmMemory {
  readonly #dir: RunDir;
  readonly #ask: AskQemu;

  constructor(dir: RunDir, ask: AskQemu) {
    this.#dir = dir;
    this.#ask = ask;
  }

  async *send(signal: AbortSignal): AsyncGenerator<Buffer> {
    await rm(join(this.#dir.path, memorySocket), { force: true });
    const server = await listenIn(this.#dir);
    let sent = false;
    try {
      const connected = once(server, "connection", { signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
      connected.catch(() => undefined); // it is awaited below
      await this.#must("migrate-set-parameters", { "downtime-limit": downtimeLimitMs, "max-bandwidth": bandwidth });
      await this.#must("migrate", { uri: `unix:${memorySocket}` });
      const [socket] = (await connected) as [Socket];
      signal.addEventListener("abort", () => socket.destroy(), { once: true });
      for await (const piece of socket) yield piece as Buffer;
      await this.#settled("query-migrate", "completed");
      sent = true;
    } finally {
      server.close();
      if (!sent) await this.#ask("migrate_cancel", {}, answerMs);
      await rm(join(this.#dir.path, memorySocket), { force: true });
    }
  }

  async receive(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const socket = await this.#connect();
    const broken = new Promise<never>((_, reject) => socket.once("error", reject));
    broken.catch(() => undefined);
    try {
      for await (const piece of pieces) {
        if (!socket.write(piece)) await Promise.race([once(socket, "drain"), broken]);
      }
      socket.end();
      await this.#settled("query-status", "paused");
    } catch (error) {
      throw error instanceof UserError ? error : new UserError("DRIVER_FAILED", `QEMU did not take the memory: ${String(error)}`);
    } finally {
      socket.destroy();
      await rm(join(this.#dir.path, memorySocket), { force: true });
    }
  }

  async sent(): Promise<{ readonly stillMs: number } | null> {
    const { status } = ((await this.#ask("query-status", {}, answerMs)) ?? {}) as { readonly status?: unknown };
    if (status !== "postmigrate") return null;
    const { downtime } = ((await this.#ask("query-migrate", {}, answerMs)) ?? {}) as { readonly downtime?: unknown };
    return { stillMs: typeof downtime === "number" ? downtime : 0 };
  }

  /** QEMU listens some tens of milliseconds after its start. */
  async #connect(): Promise<Socket> {
    const end = performance.now() + answerMs;
    for (;;) {
      const socket = connectIn(this.#dir, memorySocket);
      try {
        await once(socket, "connect");
        return socket;
      } catch (error) {
        if (performance.now() >= end) throw new UserError("DRIVER_FAILED", `QEMU does not wait for memory: ${String(error)}`);
        await delay(pollMs * 4);
      }
    }
  }

  async #must(command: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    if ((await this.#ask(command, args, answerMs)) === null) throw new UserError("DRIVER_FAILED", `QEMU did not obey ${command}`);
  }

  /** Waits until QEMU says that it has come to `wanted`. */
  async #settled(query: "query-migrate" | "query-status", wanted: string): Promise<void> {
    const end = performance.now() + answerMs;
    for (;;) {
      const { status = "no answer", "error-desc": why = "" } = ((await this.#ask(query, {}, answerMs)) ?? {}) as { status?: string; "error-desc"?: string };
      if (status === wanted) return;
      if (status === "failed" || status === "cancelled" || performance.now() >= end) {
        throw new UserError("DRIVER_FAILED", `QEMU did not move the memory: it is ${status}${why === "" ? "" : `, ${why}`}`);
      }
      await delay(pollMs);
    }
  }
}

/** Listens on the socket; its path goes through a descriptor of the directory, like in `connectIn`. */
async function listenIn(dir: RunDir): Promise<Server> {
  const descriptor = openSync(dir.path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const server = createServer({ pauseOnConnect: false });
    server.listen({ path: `/proc/self/fd/${descriptor}/${memorySocket}` });
    await once(server, "listening");
    return server;
  } finally {
    closeSync(descriptor);
  }
}
