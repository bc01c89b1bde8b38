/**
 * What a node owes the world: a query over the applied state, not an event (row P4). After a crash it gives the same
 * answer; replaying the log fires nothing (row P5). A debt is paid when its outcome was committed as a report.
 */

import { present, unreachable } from "../assert.ts";
import type { Debt, NodeId, VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";

/** The debts of `node`, ordered by name of the VM. Costs nothing when there are none. */
export function outbox(state: MachineState, node: NodeId): readonly Debt[] {
  const names = state.owing.get(node);
  if (names === undefined) return [];
  return [...names].sort().map((name) => {
    const vm = present(state.vms.get(name), "a VM that is owed something has a record");
    return { kind: present(dutyOf(vm), "a VM in the view of debts is owed something"), vm };
  });
}

/**
 * What the owner of `vm` owes it, or null. A VM that ended by itself while `running` is wanted owes nothing: its policy
 * (`restart-policy.ts`), or `vm start`, asks anew with a new generation. `starting` still owes the start, for the
 * daemon may have died between its report and the driver's answer. One that waits for room is started by nobody.
 */
export function dutyOf(vm: VmRecord): Debt["kind"] | null {
  const answered = vm.observedGeneration === vm.generation;
  switch (vm.desired) {
    case "deleted":
      return "delete";
    case "running":
      return vm.waiting !== undefined || (answered && vm.observed !== "starting") ? null : "start";
    case "paused":
      return answered ? null : "pause";
    case "stopped":
      return answered ? null : "stop";
    default:
      return unreachable(vm.desired);
  }
}
