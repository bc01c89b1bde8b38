/** `node start --daemon`: a child of its own session that outlives the command, watched until it answers. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError, isErrorCode } from "../errors.ts";
import { makeOwnDirectory } from "../own-directory.ts";
import { parseAddress } from "../transport/address.ts";
import type { NodeStatusResponse } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { userErrorOf } from "./failure.ts";
import { DaemonSession } from "./daemon-session.ts";

export interface LaunchOptions {
  /** The program and its arguments, without `--daemon`. */
  readonly command: readonly string[];
  readonly dataDir: string;
  /** Where it will answer. */
  readonly address: string;
  readonly timeoutMs: number;
  readonly notify: (line: string) => void;
}

/** Starts the daemon; resolves when it answers, rejects with its own reason when it does not. */
export async function launchDaemon(options: LaunchOptions): Promise<Answer> {
  const { dataDir, address, timeoutMs, notify } = options;
  if (parseAddress(address, 0).port === 0) {
    throw new UserError("INVALID_ARGUMENT", "with --daemon the port must be given: the command asks there whether the daemon has started", {
      next: "Give a port to --listen, or run the daemon in the foreground.",
    });
  }
  makeOwnDirectory(dataDir);
  const logPath = join(dataDir, "daemon.log");
  const log = openSync(logPath, "a", 0o600);
  const logStart = fstatSync(log).size;
  const child = start(options.command, log);
  closeSync(log);
  const session = new DaemonSession({ address, timeoutMs, notify });
  try {
    const status = await untilAnswering(session, child, () => reasonIn(logPath, logStart));
    child.unref();
    return launched(status, logPath);
  } catch (thrown) {
    // Whoever is told "failed" must not find it running later.
    child.kill("SIGKILL");
    throw thrown;
  } finally {
    session.close();
  }
}

function start([program = process.execPath, ...rest]: readonly string[], log: number): ChildProcess {
  return spawn(program, rest, { detached: true, stdio: ["ignore", log, log] });
}

async function untilAnswering(session: DaemonSession, child: ChildProcess, reason: () => UserError): Promise<NodeStatusResponse> {
  return session.wait(
    async (daemon, options) => {
      if (child.exitCode !== null || child.signalCode !== null) throw reason();
      const status = await daemon.cluster.nodeStatus({}, options).catch(whenReached);
      if (status === null) return { done: false, state: `process ${child.pid} is starting` };
      // Another program's answer at this address is not ours.
      if (status.pid === child.pid) return { done: true, value: status };
      return { done: false, state: `another daemon (pid ${status.pid}) answers at ${session.address}` };
    },
    `the daemon to answer at ${session.address}`,
    "See its log, daemon.log in the data directory.",
  );
}

function whenReached(thrown: unknown): null {
  if (userErrorOf(thrown)?.code === "UNREACHABLE") return null;
  throw thrown;
}

/** Why the daemon ended: its last words since `start`, which are JSON when they are an error. */
export function reasonIn(logPath: string, start: number): UserError {
  const text = readFileSync(logPath).subarray(start).toString("utf8").trim();
  const next = `Its log is ${logPath}.`;
  const { code, message, ...place } = errorAtEnd(text) ?? {};
  if (code !== undefined && isErrorCode(code) && message !== undefined) {
    const known = Object.entries(place).filter(([name, value]) => ["node", "group", "leader", "next"].includes(name) && typeof value === "string");
    return new UserError(code, message, { next, ...Object.fromEntries(known) });
  }
  const lastLines = text.split("\n").slice(-8).join("\n");
  return new UserError("FAILED", `the daemon ended at once${lastLines === "" ? " without a word" : `:\n${lastLines}`}`, { next });
}

function errorAtEnd(text: string): { code?: string; message?: string } | null {
  const begin = Math.max(text.lastIndexOf("\n{\n"), text.startsWith("{\n") ? 0 : -1);
  if (begin < 0) return null;
  const end = text.indexOf("\n}", begin);
  try {
    const value: unknown = JSON.parse(text.slice(begin, end + 2));
    return typeof value === "object" && value !== null && "error" in value ? (value.error as { code?: string }) : null;
  } catch {
    return null;
  }
}

function launched({ nodeId, name, address, pid, clusterId }: NodeStatusResponse, log: string): Answer {
  return {
    json: { nodeId, name, address, pid, clusterId: clusterId || null, log },
    notes: clusterId === "" ? [`it is in no cluster yet: \`blixard cluster init\` or \`blixard cluster join\` with --addr ${address}`] : [],
    text: () => `node ${name} started: pid ${pid}, ${address}, log ${log}`,
  };
}
