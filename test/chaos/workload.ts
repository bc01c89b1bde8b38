/** Clients that read and write all the time, and note what they were told. */

import type { UserError } from "../../src/errors.ts";
import { Chance } from "../../src/sim/chance.ts";
import type { KvGetResponse, KvWriteResponse } from "../../src/transport/messages.generated.ts";
import { type Session, openSession } from "../../src/transport/session.ts";
import type { HistoryOperation, Operation, OperationResult } from "../../src/verify/history-operation.ts";

const timeoutMs = 4_000;
/** A cluster that is whole answers at once; a machine that is not quiet may be slow. */
const finalMs = 30_000;
/** Keys are given up after a while, so that the history of each can be searched. */
const keysAtOnce = 6;
const keysLiveMs = 4_000;
const pauseMs = 8;

/** Answers after which the operation may have happened, may yet happen, or never will. */
const unknownCodes: ReadonlySet<string> = new Set(["OUTCOME_UNKNOWN", "TIMEOUT", "SESSION_EXPIRED", "NO_QUORUM"]);
/** The request was never sent, or certainly refused. */
const withoutEffect: ReadonlySet<string> = new Set(["UNREACHABLE", "OVERLOADED", "NO_LEADER", "NOT_LEADER"]);

export class Workload {
  readonly history: HistoryOperation[] = [];
  readonly keys = new Set<string>();
  acknowledged = 0;
  unknown = 0;
  /** The longest time in which no write of any client was acknowledged. */
  longestSilenceMs = 0;
  /** When that ended, in milliseconds since the start of the load. */
  silenceEndedAtMs = 0;
  readonly #addresses: readonly string[];
  #startedAt = performance.now();
  #lastWriteAt = performance.now();
  #sessions = 0;
  #stopping = false;
  #work: Promise<unknown> = Promise.resolve();

  /** Operations go to `addresses`, by one daemon after the other. */
  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  start(clients: number, seed: number): void {
    this.#startedAt = performance.now();
    this.#lastWriteAt = this.#startedAt;
    this.#work = Promise.all(Array.from({ length: clients }, (_, client) => this.#client(client, new Chance(seed * 1_000 + client))));
    this.#work.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#work;
  }

  get #now(): number {
    return performance.now() - this.#startedAt;
  }

  #open(first: number, patienceMs = timeoutMs): Session {
    const at = first % this.#addresses.length;
    this.#sessions += 1;
    return openSession([...this.#addresses.slice(at), ...this.#addresses.slice(0, at)], { timeoutMs: patienceMs });
  }

  async #client(first: number, lot: Chance): Promise<void> {
    let session = this.#open(first);
    const versions = new Map<string, number>();
    for (let written = 0; !this.#stopping; written += 1) {
      const operation = this.#draw(lot, `${session.name.slice(0, 8)}-${written}`, versions);
      const result = await this.#do(session, operation);
      if (result === null) {
        // What is unknown may still happen: whoever goes on is somebody else.
        session.close();
        session = this.#open(first + this.#sessions);
      } else if ("version" in result) {
        versions.set(operation.key, result.version);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 * lot.next()));
    }
    session.close();
  }

  #draw(lot: Chance, value: string, versions: ReadonlyMap<string, number>): Operation {
    const key = `/chaos/${Math.floor(this.#now / keysLiveMs)}/${Math.floor(lot.next() * keysAtOnce)}`;
    this.keys.add(key);
    const kind = lot.next();
    if (kind < 0.35) return { kind: "get", key };
    if (kind < 0.65) return { kind: "put", key, value };
    if (kind < 0.85) return { kind: "cas", key, value, ifVersion: versions.get(key) ?? 0 };
    if (kind < 0.95) return { kind: "put-if-absent", key, value };
    return { kind: "delete", key };
  }

  /** Null when the outcome is unknown. */
  async #do(session: Session, operation: Operation): Promise<OperationResult | null> {
    const invokedAt = this.#now;
    const record = (result: OperationResult | null): OperationResult | null => {
      const returnedAt = result === null ? null : this.#now;
      this.history.push({ client: session.name, operation, invokedAt, returnedAt, result });
      if (result === null) this.unknown += 1;
      else this.acknowledged += 1;
      if (result?.kind === "written" || result?.kind === "deleted") this.#heard();
      return result;
    };
    try {
      return record(await perform(session, operation));
    } catch (error) {
      const { code } = error as UserError;
      if (code === "ALREADY_EXISTS" || code === "NOT_FOUND" || code === "CONFLICT") return record({ kind: "refused", code });
      if (unknownCodes.has(code)) return record(null);
      if (withoutEffect.has(code)) return null;
      throw error;
    }
  }

  #heard(): void {
    const now = performance.now();
    if (now - this.#lastWriteAt > this.longestSilenceMs) {
      this.longestSilenceMs = now - this.#lastWriteAt;
      this.silenceEndedAtMs = this.#now;
    }
    this.#lastWriteAt = now;
  }

  /** Reads every key once, when the cluster is whole again: nothing acknowledged may be lost. */
  async readAll(): Promise<void> {
    const session = this.#open(0, finalMs);
    for (const key of this.keys) {
      const result = await this.#do(session, { kind: "get", key });
      if (result === null) throw new Error(`${key} cannot be read from a cluster that is whole again`);
    }
    session.close();
  }
}

async function perform(session: Session, operation: Operation): Promise<OperationResult> {
  switch (operation.kind) {
    case "get":
      return readResult(await session.get(operation.key));
    case "put":
      return writeResult(await session.put(operation.key, operation.value));
    case "put-if-absent":
      return writeResult(await session.putIfAbsent(operation.key, operation.value));
    case "cas":
      return writeResult(await session.compareAndSwap(operation.key, operation.value, operation));
    case "delete": {
      const { version, index } = await session.delete(operation.key, operation.ifVersion);
      return { kind: "deleted", version, index };
    }
  }
}

function writeResult({ version, index }: KvWriteResponse): OperationResult {
  return { kind: "written", version, index };
}

function readResult({ item }: KvGetResponse): OperationResult {
  if (item === null) return { kind: "absent" };
  return { kind: "found", value: item.value, version: item.version, changedIndex: item.changedIndex };
}
