/** What a daemon is told when it starts, with validated defaults (row R8). */

import { resolve } from "node:path";
import { UserError } from "../errors.ts";
import { parseName } from "../machine/names.ts";
import type { Name } from "../machine/records.ts";
import { defaultRaftOptions } from "../raft/state.ts";
import type { RaftOptions } from "../raft/state.ts";
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
}

export interface DaemonConfig {
  readonly name: Name;
  readonly listen: string;
  readonly advertise: string | null;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly raft: RaftOptions;
  readonly tickMs: number;
  /** A write that takes longer makes the node mute, so that a leader with a stalled disk is replaced. */
  readonly diskStallMs: number;
  readonly bootDeadlineMs: number;
  readonly stopGraceMs: number;
  readonly traceRotateBytes: number;
}

/** Checks the options. Throws `UserError` that says which is wrong and why. */
export function parseConfig(options: DaemonOptions): DaemonConfig {
  const { heartbeatMs = defaultRaftOptions.heartbeatMs, electionTimeoutMs = defaultRaftOptions.electionTimeoutMs } = options;
  checkTimes(heartbeatMs, electionTimeoutMs);
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
    raft: { ...defaultRaftOptions, heartbeatMs, electionTimeoutMs },
    tickMs: Math.max(5, Math.min(20, Math.floor(heartbeatMs / 3))),
    diskStallMs: electionTimeoutMs * 3,
    bootDeadlineMs: 90_000,
    stopGraceMs: 10_000,
    traceRotateBytes: 64 * 1024 * 1024,
  };
}

function checkTimes(heartbeatMs: number, electionTimeoutMs: number): void {
  const wrong = (message: string): never => {
    throw new UserError("INVALID_CONFIG", message, { next: "Choose a heartbeat of at most half the election timeout." });
  };
  if (!Number.isInteger(heartbeatMs) || heartbeatMs < 10) wrong(`a heartbeat of ${heartbeatMs} ms is too short; 10 is the least`);
  if (!Number.isInteger(electionTimeoutMs) || electionTimeoutMs > 60_000) wrong(`an election timeout of ${electionTimeoutMs} ms is too long`);
  if (electionTimeoutMs < heartbeatMs * 2) wrong(`an election timeout of ${electionTimeoutMs} ms is too short for a heartbeat of ${heartbeatMs} ms`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
