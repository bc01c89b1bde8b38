/** The four states of a service (row S4), which its row and nothing else tells, and the closed table of what leads from one to another. */

import type { VmCommand } from "./commands.ts";
import type { VmRecord } from "./records.ts";

export type ServiceState = "running" | "stopped" | "failed" | "migrating";

/** `running` only where its executor has reported that the process runs (row S5); one that was never seen to run is stopped. */
export function serviceState({ migration, observed }: Pick<VmRecord, "migration" | "observed">): ServiceState {
  if (migration !== undefined) return "migrating";
  return observed === "running" || observed === "failed" ? observed : "stopped";
}

type Kinds = readonly VmCommand["kind"][];

/**
 * By which commands a service comes from one state to another; by all others it stays. To `running` only a report leads,
 * but for a move that is called off while the process still runs. A process that is launched anew was not seen to run yet.
 */
export const serviceSteps: Readonly<Record<ServiceState, Readonly<Partial<Record<ServiceState, Kinds>>>>> = {
  stopped: { running: ["vm-report"], failed: ["vm-report"], migrating: ["vm-migrate"] },
  running: { stopped: ["vm-report", "vm-reassign"], failed: ["vm-report"], migrating: ["vm-migrate"] },
  failed: { running: ["vm-report"], stopped: ["vm-report", "vm-reassign"], migrating: ["vm-migrate"] },
  migrating: {
    running: ["vm-start", "vm-stop", "vm-restart", "vm-delete"],
    stopped: ["vm-switch", "vm-reassign", "vm-start", "vm-stop", "vm-restart", "vm-delete"],
    failed: ["vm-start", "vm-stop", "vm-restart", "vm-delete"],
  },
};
