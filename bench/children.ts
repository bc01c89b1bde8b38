/** The processes and directories that a measurement makes. Whatever ends it, they are gone afterwards. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const children = new Set<ChildProcess>();
const directories = new Set<string>();

/** A directory of its own, removed at the end. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "blixard-bench-"));
  directories.add(directory);
  return directory;
}

/** Starts a program; what it says goes to `log`. `ipc`: it is a Node program that talks with this one. */
export function startChild(program: string, args: readonly string[], log: string, ipc = false): ChildProcess {
  const file = openSync(log, "a");
  const child = spawn(program, args, { stdio: ["ignore", file, file, ...(ipc ? (["ipc"] as const) : [])] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Ends a child and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(late);
}

function endEverything(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

process.on("exit", endEverything);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/** Runs a program to its end and gives what it printed. `environment`: besides our own. */
export function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...environment } });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Ports that are free now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

/** What the kernel counts of processes, added up. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Handed to the disk. */
  readonly writtenBytes: number;
}

const ticksPerSecond = 100;
const pageBytes = 4096;

export function usageOf(pids: readonly number[]): Usage {
  let [cpuSeconds, residentBytes, writtenBytes] = [0, 0, 0];
  for (const pid of pids) {
    // The name of the program stands in parentheses and may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    cpuSeconds += (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    residentBytes += Number(fields[21]) * pageBytes;
    writtenBytes += Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
  }
  return { cpuSeconds, residentBytes, writtenBytes };
}

/** Processor seconds that the whole machine has used since it started. */
export function machineCpuSeconds(): number {
  const [user, nice, system, , , irq, softirq] = (/^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "").split(" ").map(Number);
  const busy = [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
  return busy / ticksPerSecond;
}
