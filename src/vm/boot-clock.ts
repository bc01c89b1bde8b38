/** The clock of leases: milliseconds since the machine booted. */

import { readFileSync } from "node:fs";

/**
 * Every process of the machine reads the same, so a deadline may be handed on; it never goes back; and it goes on while
 * the machine sleeps (CLOCK_BOOTTIME, which /proc/uptime shows), for others do not sleep then: a clock that stopped
 * would let a VM run on after its lease. Steps of 10 ms.
 */
export function sinceBootMs(): number {
  return Number(readFileSync("/proc/uptime", "latin1").split(" ", 1)[0]) * 1000;
}
