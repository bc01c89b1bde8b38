/**
 * VMs that wait for room: they are wanted to run, hold no reservation, and nobody starts them. Those of higher priority
 * come first, then those that wait longest. What is free where one of them waits for others to make way is kept for it.
 */

import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { priorityOf, victimsLeft } from "./preemption.ts";
import type { VmRecord } from "./records.ts";
import { placeNew, type Placed } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

type Of<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** A place for a VM that waits: where it waits if it can be, else anywhere; one that others make way for was asked for there, perhaps. */
function placeWaiting(state: MachineState, { spec, owner, placement }: VmRecord): Placed {
  const there = placeNew(state, spec, owner);
  if (placement.strategy === "manual" && placement.preempts !== undefined) return there;
  if (!("accepted" in there)) return { ...there, placement: { ...there.placement, strategy: placement.strategy } };
  return placeNew(state, spec);
}

/** Decides that a VM which waits gets its room, checked here like any other. */
export function decideAdmit(state: MachineState, { name, uuid, generation }: Of<"vm-admit">, index: number): Decision {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation}`);
  if (vm.waiting === undefined) return refuse("WRONG_STATE", `${titleOf(name)} does not wait for room`);
  const placed = placeWaiting(state, vm);
  if ("accepted" in placed) return placed;
  const { waiting: _, ...kept } = vm;
  const { preempts } = vm.placement;
  const placement = preempts === undefined || placed.placement.node !== vm.owner ? placed.placement : { ...placed.placement, preempts };
  const record: VmRecord = { ...kept, owner: placement.node, placement, generation: generation + 1, observed: "pending", failure: null, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: name, record }, ...placed.writes);
}

/** What a leader owes those that wait: each idempotent. */
export function admissionsOwed(state: MachineState): readonly (Of<"vm-preempt"> | Of<"vm-admit">)[] {
  if (state.queued.size === 0) return [];
  const owed: (Of<"vm-preempt"> | Of<"vm-admit">)[] = [];
  for (const vm of inTurn(state)) {
    const by = vm.spec.name;
    for (const { spec, uuid, generation } of victimsLeft(state, vm)) owed.push({ kind: "vm-preempt", name: spec.name, uuid, generation, by });
    if (!("accepted" in placeWaiting(state, vm))) owed.push({ kind: "vm-admit", name: by, uuid: vm.uuid, generation: vm.generation });
  }
  return owed;
}

function inTurn(state: MachineState): readonly VmRecord[] {
  const waiting = [...state.queued].sort().map((name) => state.vms.get(name) as VmRecord);
  const since = (vm: VmRecord): number => vm.waiting?.sinceIndex ?? 0;
  return waiting.sort((one, other) => priorityOf(other.spec) - priorityOf(one.spec) || since(one) - since(other));
}
