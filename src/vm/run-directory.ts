/**
 * The directory of one VM: its files, how they come and go. Nothing here is authoritative about what should run; it
 * holds the identity of the process and the evidence of its end.
 *
 *     identity.json         who the process is (0600)
 *     asked.json            what the driver asked of it: written before the asking
 *     exit.json             how it ended, once somebody has worked it out
 *     ready.line            how the line begins by which the guest says that it is up, where its image says so
 *     ready                 the process that said it was ready
 *     console.log           what the guest prints; console.previous.log: the run before, or what was trimmed
 *     driver.log            what the VM process says on stderr
 *     booted                the runner that it was started from
 *     program.json          the program of a service or a task; up: it runs
 *     lease                 until when the VM may run; watchdog.json: who holds it to that; fenced.json: whom it killed
 *     disk.raw              the disk, sparse
 *     tap.json              its end on a bridge of this machine
 *     agent.sock            the guest's agent
 *     pid, qmp.sock, serial.sock, events.in, events.out     QEMU's
 */

import { closeSync, constants, openSync } from "node:fs";
import { chmod, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { basename, join } from "node:path";

import { assert } from "../assert.ts";
import type { VmExit } from "../machine/records.ts";
import type { RunDir, VmIdentity } from "./driver.ts";
import { isUuid } from "./vm-name.ts";

/** The identity as it stands on disk. `pid` is null from before the spawn until the process exists. */
export interface StoredIdentity {
  readonly driver: string;
  readonly name: string;
  readonly uuid: string;
  readonly generation: number;
  readonly pid: number | null;
  readonly startTime: string | null;
}

/** What is left over from an earlier run and would lie about the next, or stop it (sockets survive a SIGKILL). */
const staleFiles = [
  "identity.json", "asked.json", "exit.json", "ready", "driver.log",
  "pid", "qmp.sock", "serial.sock", "agent.sock", "events.in", "events.out", "guest-exit.json", "paused", "booted", "program.json", "up", "ready.line",
  "lease", "fenced.json", "watchdog.json", "watchdog.log",
] as const;

/** The run directory of VM `uuid` under `parent`. Creates nothing. */
export function runDirectory(parent: string, uuid: string): RunDir {
  assert(isUuid(uuid), "the run directory of a VM is named by its uuid");
  return { path: join(parent, uuid) };
}

/** Every run directory under `parent`: after a restart each is adopted, whether the state knows its VM or not (P5). */
export async function listRunDirectories(parent: string): Promise<readonly RunDir[]> {
  const names = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter(isUuid).sort().map((uuid) => runDirectory(parent, uuid));
}

/** The uuid that a run directory stands for. */
export function uuidOf(dir: RunDir): string {
  const uuid = basename(dir.path);
  assert(isUuid(uuid), "the run directory of a VM is named by its uuid"); // its removal is recursive: no mistakes
  return uuid;
}

/** Makes the directory ready for a new process: exists, 0700, nothing stale, the console of the last run set aside. */
export async function clearRunDirectory(dir: RunDir): Promise<void> {
  uuidOf(dir);
  await mkdir(dir.path, { recursive: true, mode: 0o700 });
  await chmod(dir.path, 0o700);
  for (const file of staleFiles) await rm(join(dir.path, file), { force: true });
  await rename(join(dir.path, "console.log"), join(dir.path, "console.previous.log")).catch(ignoreAbsent);
}

/** Makes the sparse disk. It grows when the specification grew; it never shrinks, for that would cut data. */
export async function ensureDisk(dir: RunDir, diskMib: number): Promise<void> {
  if (diskMib === 0) return;
  const bytes = diskMib * 1024 * 1024;
  const file = await open(join(dir.path, "disk.raw"), "a", 0o600);
  try {
    if ((await file.stat()).size < bytes) await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/** Deletes the directory with all that is in it. Absent is fine. */
export async function deleteRunDirectory(dir: RunDir): Promise<void> {
  uuidOf(dir);
  await rm(dir.path, { recursive: true, force: true });
}

/** True when the directory exists. */
export async function runDirectoryExists(dir: RunDir): Promise<boolean> {
  return stat(dir.path).then((it) => it.isDirectory(), () => false);
}

/**
 * Writes `value` so that a reader, or a daemon started after a kill -9, sees the old file or the new one. No fsync: a
 * power cut ends the VM too, so no file here has to outlive one.
 */
export async function writeJson(dir: RunDir, file: string, value: unknown): Promise<void> {
  const draft = join(dir.path, `${file}.${++drafts}.new`);
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(draft, join(dir.path, file));
}

/** Two writers of the same file at once, such as two calls of stop, must not share a draft. */
let drafts = 0;

/** The parsed file, or null when it is absent or damaged: evidence that cannot be read is no evidence. */
export async function readJson(dir: RunDir, file: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir.path, file), "utf8"));
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The stored identity; null when absent or damaged. */
export async function readIdentity(dir: RunDir): Promise<StoredIdentity | null> {
  const it = await readJson(dir, "identity.json");
  if (it === null) return null;
  const { driver, name, uuid, generation, pid, startTime } = it;
  if (typeof driver !== "string" || typeof name !== "string" || typeof uuid !== "string") return null;
  if (typeof generation !== "number" || !Number.isSafeInteger(generation)) return null;
  if (pid === null) return { driver, name, uuid, generation, pid, startTime: null };
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 1 || typeof startTime !== "string") return null;
  return { driver, name, uuid, generation, pid, startTime };
}

/** The part of a stored identity that names a process, if it has one. */
export function processIdentity(stored: StoredIdentity): VmIdentity | null {
  const { name, uuid, generation, pid, startTime } = stored;
  return pid === null || startTime === null ? null : { name, uuid, generation, pid, startTime };
}

const hows: ReadonlySet<string> = new Set<VmExit["how"]>([
  "exited", "guest-shutdown", "guest-reset", "host-stop", "host-kill", "signal", "boot-timeout", "lease-expired", "crash", "unknown",
]);

/** The exit that was worked out earlier, if it was. */
export async function readExit(dir: RunDir): Promise<VmExit | null> {
  const it = await readJson(dir, "exit.json");
  if (it === null || typeof it["how"] !== "string" || !hows.has(it["how"])) return null;
  const { code, signal } = it;
  return {
    how: it["how"] as VmExit["how"],
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal : null,
  };
}

/** What the driver had asked of the VM. */
export async function readAsked(dir: RunDir): Promise<"stop" | "kill" | null> {
  const asked = (await readJson(dir, "asked.json"))?.["asked"];
  return asked === "stop" || asked === "kill" ? asked : null;
}

/**
 * Connects to a socket in the run directory. A Unix socket's path is limited to 107 bytes (unix(7)) and a data
 * directory may be deeper, so the path goes through an open descriptor of the directory; QEMU binds relative to it.
 */
export function connectIn(dir: RunDir, socketName: string): Socket {
  const descriptor = openSync(dir.path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return connect({ path: `/proc/self/fd/${descriptor}/${socketName}` }); // connect(2) is called before this returns
  } finally {
    closeSync(descriptor);
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
