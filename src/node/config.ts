/** What a daemon is told when it starts, with validated defaults (row R8). */

import { resolve } from "node:path";
import { UserError } from "../errors.ts";
import { defaultHistoryLimits } from "../machine/history.ts";
import type { HistoryLimits } from "../machine/history.ts";
import type { FailoverPolicy } from "../machine/lease-book.ts";
import type { LeaseTerms } from "../machine/lease-keeper.ts";
import { parseName } from "../machine/names.ts";
import type { Name } from "../machine/records.ts";
import { defaultRaftOptions } from "../raft/state.ts";
import type { RaftOptions } from "../raft/state.ts";
import { leaseTimes } from "./lease-times.ts";
import { parseAddress } from "../transport/address.ts";
import type { LogLevel } from "./log.ts";

export interface DaemonOptions {
  readonly name: string;
  /** host:port to listen on. Only loopback, until connections are protected. */
  readonly listen: string;
  /** host:port that others dial; default: where it listens. */
  readonly advertise?: string;
  readonly dataDir: string;
  readonly logLevel?: LogLevel;
  readonly foreground?: boolean;
  readonly heartbeatMs?: number;
  readonly electionTimeoutMs?: number;
  /** How long a write may be under way before a leader makes way; default: three election timeouts. */
  readonly diskStallMs?: number;
  /**
   * How far the clocks of two nodes may run apart, in millionths of the time that passes. Leaders then answer reads from
   * leases; default: nothing is known of clocks, and there are none.
   */
  readonly clockDriftPpm?: number;
  /** How long a worker takes a renewal of its lease to last. */
  readonly workerLeaseMs?: number;
  /** How long it may take from the end of the lease until nothing of the worker runs. */
  readonly killBudgetMs?: number;
  /** Silence of a worker after which its VMs go to others. */
  readonly failoverAfterMs?: number;
  readonly degradedAfterMs?: number;
  readonly failedAfterMs?: number;
  readonly movesPerMinute?: number;
  /** How many of the latest changes of keys are kept for watchers: entries, and MiB of memory. */
  readonly historyEntries?: number;
  readonly historyMib?: number;
  /** A reader of a stream that takes nothing for so long is cut off. */
  readonly readerPatienceMs?: number;
}

export interface DaemonConfig {
  readonly name: Name;
  readonly listen: string;
  readonly advertise: string | null;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly raft: RaftOptions;
  readonly lease: LeaseTerms;
  readonly failover: FailoverPolicy;
  readonly tickMs: number;
  /** A write that takes longer ends leadership, so that a leader with a stalled disk is replaced. */
  readonly diskStallMs: number;
  readonly bootDeadlineMs: number;
  readonly stopGraceMs: number;
  readonly traceRotateBytes: number;
  readonly history: HistoryLimits;
  readonly readerPatienceMs: number;
}

/** Checks the options. Throws `UserError` that says which is wrong and why. */
export function parseConfig(options: DaemonOptions): DaemonConfig {
  const { heartbeatMs = defaultRaftOptions.heartbeatMs, electionTimeoutMs = defaultRaftOptions.electionTimeoutMs } = options;
  const { diskStallMs = electionTimeoutMs * 3, clockDriftPpm = null } = options;
  checkTimes(heartbeatMs, electionTimeoutMs, diskStallMs);
  checkDrift(clockDriftPpm);
  const listen = parseAddress(options.listen, 0);
  if (!isLoopback(listen.host)) {
    throw new UserError("INVALID_CONFIG", `the daemon would listen on ${options.listen}, which other machines can reach`, {
      next: "Connections are not encrypted yet: listen on 127.0.0.1.",
    });
  }
  if (options.advertise !== undefined) parseAddress(options.advertise);
  return {
    name: parseName(options.name, "node name"),
    listen: options.listen,
    advertise: options.advertise ?? null,
    dataDir: resolve(options.dataDir),
    logLevel: options.logLevel ?? "info",
    raft: { ...defaultRaftOptions, heartbeatMs, electionTimeoutMs, clockDriftPpm },
    ...leaseTimes(options),
    tickMs: Math.max(5, Math.min(20, Math.floor(heartbeatMs / 3))),
    diskStallMs,
    bootDeadlineMs: 90_000,
    stopGraceMs: 10_000,
    traceRotateBytes: 64 * 1024 * 1024,
    history: historyLimits(options),
    readerPatienceMs: options.readerPatienceMs ?? 10_000,
  };
}

function historyLimits({ historyEntries = defaultHistoryLimits.entries, historyMib }: DaemonOptions): HistoryLimits {
  const bytes = historyMib === undefined ? defaultHistoryLimits.bytes : historyMib * 2 ** 20;
  if (Number.isInteger(historyEntries) && historyEntries >= 1 && Number.isSafeInteger(bytes) && bytes >= 2 ** 20) return { entries: historyEntries, bytes };
  throw new UserError("INVALID_CONFIG", `a history of ${historyEntries} entries and ${historyMib} MiB cannot be kept`, {
    next: "Keep 1 entry and 1 MiB at least.",
  });
}

function checkTimes(heartbeatMs: number, electionTimeoutMs: number, diskStallMs: number): void {
  const wrong = (message: string, next = "Choose a heartbeat of at most half the election timeout."): never => {
    throw new UserError("INVALID_CONFIG", message, { next });
  };
  if (!Number.isInteger(heartbeatMs) || heartbeatMs < 10) wrong(`a heartbeat of ${heartbeatMs} ms is too short; 10 is the least`);
  if (!Number.isInteger(electionTimeoutMs) || electionTimeoutMs > 60_000) wrong(`an election timeout of ${electionTimeoutMs} ms is too long`);
  if (electionTimeoutMs < heartbeatMs * 2) wrong(`an election timeout of ${electionTimeoutMs} ms is too short for a heartbeat of ${heartbeatMs} ms`);
  if (!Number.isInteger(diskStallMs) || diskStallMs < electionTimeoutMs || diskStallMs > 60_000) {
    wrong(`a bound of ${diskStallMs} ms on writes does not lie between the election timeout and a minute`, "Choose a longer or a shorter bound.");
  }
}

/** More than a fifth is no clock; and what is left of a lease by then is not worth having. */
function checkDrift(clockDriftPpm: number | null): void {
  if (clockDriftPpm === null || (Number.isInteger(clockDriftPpm) && clockDriftPpm >= 1 && clockDriftPpm <= 200_000)) return;
  throw new UserError("INVALID_CONFIG", `clocks that drift by ${clockDriftPpm} millionths are not provided for`, {
    next: "Give a bound from 0.0001% to 20%, or none: then leaders hold no leases.",
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
