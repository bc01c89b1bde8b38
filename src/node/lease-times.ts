/** The times of leases and failover, and the inequality between them that keeps a VM from running twice (row W6). */

import { UserError } from "../errors.ts";
import { leastFailoverMs } from "../machine/lease-book.ts";
import type { FailoverPolicy } from "../machine/lease-book.ts";
import type { LeaseTerms } from "../machine/lease-keeper.ts";
import type { DaemonOptions } from "./config.ts";

/** Clocks of machines differ by far less; a bound that is not known is taken for this. */
const unknownDriftPpm = 50_000;
/** A watchdog needs so long at most, on an idle machine (`fenceMs` in `vm/watchdog.ts`). */
const leastKillBudgetMs = 400;
const leastLeaseMs = 400;
const mostMs = 86_400_000;

/** Checks the times. Throws `UserError INVALID_CONFIG` that says which is wrong and why. */
export function leaseTimes(options: DaemonOptions): { readonly lease: LeaseTerms; readonly failover: FailoverPolicy } {
  const { workerLeaseMs = 20_000, killBudgetMs = 5_000, failoverAfterMs = 30_000, movesPerMinute = 120 } = options;
  const { failedAfterMs = failoverAfterMs, degradedAfterMs = Math.min(5_000, Math.floor(failedAfterMs / 2)) } = options;
  const driftPermille = Math.ceil((options.clockDriftPpm ?? unknownDriftPpm) / 1000);
  const lease: LeaseTerms = { leaseMs: workerLeaseMs, killBudgetMs };
  between("the lease of workers", workerLeaseMs, leastLeaseMs);
  between("the kill budget", killBudgetMs, leastKillBudgetMs);
  const least = leastFailoverMs(lease, driftPermille);
  between("the time until failover", failoverAfterMs, 1);
  if (failoverAfterMs < least) {
    const message = `VMs would go to another worker ${failoverAfterMs} ms after the last renewal, while the first may run them for ${least} ms: a lease of ${workerLeaseMs} ms by a clock that is ${driftPermille / 10}% slow, and ${killBudgetMs} ms to end them`;
    throw new UserError("INVALID_CONFIG", message, { next: `Choose --failover-after of at least ${least}ms, or a shorter --worker-lease or --kill-budget.` });
  }
  between("the time until a worker is degraded", degradedAfterMs, 1);
  if (failedAfterMs <= degradedAfterMs) {
    const message = `a worker would be failed after ${failedAfterMs} ms, before it is degraded after ${degradedAfterMs} ms`;
    throw new UserError("INVALID_CONFIG", message, { next: "Choose a longer --failed-after or a shorter --degraded-after." });
  }
  return { lease, failover: { failoverAfterMs, driftPermille, degradedAfterMs, failedAfterMs, movesPerMinute } };
}

function between(what: string, ms: number, least: number): void {
  if (Number.isInteger(ms) && ms >= least && ms <= mostMs) return;
  throw new UserError("INVALID_CONFIG", `${what} cannot be ${ms} ms`, { next: `Choose one from ${least} ms to a day.` });
}
