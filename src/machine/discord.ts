/** Where the record of a VM and the processes of its owner disagree, so that its executor must act without a new wish. */

import { getVm } from "./query.ts";
import type { VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";

/** The record says running or paused, and there is no process. */
export function isUnfounded(vm: VmRecord, runs: boolean): boolean {
  if (vm.observedGeneration !== vm.generation || runs) return false;
  return vm.observed === vm.desired && (vm.desired === "running" || vm.desired === "paused");
}

/** The record says that it ended, and a process of it runs: a late report of an earlier daemon won. */
export function isStray(vm: VmRecord, runs: boolean): boolean {
  const ended = vm.observed === "stopped" || vm.observed === "failed";
  return ended && vm.observedGeneration === vm.generation && runs;
}

/** Something else is wanted by now than when the record was read. */
export function isOvertaken(state: MachineState, { spec, uuid, generation }: VmRecord): boolean {
  const now = getVm(state, spec.name);
  return now?.uuid !== uuid || now.generation !== generation;
}
