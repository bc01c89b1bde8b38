/**
 * Where a VM goes (row W2), decided inside apply against the room that is really left (row W3). The same code places
 * what is created, moved, drained or lost its worker, each time as its own wish says (`PlacementWish`).
 */

import { Company } from "./company.ts";
import { refuse, type Refused, type Write } from "./decision.ts";
import { portsTaken } from "./ports.ts";
import type { NodeId, Placement, Rejection, VmRecord, VmSpec, WorkerRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { compareAble, Ranking, turnAfter, type Able } from "./strategy.ts";
import { bridgeMissing } from "./vm-network.ts";
import { noUsage, type Usage } from "./views.ts";
import { titleOf } from "../workload-name.ts";

/** Workers that a refusal names and a placement remembers; the rest is counted. */
const explainedLimit = 64;

/** `writes`: what else is to be written when the place is taken. `waits`: why there is none for a task, which waits for one; `waiting`: for a VM. */
export type Placed = { readonly placement: Placement; readonly writes: readonly Write[]; readonly waits?: string; readonly waiting?: VmRecord["waiting"] } | Refused;

/** Every worker: those that could take the VM, the best first, and the others by id with the reason. */
export interface Weighed {
  readonly able: readonly Able[];
  readonly unfit: readonly Rejection[];
}

/** Looks at every worker but `not`. */
export function weigh(state: MachineState, spec: VmSpec, not?: NodeId): Weighed {
  const rejected: Rejection[] = [];
  const able: Able[] = [];
  const company = new Company(state, spec);
  const ranking = new Ranking(state, spec, company);
  for (const node of state.workers.keys()) {
    const worker = state.workers.get(node) as WorkerRecord;
    const usage = state.usage.get(node) ?? noUsage;
    const reason = node === not ? "is where it is now" : (unfit(state, worker, spec) ?? company.problem(node) ?? ranking.problem(worker));
    if (reason !== null) {
      rejected.push({ node, reason });
      continue;
    }
    const room = { score: scoreOf(worker, usage, spec), vms: usage.vms };
    able.push({ node, name: worker.name, ...room, ...ranking.rank(worker, room) });
  }
  return { able: able.sort(compareAble), unfit: rejected };
}

/** The best worker by the VM's own strategy. */
function placeBest(state: MachineState, spec: VmSpec, not?: NodeId): Placed {
  const { able, unfit: rejected } = weigh(state, spec, not);
  const best = able[0];
  if (best === undefined) return refuse("NO_CAPACITY", noCapacityMessage(state, spec, rejected));
  const others = able.slice(1).map((other) => ({ node: other.node, reason: passedOver(other, best), score: other.score }));
  const strategy = spec.place?.strategy ?? "most-available";
  const placement: Placement = { strategy, node: best.node, score: best.score, rejected: [...rejected, ...others].slice(0, explainedLimit) };
  return { placement, writes: strategy === "round-robin" ? [{ table: "mark", key: "turn", record: turnAfter(state, best.name) }] : [] };
}

/** Why a worker that could take the VM was not chosen. */
export function passedOver(other: Able, best: Able): string {
  return `would have ${other.words}; the chosen one ${best.words}`;
}

/** The node that the user named, or why not. Hard wishes about other VMs hold there too. */
function placeManually(state: MachineState, spec: VmSpec, node: NodeId): Placed {
  const worker = state.workers.get(node);
  if (worker === undefined) return refuse("NOT_FOUND", `node ${node} is not registered as a worker`);
  const usage = state.usage.get(node) ?? noUsage;
  const reason = unfit(state, worker, spec) ?? new Company(state, spec).problem(node);
  if (reason !== null) return refuse("NO_CAPACITY", `${titleOf(spec.name)} cannot go to worker ${worker.name} (${node}): it ${reason}`);
  return { placement: { strategy: "manual", node, score: scoreOf(worker, usage, spec), rejected: [] }, writes: [] };
}

/** A place for a new VM: on the worker named, or the best one. */
export function placeNew(state: MachineState, spec: VmSpec, node?: NodeId): Placed {
  return node === undefined ? placeBest(state, spec) : placeManually(state, spec, node);
}

/** A place for a VM other than where it is: on the worker named, or the best one. */
export function placeElsewhere(state: MachineState, vm: VmRecord, to?: NodeId): Placed {
  return to === undefined ? placeBest(state, needOf(vm), vm.owner) : placeManually(state, needOf(vm), to);
}

/** A place for a VM that has lost its worker; its own is none. */
export function placeAgain(state: MachineState, vm: VmRecord): Placed {
  return placeBest(state, needOf(vm));
}

/** One that is not to run needs no more than its disk. */
function needOf(vm: VmRecord): VmSpec {
  const runs = vm.desired === "running" || vm.desired === "paused" || vm.migration?.restart === true;
  return runs ? vm.spec : { ...vm.spec, cpus: 0, memoryMib: 0 };
}

/** Why a VM cannot be started where it is, or null: one that was stopped has let go of its room. */
export function startProblem(state: MachineState, vm: VmRecord): Refused | null {
  const worker = state.workers.get(vm.owner);
  if (state.reservations.has(vm.spec.name) || worker === undefined) return null;
  const lacks = lacking(freeOn(state, worker, vm.spec.name), { ...vm.spec, diskMib: 0 });
  if (lacks === null) return null;
  return refuse("NO_CAPACITY", `${titleOf(vm.spec.name)} cannot be started on worker ${worker.name} (${worker.node}): it ${lacks}, since a VM that does not run keeps no room; it can be moved`);
}

/** Workers that could take the VM but for processors and memory; of one that is named, it alone. */
export function weighForPreemption(state: MachineState, spec: VmSpec, only?: NodeId): { readonly open: readonly WorkerRecord[]; readonly rejected: readonly Rejection[] } {
  const { able, unfit: rejected } = weigh(state, { ...spec, cpus: 0, memoryMib: 0 });
  const open = able.filter(({ node }) => only === undefined || node === only).map(({ node }) => state.workers.get(node) as WorkerRecord);
  return { open, rejected: rejected.slice(0, explainedLimit) };
}

/**
 * What is free for `name` on a worker. Where another VM waits for others to make way, what it needs is not free; so a
 * room that was emptied for one goes to no other.
 */
export function freeOn(state: MachineState, worker: WorkerRecord, name: string): Pick<Usage, "cpus" | "memoryMib" | "diskMib"> {
  const usage = state.usage.get(worker.node) ?? noUsage;
  let [cpus, memoryMib] = [worker.cpus - usage.cpus, worker.memoryMib - usage.memoryMib];
  for (const waiting of state.queued) {
    const vm = state.vms.get(waiting);
    if (waiting === name || vm?.owner !== worker.node || vm.placement.preempts === undefined) continue;
    cpus -= vm.spec.cpus;
    memoryMib -= vm.spec.memoryMib;
  }
  return { cpus, memoryMib, diskMib: worker.diskMib - usage.diskMib };
}

/** To be read after the name of the worker. No resource is promised twice, processors neither. */
function unfit(state: MachineState, worker: WorkerRecord, spec: VmSpec): string | null {
  if (worker.admin !== "active") return `is ${worker.admin}`;
  if (state.leases.get(worker.node)?.held === false) return "has lost its lease";
  if (!worker.drivers.includes(spec.driver)) return `lacks the driver ${spec.driver}`;
  const bridgeless = bridgeMissing(worker, spec);
  if (bridgeless !== null) return bridgeless;
  const taken = portsTaken(state, worker.node, spec);
  if (taken !== null) return taken;
  return lacking(freeOn(state, worker, spec.name), spec);
}

function lacking({ cpus, memoryMib, diskMib }: ReturnType<typeof freeOn>, spec: Pick<VmSpec, "cpus" | "memoryMib" | "diskMib">): string | null {
  const lacks: string[] = [];
  if (spec.cpus > cpus) lacks.push(`${Math.max(0, cpus)} of ${spec.cpus} cpus`);
  if (spec.memoryMib > memoryMib) lacks.push(`${Math.max(0, memoryMib)} of ${spec.memoryMib} MiB memory`);
  if (spec.diskMib > diskMib) lacks.push(`${Math.max(0, diskMib)} of ${spec.diskMib} MiB disk`);
  return lacks.length === 0 ? null : `has free only ${lacks.join(", ")}`;
}

function scoreOf(worker: WorkerRecord, usage: Usage, spec: VmSpec): number {
  return worker.memoryMib - usage.memoryMib - spec.memoryMib;
}

function noCapacityMessage(state: MachineState, spec: VmSpec, rejected: readonly Rejection[]): string {
  if (rejected.length === 0) return `no worker is registered, so ${titleOf(spec.name)} has no place`;
  const reasons = rejected
    .slice(0, explainedLimit)
    .map(({ node, reason }) => `${state.workers.get(node)?.name ?? node} (${node}) ${reason}`);
  const more = rejected.length - reasons.length;
  return `no worker has room for ${titleOf(spec.name)}: ${reasons.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
