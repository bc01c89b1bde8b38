/** Whether a VM that ended by itself is started again, and after how long. */

import type { VmRecord } from "./records.ts";

/** However often it has failed, it is tried again after this at the latest. */
const longestDelayMs = 300_000;

/** Milliseconds to wait before the start, twice as long each time; null when it is not to be started again. */
export function restartDelayMs({ spec, desired, observed, generation, observedGeneration, attempts = 0 }: VmRecord): number | null {
  const { restart } = spec;
  if (restart === undefined || restart.when === "never") return null;
  if (desired !== "running" || observedGeneration !== generation) return null;
  const ended = observed === "failed" || (observed === "stopped" && restart.when === "always");
  if (!ended || (restart.limit > 0 && attempts >= restart.limit)) return null;
  return Math.min(restart.backoffMs * 2 ** Math.min(attempts, 20), longestDelayMs);
}
