/** Waiting for what must come true. Nothing in these tests waits for time to pass. */

import { spawnSync } from "node:child_process";

const pauseMs = 40;

/**
 * Asks `condition` again and again until it gives something other than false, null or undefined, and returns that. What
 * it throws counts as not yet. Fails at the deadline with what was waited for and the last reason why not.
 */
export async function eventually<T>(condition: () => Promise<T | false | null | undefined> | T | false | null | undefined, deadlineMs: number, what: string): Promise<T> {
  const start = performance.now();
  let reason = "";
  for (;;) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value;
      reason = "";
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (performance.now() - start > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}${reason}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Fails with `what` when `work` takes longer. Returns its value. */
export async function within<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A bare program starts in less on an idle machine. */
const idleStartMs = 60;
let slowestStartMs = idleStartMs;

/**
 * What must not take longer than `ms` on a machine that has nothing else to do may take so long on this one: as many times
 * longer as a bare program took to start, at the worst moment at which this was asked.
 */
export function atThisPace(ms: number): number {
  const start = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  slowestStartMs = Math.max(slowestStartMs, performance.now() - start);
  return (ms * slowestStartMs) / idleStartMs;
}
