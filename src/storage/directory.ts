/**
 * The data directory: only its owner may look into it, and one daemon at a time. The lock is a lock of the operating system
 * on a file, so that it goes with the process, however that dies; the pid beside it is only for the message.
 */

import { chmod, open, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { UserError } from "../errors.ts";
import { makeOwnDirectory } from "../own-directory.ts";
import { Connection } from "./connection.ts";
import { codeOf, fromDisk } from "./disk-error.ts";

/** Kept back so that a daemon can start on a full disk: the few pages that a start needs are taken from here. */
const reserveBytes = 4 * 1024 * 1024;

export interface DirectoryLock {
  release(): Promise<void>;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Makes the directory, 0700. One that holds a database and is open to others is refused: they may have read keys. */
export async function prepareDirectory(directory: string, database: string): Promise<void> {
  try {
    makeOwnDirectory(directory);
    const { mode } = await stat(directory);
    if ((mode & 0o077) === 0) return;
    if (!(await exists(join(directory, database)))) return await chmod(directory, 0o700);
  } catch (error) {
    throw fromDisk(directory, "preparing it", error);
  }
  throw new UserError("INVALID_CONFIG", `Others than the owner may enter the data directory ${directory}.`, {
    next: `Run \`chmod 700 ${directory}\`, and think of who may have read the keys in it.`,
  });
}

/** Makes an empty file 0600 unless it is there: the database library would make it readable by all. */
export async function touchPrivate(directory: string, path: string): Promise<void> {
  try {
    await (await open(path, "a", 0o600)).close();
  } catch (error) {
    throw fromDisk(directory, `opening ${path}`, error);
  }
}

/** A new file in it survives a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Takes the lock of the directory, or says who has it. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "lock");
  const pidPath = join(directory, "lock.pid");
  await touchPrivate(directory, path);
  const connection = await Connection.open(path, "write", 0).catch((error: unknown) => {
    throw fromDisk(directory, "opening its lock", error);
  });
  try {
    await connection.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    await connection.close();
    if (codeOf(error) !== "SQLITE_BUSY") throw fromDisk(directory, "taking its lock", error);
    throw await heldBy(directory, pidPath);
  }
  // Best effort: on a full disk the lock holds all the same.
  await writeFile(pidPath, `${process.pid}\n`, { mode: 0o600 }).catch(() => undefined);
  return {
    async release(): Promise<void> {
      await rm(pidPath, { force: true }).catch(() => undefined);
      await connection.close();
    },
  };
}

async function heldBy(directory: string, pidPath: string): Promise<UserError> {
  const text = await readFile(pidPath, "utf8").catch(() => "");
  const holder = /^\d+\s*$/.test(text) ? `the daemon with pid ${text.trim()}` : "another daemon";
  return new UserError("DATA_DIR_LOCKED", `The data directory ${directory} is in use by ${holder}.`, {
    next: "Stop that daemon first, or name another data directory.",
  });
}

/** Keeps space back, or gives it back when the disk is full. Never fails: the reserve is a comfort, not a need. */
export async function keepReserve(directory: string): Promise<void> {
  const path = join(directory, "reserve");
  try {
    const { bavail, bsize } = await statfs(directory);
    const kept = await exists(path);
    if (bavail * bsize < reserveBytes) await rm(path, { force: true });
    else if (!kept && bavail * bsize > 8 * reserveBytes) await writeFile(path, Buffer.alloc(reserveBytes), { mode: 0o600 });
  } catch {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
