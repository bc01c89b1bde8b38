/** Linux processes as a driver sees them: who a pid is right now, and signals that never hit a stranger. */

import { readFileSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { VmIdentity } from "./driver.ts";

export interface ProcessState {
  /** R running, S sleeping, T stopped, Z zombie … */
  readonly state: string;
  readonly startTime: string;
}

/** State and start time of `pid`, or null when there is no such process. */
export function processState(pid: number): ProcessState | null {
  const stat = readProc(pid, "stat");
  return stat === null ? null : parseStat(stat);
}

/** When the process began, in milliseconds since the machine's boot: /proc counts ticks, a hundred a second. */
export function startedMs({ startTime }: Pick<VmIdentity, "startTime">): number {
  return Number(startTime) * 10;
}

/** Reads one line of /proc/PID/stat. The second field may hold spaces and parentheses, hence the last `)`. */
export function parseStat(stat: string): ProcessState | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const startTime = fields[22 - 3]; // proc(5): (22) starttime; the first two fields are cut off, and they count from 1
  return state === undefined || startTime === undefined ? null : { state, startTime };
}

/** The argument vector of `pid`; empty for a zombie or a kernel thread. */
export function commandLine(pid: number): readonly string[] {
  return (readProc(pid, "cmdline") ?? "").split("\0").slice(0, -1);
}

/** The value that follows `option` in an argument vector. */
export function optionValue(argv: readonly string[], option: string): string | null {
  const at = argv.indexOf(option);
  return at < 0 ? null : (argv[at + 1] ?? null);
}

/** `same`: exactly this VM, alive. `other`: the pid and the start time are alive and belong to somebody else. */
export function recognize(identity: VmIdentity): "same" | "other" | "gone" {
  const now = processState(identity.pid);
  if (now === null || now.state === "Z" || now.state === "X") return "gone";
  if (now.startTime !== identity.startTime) return "gone"; // the pid was given to another process: ours has ended
  return claimedUuid(identity.pid) === identity.uuid ? "same" : "other";
}

/** Sends `signal` if, at this instant, the pid still is this VM. False: nothing was sent. */
export function signalVm(identity: VmIdentity, signal: NodeJS.Signals): boolean {
  if (recognize(identity) !== "same") return false;
  try {
    // What it has started, in its own group, goes with it: each VM leads a session of its own.
    process.kill(signal === "SIGKILL" && leadsItsGroup(identity.pid) ? -identity.pid : identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/**
 * The live process that carries `-uuid UUID`: finds a VM whose daemon died between spawning it and writing it down. With
 * `directory`, the one that works there: another daemon of this machine may run the VM by now.
 */
export function findVmProcess(uuid: string, directory?: string): { pid: number; startTime: string; name: string } | null {
  const home = directory === undefined ? undefined : realPath(directory);
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    if (home !== undefined && workingDirectory(pid) !== home) continue;
    if ((home === undefined ? claim(pid).uuid : claimedUuid(pid)) !== uuid) continue;
    const now = processState(pid);
    if (now === null || now.state === "Z") continue;
    return { pid, startTime: now.startTime, name: guestName(commandLine(pid)) || (variableIn(readProc(pid, "environ"), "BLIXARD_VM_NAME") ?? "") };
  }
  return null;
}

const stragglersMs = 10_000;

/**
 * Kills every process that bears the mark of this run directory, and returns when none is left: what a program started,
 * and put into a session of its own, must not outlive it, for another worker may run it next.
 */
export async function endStragglers(directory: string): Promise<void> {
  const mark = `BLIXARD_RUN=${realPath(directory)}`;
  const end = performance.now() + stragglersMs;
  for (;;) {
    const left = readdirSync("/proc").map(Number).filter((pid) => Number.isInteger(pid) && bears(pid, mark));
    if (left.length === 0 || performance.now() >= end) return;
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it ended meanwhile
      }
    }
    await delay(20);
  }
}

function bears(pid: number, mark: string): boolean {
  if (readProc(pid, "environ")?.split("\0").includes(mark) !== true) return false;
  const state = processState(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return resolve(directory);
  }
}

/** Null when it ended. What was removed under it is told as `… (deleted)`. */
function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch {
    return null;
  }
}

/** A process that becomes another program shows neither words nor environment for an instant; on a busy machine it is longer. */
const execMs = 200;

/** The uuid that a process carries, or null. Blocks for an instant if it is about to become another program. */
function claimedUuid(pid: number): string | null {
  const end = performance.now() + execMs;
  for (;;) {
    const { uuid, isBlank } = claim(pid);
    if (uuid !== null || !isBlank || performance.now() >= end) return uuid;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

/**
 * The uuid on the command line, or, where that is not ours to write, in the environment, which `exec` keeps. The environment
 * goes to children too, so only who leads its group counts. `isBlank`: it is alive and shows nothing now.
 */
function claim(pid: number): { readonly uuid: string | null; readonly isBlank: boolean } {
  const words = readProc(pid, "cmdline");
  const named = optionValue((words ?? "").split("\0"), "-uuid");
  if (named !== null) return { uuid: named, isBlank: false };
  const environment = readProc(pid, "environ");
  const inherited = variableIn(environment, uuidVariable);
  const isBlank = (words === "" || environment === "") && !["Z", "X", undefined].includes(processState(pid)?.state);
  return { uuid: inherited !== null && leadsItsGroup(pid) ? inherited : null, isBlank };
}

/** Name of the environment variable that carries the uuid of a VM. */
export const uuidVariable = "BLIXARD_VM_UUID";

function variableIn(environment: string | null, name: string): string | null {
  const prefix = `${name}=`;
  const found = environment?.split("\0").find((pair) => pair.startsWith(prefix));
  return found === undefined ? null : found.slice(prefix.length);
}

/** Field 5 of /proc/PID/stat. */
function leadsItsGroup(pid: number): boolean {
  const stat = readProc(pid, "stat");
  return stat !== null && Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5 - 3]) === pid;
}

/** `-name web` or, as QEMU writes it, `-name guest=web`. */
function guestName(argv: readonly string[]): string {
  return (optionValue(argv, "-name") ?? "").replace(/^guest=/, "");
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return null; // ENOENT, ESRCH: it ended, perhaps between open and read
  }
}
