/** Whether a VM that ended by itself is started again, and after how long. */

import { kindOf } from "../workload-name.ts";
import { runsAsWished } from "./health.ts";
import type { VmRecord } from "./records.ts";

/** However often it has failed, it is tried again after this at the latest. */
const longestDelayMs = 300_000;

/** What has run for so long has recovered, whatever its backoff. */
const leastSteadyMs = 60_000;

/**
 * After how many milliseconds of running the starts by policy are counted anew: twice the wait before the last of them, a
 * minute at least, so that what ends again and again never gets there by its own backoff. Null: there is nothing to forget.
 */
export function steadyAfterMs(vm: VmRecord): number | null {
  const { spec: { restart }, attempts = 0 } = vm;
  if (restart === undefined || attempts === 0 || !runsAsWished(vm) || kindOf(vm.spec.name) === "task") return null;
  return Math.max(leastSteadyMs, 2 * waitMs(restart.backoffMs, attempts - 1));
}

function waitMs(backoffMs: number, attempts: number): number {
  return Math.min(backoffMs * 2 ** Math.min(attempts, 20), longestDelayMs);
}

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
  return waitMs(restart.backoffMs, attempts);
}
