/**
 * Priority with preemption (row W2). A VM that may preempt, and for which there is no room, is placed where VMs of lower
 * priority can make way, and waits there. The leader has them stopped one by one, each by an entry of its own; their room
 * is taken until their worker has said that they ended, and only then does the waiting VM get it. They go to another
 * worker, or wait for room themselves.
 */

import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { recordEvent } from "./events.ts";
import type { Name, NodeId, Placement, Victim, VmRecord, VmSpec } from "./records.ts";
import { freeOn, weighForPreemption } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { isTask } from "./task-state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

interface Candidate extends Victim {
  readonly cpus: number;
  readonly memoryMib: number;
}

type Need = Pick<Candidate, "cpus" | "memoryMib">;

export function priorityOf(spec: VmSpec): number {
  return spec.priority ?? 0;
}

/**
 * Where the VM gets room when others make way, and who does: the worker where the highest of their priorities is lowest,
 * then where they are fewest, then where they take least memory. Null: nowhere.
 */
export function placeByPreemption(state: MachineState, spec: VmSpec, node?: NodeId): Placement | null {
  if (spec.preempt !== true) return null;
  let best: { readonly cost: readonly number[]; readonly placement: Placement } | null = null;
  const { open, rejected } = weighForPreemption(state, spec, node);
  for (const worker of open) {
    const victims = victimsOn(state, spec, worker.node);
    if (victims === null) continue;
    const cost = [Math.max(...victims.map(({ priority }) => priority)), victims.length, sum(victims).memoryMib];
    if (best !== null && !isLess(cost, best.cost)) continue;
    const score = freeOn(state, worker, spec.name).memoryMib + sum(victims).memoryMib - spec.memoryMib;
    const strategy = node === undefined ? (spec.place?.strategy ?? "most-available") : "manual";
    best = { cost, placement: { strategy, node: worker.node, score, rejected, preempts: victims.map(({ vm, uuid, priority }) => ({ vm, uuid, priority })) } };
  }
  return best?.placement ?? null;
}

/** The VMs of lower priority that have to make way on `node`: the lowest first, and of those that do, as few as can be found. */
function victimsOn(state: MachineState, spec: VmSpec, node: NodeId): readonly Candidate[] | null {
  const worker = state.workers.get(node);
  if (worker === undefined) return null;
  const free = freeOn(state, worker, spec.name);
  const lacks: Need = { cpus: Math.max(0, spec.cpus - free.cpus), memoryMib: Math.max(0, spec.memoryMib - free.memoryMib) };
  const lower = candidatesOn(state, node).filter(({ priority }) => priority < priorityOf(spec));
  for (const most of [...new Set(lower.map(({ priority }) => priority))].sort((one, other) => one - other)) {
    const may = lower.filter(({ priority }) => priority <= most);
    if (enough(may, lacks)) return few(may, lacks);
  }
  return null;
}

/** Who holds room there and is to run. One that is paused would lose its memory, a task its work; one on its way out goes anyhow. */
function candidatesOn(state: MachineState, node: NodeId): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const name of state.reservations.keys()) {
    const reservation = state.reservations.get(name);
    const vm = state.vms.get(name);
    if (reservation?.node !== node || vm?.desired !== "running" || isTask(vm)) continue;
    const { uuid, cpus, memoryMib } = reservation;
    candidates.push({ vm: reservation.vm, uuid, priority: priorityOf(vm.spec), cpus, memoryMib });
  }
  return candidates;
}

/** One if one is enough; else the largest first, and then nobody who is not needed. Deterministic: names decide ties. */
function few(may: readonly Candidate[], lacks: Need): readonly Candidate[] {
  const byCost = [...may].sort((one, other) => one.priority - other.priority || one.memoryMib - other.memoryMib || one.cpus - other.cpus || (one.vm < other.vm ? -1 : 1));
  const single = byCost.find((candidate) => enough([candidate], lacks));
  if (single !== undefined) return [single];
  const share = ({ cpus, memoryMib }: Need): number => Math.min(1, cpus / Math.max(1, lacks.cpus)) + Math.min(1, memoryMib / Math.max(1, lacks.memoryMib));
  const chosen: Candidate[] = [];
  for (const candidate of [...byCost].sort((one, other) => share(other) - share(one))) {
    if (enough(chosen, lacks)) break;
    chosen.push(candidate);
  }
  for (const candidate of [...chosen].sort((one, other) => other.priority - one.priority)) {
    const others = chosen.filter((one) => one !== candidate);
    if (enough(others, lacks)) chosen.splice(chosen.indexOf(candidate), 1);
  }
  return chosen;
}

function enough(candidates: readonly Need[], lacks: Need): boolean {
  const { cpus, memoryMib } = sum(candidates);
  return cpus >= lacks.cpus && memoryMib >= lacks.memoryMib;
}

function sum(candidates: readonly Need[]): Need {
  return candidates.reduce((all, { cpus, memoryMib }) => ({ cpus: all.cpus + cpus, memoryMib: all.memoryMib + memoryMib }), { cpus: 0, memoryMib: 0 });
}

function isLess(one: readonly number[], other: readonly number[]): boolean {
  for (const [place, value] of one.entries()) {
    if (value !== other[place]) return value < (other[place] ?? 0);
  }
  return false;
}

/** Those that were chosen to make way for `vm`, and still take room where it waits. */
export function victimsLeft(state: MachineState, vm: VmRecord): readonly VmRecord[] {
  const left: VmRecord[] = [];
  for (const victim of vm.placement.preempts ?? []) {
    const record = state.vms.get(victim.vm);
    if (record?.uuid === victim.uuid && mustMakeWay(record, vm)) left.push(record);
  }
  return left;
}

function mustMakeWay(victim: VmRecord, vm: VmRecord): boolean {
  return !isTask(victim) && victim.owner === vm.owner && victim.desired === "running" && victim.waiting === undefined && priorityOf(victim.spec) < priorityOf(vm.spec);
}

/** Decides that a VM makes way: it is stopped where it is, and goes on elsewhere when it has ended. Never for its equals. */
export function decidePreempt(state: MachineState, command: Extract<VmCommand, { kind: "vm-preempt" }>, index: number): Decision {
  const { name, uuid, generation, by } = command;
  const vm = state.vms.get(name);
  const other = state.vms.get(by);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation}`);
  const chosen = other?.placement.preempts?.some((victim) => victim.uuid === uuid) === true;
  if (other?.waiting === undefined || !chosen) return refuse("WRONG_STATE", `${titleOf(by)} does not wait for ${titleOf(name)} to make way`);
  if (!mustMakeWay(vm, other)) return refuse("WRONG_STATE", `${titleOf(name)} does not make way for ${titleOf(by)}`);
  const text = preemptedBy(by, other, vm);
  const record: VmRecord = {
    ...vm,
    migration: { to: null, restart: true, sinceIndex: index, preemptedBy: by },
    desired: "stopped",
    forceStop: false,
    generation: generation + 1,
    failure: text,
    changedIndex: index,
  };
  const event = recordEvent({ kind: "vm", what: "preempted", subject: name, node: vm.owner, text });
  return accept(answerFor(record, true), { table: "vm", key: name, record }, event);
}

function preemptedBy(by: Name, other: VmRecord, vm: VmRecord): string {
  return `preempted by ${by} (priority ${priorityOf(other.spec)} over ${priorityOf(vm.spec)})`;
}
