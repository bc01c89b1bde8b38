/**
 * Moving a VM while its worker lives (row W7): it is stopped where it is, and only when its executor has said so does it
 * get another owner, and run again if it ran before. What is under way is in the VM's own row, so whoever leads next
 * goes on; there is no other record that could be left behind. A worker that fails meanwhile loses its VMs like any.
 */

import type { VmCommand, WorkerCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { listVms } from "./query.ts";
import type { NodeId, VmRecord } from "./records.ts";
import { placeElsewhere } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { tasksOwed } from "./task.ts";
import { isTask } from "./task-state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

/** A step that the leader takes. */
export type MoveCommand = Of<"vm-migrate" | "vm-switch" | "vm-retry" | "vm-delete"> | Extract<WorkerCommand, { kind: "worker-admin" }>;

type Of<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** Decides that a VM is to move: one move at a time, and nothing is stopped for which there is no place. */
export function decideMigrate(state: MachineState, { name, to }: Of<"vm-migrate">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.desired === "deleted") return refuse("WRONG_STATE", `${titleOf(name)} is being deleted and cannot be moved`);
  if (vm.desired === "paused") return refuse("WRONG_STATE", `${titleOf(name)} is paused and cannot be moved without losing its memory`);
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

/** Decides the change of owner. Where there is no place any more the VM goes on where it was, and says why. */
export function decideSwitch(state: MachineState, { name, uuid, generation }: Of<"vm-switch">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation}`);
  const { migration, ...rest } = vm;
  if (migration === undefined || !isFree(vm)) return refuse("WRONG_STATE", `${titleOf(name)} is ${vm.observed}, wanted ${vm.desired}, and does not change its owner now`);
  const wanted = placeElsewhere(state, vm, migration.to ?? undefined);
  const placed = "accepted" in wanted && migration.to !== null ? placeElsewhere(state, vm) : wanted;
  const placement = "accepted" in placed ? vm.placement : placed.placement;
  const record: VmRecord = {
    ...rest,
    owner: placement.node,
    placement,
    desired: migration.restart ? "running" : "stopped",
    forceStop: false,
    generation: generation + 1,
    observed: migration.restart ? "pending" : "stopped",
    observedGeneration: migration.restart ? vm.observedGeneration : generation + 1,
    failure: "accepted" in placed ? `it was to move and has no other place: ${placed.message}` : null,
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: name, record }, ...("accepted" in placed ? [] : placed.writes));
}

/** What a leader owes VMs that are to move and workers that are drained: commands, each idempotent. */
export function movesOwed(state: MachineState): readonly MoveCommand[] {
  const draining = state.workers.keys().filter((node) => state.workers.get(node)?.admin === "draining");
  const owed: MoveCommand[] = [...tasksOwed(state)];
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
  const movable = (vm: VmRecord): boolean => vm.migration === undefined && !isTask(vm) && (vm.desired === "running" || vm.desired === "stopped");
  return listVms(state, node)
    .filter((vm) => movable(vm) && !("accepted" in placeElsewhere(state, vm)))
    .map((vm) => ({ kind: "vm-migrate", name: vm.spec.name }));
}
