/** Where a VM goes (row W2), decided inside apply against the room that is really left (row W3). */

import type { NodeId, Placement, Rejection, VmRecord, VmSpec, WorkerRecord } from "./records.ts";
import { refuse, type Refused } from "./decision.ts";
import { portsTaken } from "./ports.ts";
import type { MachineState } from "./state.ts";
import { noUsage, type Usage } from "./views.ts";

/** Workers that a refusal names and a placement remembers; the rest is counted. */
const explainedLimit = 64;

export type Placed = { readonly placement: Placement } | Refused;

/** Most memory free after placement; then fewest VMs; then the lowest id. */
export function placeMostAvailable(state: MachineState, spec: VmSpec, not?: NodeId): Placed {
  const rejected: Rejection[] = [];
  const able: { node: NodeId; score: number; vms: number }[] = [];
  for (const node of state.workers.keys()) {
    const worker = state.workers.get(node) as WorkerRecord;
    const usage = state.usage.get(node) ?? noUsage;
    const reason = node === not ? "is where it is now" : unfit(state, worker, usage, spec);
    if (reason === null) able.push({ node, score: scoreOf(worker, usage, spec), vms: usage.vms });
    else rejected.push({ node, reason });
  }
  able.sort((one, other) => other.score - one.score || one.vms - other.vms || (one.node < other.node ? -1 : 1));
  const best = able[0];
  if (best === undefined) return refuse("NO_CAPACITY", noCapacityMessage(state, spec, rejected));
  for (const { node, score, vms } of able.slice(1)) {
    rejected.push({ node, reason: `would have ${score} MiB free and ${vms} other VMs; the chosen one ${best.score} MiB and ${best.vms}` });
  }
  const strategy = "most-available";
  return { placement: { strategy, node: best.node, score: best.score, rejected: rejected.slice(0, explainedLimit) } };
}

/** The node that the user named, or why not. */
export function placeManually(state: MachineState, spec: VmSpec, node: NodeId): Placed {
  const worker = state.workers.get(node);
  if (worker === undefined) return refuse("NOT_FOUND", `node ${node} is not registered as a worker`);
  const usage = state.usage.get(node) ?? noUsage;
  const reason = unfit(state, worker, usage, spec);
  if (reason !== null) return refuse("NO_CAPACITY", `VM ${spec.name} cannot go to worker ${worker.name} (${node}): it ${reason}`);
  return { placement: { strategy: "manual", node, score: scoreOf(worker, usage, spec), rejected: [] } };
}

/** A place for a VM other than where it is: on the worker named, or the best one. */
export function placeElsewhere(state: MachineState, vm: VmRecord, to?: NodeId): Placed {
  return to === undefined ? placeMostAvailable(state, vm.spec, vm.owner) : placeManually(state, vm.spec, to);
}

/** A place for a VM that has lost its worker; its own is none. */
export function placeAgain(state: MachineState, vm: VmRecord): Placed {
  return placeMostAvailable(state, vm.spec);
}

/** To be read after the name of the worker. No resource is promised twice, processors neither. */
function unfit(state: MachineState, worker: WorkerRecord, usage: Usage, spec: VmSpec): string | null {
  if (worker.admin !== "active") return `is ${worker.admin}`;
  if (state.leases.get(worker.node)?.held === false) return "has lost its lease";
  if (!worker.drivers.includes(spec.driver)) return `lacks the driver ${spec.driver}`;
  const taken = portsTaken(state, worker.node, spec);
  if (taken !== null) return taken;
  const lacks: string[] = [];
  const cpus = worker.cpus - usage.cpus;
  const memoryMib = worker.memoryMib - usage.memoryMib;
  const diskMib = worker.diskMib - usage.diskMib;
  if (spec.cpus > cpus) lacks.push(`${Math.max(0, cpus)} of ${spec.cpus} cpus`);
  if (spec.memoryMib > memoryMib) lacks.push(`${Math.max(0, memoryMib)} of ${spec.memoryMib} MiB memory`);
  if (spec.diskMib > diskMib) lacks.push(`${Math.max(0, diskMib)} of ${spec.diskMib} MiB disk`);
  return lacks.length === 0 ? null : `has free only ${lacks.join(", ")}`;
}

function scoreOf(worker: WorkerRecord, usage: Usage, spec: VmSpec): number {
  return worker.memoryMib - usage.memoryMib - spec.memoryMib;
}

function noCapacityMessage(state: MachineState, spec: VmSpec, rejected: readonly Rejection[]): string {
  if (rejected.length === 0) return `no worker is registered, so VM ${spec.name} has no place`;
  const reasons = rejected
    .slice(0, explainedLimit)
    .map(({ node, reason }) => `${state.workers.get(node)?.name ?? node} (${node}) ${reason}`);
  const more = rejected.length - reasons.length;
  return `no worker has room for VM ${spec.name}: ${reasons.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
