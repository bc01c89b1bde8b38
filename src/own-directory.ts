/** A directory that only its owner may enter. A leaf, since the command line makes it for the log, and the disk for the data. */

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "./errors.ts";

/**
 * Makes `path`, 0700, and what is missing above it; one that is there stays as it is. Throws `UserError` where none can be
 * made. (The recursive mkdir of Node.js never returns in /proc, where nothing can be made and nothing is refused.)
 */
export function makeOwnDirectory(path: string): void {
  try {
    make(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // A full disk is said by those who know what it means to them.
    if (code === "ENOSPC" || code === "EDQUOT") throw error;
    throw new UserError("INVALID_CONFIG", `The data directory ${path} cannot be used (making it: ${code}).`, {
      next: "Name a directory that the daemon's user owns and may write, on a local disk.",
    });
  }
}

function make(path: string): void {
  const above = dirname(path);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || above === path) throw error;
    make(above);
    mkdirSync(path, { mode: 0o700 });
  }
}
