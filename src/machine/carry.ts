/**
 * Moving a VM with its memory (row V5): it runs on where it is while its memory is sent; then its guest stands still here and
 * there, and the entry by which the target becomes the owner decides who lets it go on. Until that entry it is the
 * source's, whatever becomes of the target; from that entry on the source never lets it go on.
 */

import { unreachable } from "../assert.ts";
import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import { recordEvent } from "./events.ts";
import { isExpired } from "./lease.ts";
import type { Migration, NodeId, VmRecord } from "./records.ts";
import { placeElsewhere } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

type Command<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** A VM that is to move with its memory. */
export interface Carried extends VmRecord {
  readonly migration: Migration & { readonly to: NodeId; readonly live: true };
}

/** True while the VM is to move with its memory. */
export function isCarried(vm: VmRecord | undefined): vm is Carried {
  return vm?.migration?.live === true;
}

/** The VMs whose memory is to come to `node`, by name. Costs nothing when nothing moves. */
export function arrivalsAt(state: MachineState, node: NodeId): readonly Carried[] {
  if (state.migrating.size === 0) return [];
  return [...state.migrating].sort().map((name) => state.vms.get(name)).filter((vm) => isCarried(vm)).filter(({ migration }) => migration.to === node);
}

/** Decides a step of a move with memory. */
export function decideCarriage(state: MachineState, command: Command<"vm-carry" | "vm-hand-over" | "vm-keep">, index: number): Decision {
  switch (command.kind) {
    case "vm-carry":
      return decideCarry(state, command, index);
    case "vm-hand-over":
      return decideHandOver(state, command, index);
    case "vm-keep":
      return decideKeep(state, command, index);
    default:
      return unreachable(command);
  }
}

/** Decides that a VM is to move with its memory. Room is taken at the target from now on. */
function decideCarry(state: MachineState, { name, to }: Command<"vm-carry">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  const title = titleOf(name);
  if (vm.migration !== undefined) return refuse("CONFLICT", `${title} is being moved already`);
  const obstacle = cannotCarry(vm);
  if (obstacle !== null) return refuse("WRONG_STATE", `${title} ${obstacle}; without --live it is stopped and started again`);
  if (vm.desired !== "running" || vm.observed !== "running" || vm.observedGeneration !== vm.generation) {
    return refuse("WRONG_STATE", `${title} is ${vm.observed}, wanted ${vm.desired}: only one that runs has a memory to move`);
  }
  if (to === vm.owner) return accept(answerFor(vm, false));
  const placed = placeElsewhere(state, vm, to);
  if ("accepted" in placed) return placed;
  const { placement, writes } = placed;
  const migration: Migration = { to: placement.node, restart: true, sinceIndex: index, live: true, placement };
  const record: VmRecord = { ...vm, migration, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: name, record }, ...writes);
}

/** Why the memory of a VM cannot be moved, to be read after its name; or null. */
function cannotCarry({ spec }: VmRecord): string | null {
  if (spec.driver !== "qemu") return `is run by the driver ${spec.driver}, which cannot move it with its memory`;
  if (spec.diskMib > 0) return "has a disk on its worker, which cannot be moved with its memory";
  if (spec.network !== undefined) return `is on the bridge ${spec.network.bridge} of its worker, which cannot be moved with its memory`;
  return null;
}

/** The move of which `command` speaks, or why it is none of now. */
function moveOf(state: MachineState, command: Command<"vm-hand-over" | "vm-keep">): Carried | Refused {
  const vm = state.vms.get(command.name);
  if (vm === undefined) return noSuchVm(command.name);
  if (vm.uuid === command.uuid && isCarried(vm) && vm.migration.sinceIndex === command.move) return vm;
  return refuse("CONFLICT", `${titleOf(command.name)} is not moved by the move of entry ${command.move} any more`);
}

/** Decides that the target, which has all of the memory, is the owner. */
function decideHandOver(state: MachineState, command: Command<"vm-hand-over">, index: number): Decision {
  const vm = moveOf(state, command);
  if ("accepted" in vm) return vm;
  const { migration, ...rest } = vm;
  if (vm.generation !== command.generation || migration.to !== command.node) {
    return refuse("CONFLICT", `${titleOf(command.name)} is at generation ${vm.generation} and moves to node ${migration.to}`);
  }
  if (isExpired(state, command.node)) return refuse("WRONG_STATE", `node ${command.node} has lost its lease`);
  const generation = vm.generation + 1;
  const record: VmRecord = {
    ...rest,
    owner: migration.to,
    placement: migration.placement ?? vm.placement,
    generation,
    carriedTo: generation,
    observed: "pending",
    exit: null,
    failure: null,
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: command.name, record });
}

/** Decides that the VM stays where it is: its move with memory has failed, or somebody wants no more of it. */
function decideKeep(state: MachineState, command: Command<"vm-keep">, index: number): Decision {
  const vm = moveOf(state, command);
  if ("accepted" in vm) return vm;
  const { migration, ...rest } = vm;
  const target = state.workers.get(migration.to)?.name ?? migration.to;
  const failure = `it was to move with its memory to worker ${target} and stays: ${command.reason}`;
  const record: VmRecord = { ...rest, failure, changedIndex: index };
  const event = recordEvent({ kind: "vm", what: "stays", subject: command.name, node: vm.owner, text: failure });
  return accept(answerFor(record, true), { table: "vm", key: command.name, record }, event);
}

/** True when the process of this generation came with its memory and was not seen to run yet: where there is none, it is lost. */
export function mustContinue(vm: VmRecord): boolean {
  return vm.carriedTo === vm.generation && vm.observedGeneration !== vm.generation;
}
