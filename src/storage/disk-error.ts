/** What the database library reports, said to the user: a stable code, what happened, what to do next. */

import { UserError } from "../errors.ts";

/** The library's name of a failure (`SQLITE_FULL`, …), or the operating system's (`ENOSPC`, …). */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** A checksum, a count or a law of the stored data does not hold. `where` names group, table and row. */
export function damaged(directory: string, where: string, what: string, group?: string): UserError {
  return new UserError("DATABASE_DAMAGED", `The database in ${directory} is damaged: ${where}: ${what}.`, {
    ...(group === undefined ? {} : { group }),
    next:
      "Do not start this node on it. Restore the directory from a copy that was taken after the node last ran, or remove the node " +
      "from the cluster and let a new one join with an empty directory; the other members hold the data.",
  });
}

function diskFull(directory: string, doing: string): UserError {
  return new UserError("DISK_FULL", `The disk that holds ${directory} is full (${doing}). The node stops.`, {
    next: "Free space on it and start the node again. Nothing that was acknowledged is lost, no repair is needed.",
  });
}

function diskFailed(directory: string, doing: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError("DISK_FAILED", `The disk that holds ${directory} failed (${doing}: ${reason}). The node stops.`, {
    next: "Look at the kernel log (dmesg) and the disk's health before you start the node again; what was acknowledged before is kept.",
  });
}

function mayNotWrite(directory: string, doing: string, code: string): UserError {
  return new UserError("INVALID_CONFIG", `The data directory ${directory} cannot be used (${doing}: ${code}).`, {
    next: "Name a directory that the daemon's user owns and may write, on a local disk.",
  });
}

/** Maps what a disk operation threw. Errors that are not the disk's stay what they are: they are our bug. */
export function fromDisk(directory: string, doing: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  const code = codeOf(error);
  switch (code) {
    case "SQLITE_FULL":
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(directory, doing);
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
    case "SQLITE_FORMAT":
      return damaged(directory, doing, error instanceof Error ? error.message : code);
    case "SQLITE_IOERR":
    case "SQLITE_CANTOPEN":
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
    case "SQLITE_PROTOCOL":
    case "SQLITE_READONLY":
    case "SQLITE_NOMEM":
    case "SQLITE_SCHEMA":
    case "EIO":
      return diskFailed(directory, doing, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
    case "ENOENT":
    case "ENAMETOOLONG":
    case "ELOOP":
      return mayNotWrite(directory, doing, code);
    default:
      return error;
  }
}
