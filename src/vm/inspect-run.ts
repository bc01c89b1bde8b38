/** All that the machine knows of a VM's process, for people who look into it. */

import type { VmExit } from "../machine/records.ts";
import { consolePath } from "./console-log.ts";
import type { RunDir } from "./driver.ts";
import { processIdentity, readExit, readIdentity, readJson } from "./run-directory.ts";
import { commandLine, processState, recognize } from "./vm-process.ts";
import { readWatchdog } from "./watchdog.ts";

export interface InspectedRun {
  readonly directory: string;
  readonly console: string;
  /** The process that was started last; null when none ever was. */
  readonly process: {
    readonly pid: number;
    readonly startTime: string;
    readonly generation: number;
    /** State of proc(5): S sleeping, T stopped …; null: it is gone. */
    readonly state: string | null;
    readonly argv: readonly string[];
  } | null;
  readonly watchdog: { readonly pid: number; readonly alive: boolean } | null;
  /** What was asked of it last, and how it ended, if it did. */
  readonly asked: string | null;
  readonly exit: VmExit | null;
}

/** Reads the run directory and /proc. Never fails: what cannot be read is null. */
export async function inspectRun(dir: RunDir): Promise<InspectedRun> {
  const stored = await readIdentity(dir);
  const identity = stored === null ? null : processIdentity(stored);
  const isThere = identity !== null && recognize(identity) === "same";
  const watchdog = await readWatchdog(dir);
  const asked = (await readJson(dir, "asked.json"))?.["asked"];
  return {
    directory: dir.path,
    console: consolePath(dir),
    process: identity && {
      pid: identity.pid,
      startTime: identity.startTime,
      generation: identity.generation,
      state: isThere ? (processState(identity.pid)?.state ?? null) : null,
      argv: isThere ? commandLine(identity.pid) : [],
    },
    watchdog: watchdog && { pid: watchdog.pid, alive: processState(watchdog.pid)?.startTime === watchdog.startTime },
    asked: typeof asked === "string" ? asked : null,
    exit: await readExit(dir),
  };
}
