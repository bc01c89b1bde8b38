/** The processes that a run has started: each works in a directory of the run, so none can be missed or mistaken. */

import { spawn } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { eventually } from "./eventually.ts";

export interface OwnProcess {
  readonly pid: number;
  readonly directory: string;
  readonly commandLine: readonly string[];
}

/** Live processes whose working directory lies in `directory`: daemons, commands, and VMs in sessions of their own. */
export function processesIn(directory: string): readonly OwnProcess[] {
  const found: OwnProcess[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const at = workingDirectory(pid);
    if (at === null || !(at === directory || at.startsWith(`${directory}/`)) || !isAlive(pid)) continue;
    found.push({ pid, directory: at, commandLine: readFileIfThere(`/proc/${pid}/cmdline`).split("\0").slice(0, -1) });
  }
  return found;
}

/** Ends by number every process that works in `directory`, and waits until they are gone. */
export async function endProcessesIn(directory: string): Promise<void> {
  await eventually(
    () => {
      const left = processesIn(directory);
      for (const { pid } of left) killIfThere(pid, "SIGKILL");
      return left.length === 0;
    },
    90_000,
    `no process left in ${directory}`,
  );
}

/** Waits until its standard input ends, then ends by number what works in the directory. */
const guard = `
cat
for process in /proc/[0-9]*; do
  case "$(readlink "$process/cwd")" in "$1"|"$1"/*) kill -9 "\${process#/proc/}" ;; esac
done`;

/**
 * Ends the processes of `directory` when this process ends, however it ends: a runner that is killed runs no hook.
 * Returns what ends the guard itself.
 */
export function guardProcessesIn(directory: string): () => void {
  const child = spawn("sh", ["-c", guard, "sh", directory], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  return () => child.stdin.end();
}

/** False for a number that nobody has, and for a process that ended and was not asked for. */
export function isAlive(pid: number): boolean {
  const stat = readFileIfThere(`/proc/${pid}/stat`);
  return stat !== "" && !/\) [ZX] /.test(stat);
}

export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function workingDirectory(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch {
    return null;
  }
}

function readFileIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
