/**
 * Moving a VM while its worker lives (row W7): it is stopped where it is, and only when its executor has said so does it
 * get another owner, and run again if it ran before. What is under way is in the VM's own row, so whoever leads next
 * goes on; there is no other record that could be left behind. A worker that fails meanwhile loses its VMs like any.
 */

import type { VmCommand, WorkerCommand } from "./commands.ts";
import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import { listVms } from "./query.ts";
import type { Migration, NodeId, VmRecord } from "./records.ts";
import { rollbackLimit } from "./rollback.ts";
import { placeElsewhere, startProblem, type Placed } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { tasksOwed } from "./task.ts";
import { isTask } from "./task-state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";
import { admissionsOwed } from "./waiting.ts";

/** A step that the leader takes. */
export type MoveCommand = Of<"vm-migrate" | "vm-switch" | "vm-retry" | "vm-preempt" | "vm-admit" | "vm-delete"> | Extract<WorkerCommand, { kind: "worker-admin" }>;

type Of<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** Decides that a VM is to move: one move at a time, and nothing is stopped for which there is no place. */
export function decideMigrate(state: MachineState, { name, to }: Of<"vm-migrate">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.desired === "deleted") return refuse("WRONG_STATE", `${titleOf(name)} is being deleted and cannot be moved`);
  if (vm.desired === "paused") return refuse("WRONG_STATE", `${titleOf(name)} is paused and cannot be moved without losing its memory`);
  if (vm.waiting !== undefined) return refuse("WRONG_STATE", `${titleOf(name)} has no room yet, so there is nothing to move`);
  if (vm.migration !== undefined) return refuse("CONFLICT", `${titleOf(name)} is being moved already`);
  if (to === vm.owner) return accept(answerFor(vm, false));
  const placed = placeElsewhere(state, vm, to);
  if ("accepted" in placed) return placed;
  const runs = vm.desired === "running";
  const migration = { to: to ?? null, restart: runs, sinceIndex: index };
  const record: VmRecord = runs
    ? { ...vm, migration, desired: "stopped", forceStop: false, generation: vm.generation + 1, changedIndex: index }
    : { ...vm, migration, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: name, record });
}

/** True when the owner has let go of a VM that is to move. */
function isFree(vm: VmRecord): boolean {
  // `pending`: it was never to run.
  const ended = vm.observed === "stopped" || vm.observed === "failed" || vm.observed === "pending";
  return vm.migration !== undefined && vm.migration.live !== true && vm.desired === "stopped" && ended && vm.observedGeneration === vm.generation;
}

/** Decides the change of owner. */
export function decideSwitch(state: MachineState, { name, uuid, generation }: Of<"vm-switch">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation}`);
  const { migration, ...rest } = vm;
  if (migration === undefined || !isFree(vm)) return refuse("WRONG_STATE", `${titleOf(name)} is ${vm.observed}, wanted ${vm.desired}, and does not change its owner now`);
  const wanted = placeElsewhere(state, vm, migration.to ?? undefined);
  const placed = "accepted" in wanted && migration.to !== null ? placeElsewhere(state, vm) : wanted;
  const record: VmRecord = {
    ...rest,
    desired: migration.restart ? "running" : "stopped",
    forceStop: false,
    generation: generation + 1,
    observed: migration.restart ? "pending" : "stopped",
    observedGeneration: migration.restart ? vm.observedGeneration : generation + 1,
    failure: null,
    changedIndex: index,
    ...("accepted" in placed ? stranded(state, vm, migration, placed.message, index) : placedBy(vm, migration, placed)),
  };
  return accept(answerFor(record, true), { table: "vm", key: name, record }, ...("accepted" in placed ? [] : placed.writes));
}

/** It has another place; after so many starts that nobody confirmed it is not tried again. */
function placedBy(vm: VmRecord, { unconfirmed }: Migration, { placement }: Exclude<Placed, Refused>): Partial<VmRecord> {
  if (unconfirmed === undefined) return { owner: placement.node, placement };
  if ((vm.rollbacks ?? 0) >= rollbackLimit) return failed(vm, `${unconfirmed}, the last of ${rollbackLimit} that were tried`);
  return { owner: placement.node, placement, failure: unconfirmed };
}

/** It has no other place, and its own is for another, or was of no use, or is gone, or still there. */
function stranded(state: MachineState, vm: VmRecord, { preemptedBy, unconfirmed }: Migration, message: string, index: number): Partial<VmRecord> {
  if (unconfirmed !== undefined) return failed(vm, `${unconfirmed}, and it has no other place: ${message}`);
  const moved = `it was to move and has no other place: ${message}`;
  // One that had ended before it was to move had no room that could have been kept.
  const gone = vm.migration?.restart === true ? startProblem(state, vm) : null;
  if (preemptedBy === undefined) return gone === null ? { failure: moved } : failed(vm, `${moved}; and ${gone.message}`);
  const reason = `was preempted by ${preemptedBy} and has no other place: ${message}`;
  return { waiting: { sinceIndex: index, reason }, failure: `it ${reason}` };
}

function failed(vm: VmRecord, failure: string): Partial<VmRecord> {
  return { observed: "failed", observedGeneration: vm.generation + 1, failure };
}

/** What a leader owes VMs that are to move and workers that are drained: commands, each idempotent. */
export function movesOwed(state: MachineState): readonly MoveCommand[] {
  const draining = state.workers.keys().filter((node) => state.workers.get(node)?.admin === "draining");
  const owed: MoveCommand[] = [...tasksOwed(state), ...admissionsOwed(state)];
  if (draining.length === 0 && state.migrating.size === 0) return owed;
  for (const name of [...state.migrating].sort()) {
    const vm = state.vms.get(name);
    if (vm !== undefined && isFree(vm)) owed.push({ kind: "vm-switch", name: vm.spec.name, uuid: vm.uuid, generation: vm.generation });
  }
  for (const node of draining) owed.push(...drainOwed(state, node));
  return owed;
}

function drainOwed(state: MachineState, node: NodeId): readonly MoveCommand[] {
  if ((state.usage.get(node)?.vms ?? 0) === 0) return [{ kind: "worker-admin", node, admin: "drained" }];
  // A drain waits for tasks: they end, and their next attempt goes elsewhere.
  const movable = (vm: VmRecord): boolean => vm.migration === undefined && vm.waiting === undefined && !isTask(vm) && (vm.desired === "running" || vm.desired === "stopped");
  return listVms(state, node)
    .filter((vm) => movable(vm) && !("accepted" in placeElsewhere(state, vm)))
    .map((vm) => ({ kind: "vm-migrate", name: vm.spec.name }));
}
