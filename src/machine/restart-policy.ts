/** Whether a VM that ended by itself is started again, and after how long. */

import type { VmRecord } from "./records.ts";

/** However often it has failed, it is tried again after this at the latest. */
const longestDelayMs = 300_000;

/** True when its policy allows another start after a failure. */
export function attemptsLeft({ spec: { restart }, attempts = 0 }: Pick<VmRecord, "spec" | "attempts">): boolean {
  return restart !== undefined && restart.when !== "never" && (restart.limit === 0 || attempts < restart.limit);
}

/** Milliseconds to wait before the start, twice as long each time; null when it is not to be started again. */
export function restartDelayMs(vm: VmRecord): number | null {
  const { spec, desired, observed, generation, observedGeneration, attempts = 0 } = vm;
  const { restart } = spec;
  if (restart === undefined || !attemptsLeft(vm)) return null;
  if (desired !== "running" || observedGeneration !== generation) return null;
  const ended = observed === "failed" || (observed === "stopped" && restart.when === "always");
  if (!ended) return null;
  return Math.min(restart.backoffMs * 2 ** Math.min(attempts, 20), longestDelayMs);
}
