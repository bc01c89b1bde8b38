/** What is derived from rows of VMs and reservations: room taken on each worker, duties of each node, uuids in use (row S7). */

import { marksOf } from "./labels.ts";
import type { NodeId, VmRecord } from "./records.ts";
import { dutyOf } from "./outbox.ts";
import { portKey } from "./ports.ts";
import type { ReservationRecord } from "./reservation.ts";
import { holdsPlace, isOver } from "./task-state.ts";

/** What is taken of a worker: processors and memory by reservations, disk by every VM that is placed there. */
export interface Usage {
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly vms: number;
}

export const noUsage: Usage = { cpus: 0, memoryMib: 0, diskMib: 0, vms: 0 };

interface VmViews {
  readonly usage: Map<NodeId, Usage>;
  readonly owing: Map<NodeId, Set<string>>;
  readonly company: Map<NodeId, Map<string, number>>;
  readonly publishing: Map<string, Set<string>>;
  readonly migrating: Set<string>;
  readonly waiting: Set<string>;
  readonly finished: Set<string>;
  readonly queued: Set<string>;
  readonly vmUuids: Set<string>;
}

interface ReservationViews {
  readonly usage: Map<NodeId, Usage>;
  readonly unconfirmed: Set<string>;
}

/** Brings the views up to date after the reservation `before` became `after`. */
export function viewReservation(views: ReservationViews, before: ReservationRecord | undefined, after: ReservationRecord | undefined): void {
  if (before !== undefined) {
    for (const node of before.to === null ? [before.node] : [before.node, before.to]) addUsage(views.usage, node, { ...noUsage, cpus: -before.cpus, memoryMib: -before.memoryMib });
    views.unconfirmed.delete(before.vm);
  }
  if (after !== undefined) {
    for (const node of after.to === null ? [after.node] : [after.node, after.to]) addUsage(views.usage, node, { ...noUsage, cpus: after.cpus, memoryMib: after.memoryMib });
    if (after.ttlMs !== null) views.unconfirmed.add(after.vm);
  }
}

/** Brings the views up to date after `before` became `after`; undefined stands for no record. */
export function viewVm(views: VmViews, before: VmRecord | undefined, after: VmRecord | undefined): void {
  if (before !== undefined) {
    if (holdsPlace(before)) for (const node of holders(before)) take(views, before, node, -1);
    views.waiting.delete(before.spec.name);
    views.finished.delete(before.spec.name);
    views.vmUuids.delete(before.uuid);
    views.migrating.delete(before.spec.name);
    views.queued.delete(before.spec.name);
    drop(views.owing, before.owner, before.spec.name);
    for (const node of holders(before)) for (const port of before.spec.publish ?? []) drop(views.publishing, portKey(node, port), before.spec.name);
  }
  if (after !== undefined) {
    if (holdsPlace(after)) for (const node of holders(after)) take(views, after, node, 1);
    if (isOver(after)) views.finished.add(after.spec.name);
    if (after.owner === "" && after.desired === "running" && after.observed === "pending") views.waiting.add(after.spec.name);
    views.vmUuids.add(after.uuid);
    if (after.migration !== undefined) views.migrating.add(after.spec.name);
    if (after.waiting !== undefined) views.queued.add(after.spec.name);
    if (after.owner !== "" && dutyOf(after) !== null) put(views.owing, after.owner, after.spec.name);
    for (const node of holders(after)) for (const port of after.spec.publish ?? []) put(views.publishing, portKey(node, port), after.spec.name);
  }
}

function put(names: Map<string, Set<string>>, key: string, name: string): void {
  names.set(key, (names.get(key) ?? new Set<string>()).add(name));
}

function drop(names: Map<string, Set<string>>, key: string, name: string): void {
  const left = names.get(key);
  left?.delete(name);
  if (left?.size === 0) names.delete(key);
}

/** Where a VM has room: at its owner, and where its memory is about to come. */
export function holders({ owner, migration }: VmRecord): readonly NodeId[] {
  return migration?.live === true && migration.to !== null ? [owner, migration.to] : [owner];
}

function take(views: VmViews, vm: VmRecord, node: NodeId, sign: 1 | -1): void {
  countMarks(views, vm, node, sign);
  addUsage(views.usage, node, { ...noUsage, diskMib: sign * vm.spec.diskMib, vms: sign });
}

/** A worker of which nothing is taken has no usage, whatever was taken before. */
function addUsage(usage: Map<NodeId, Usage>, node: NodeId, more: Usage): void {
  const was = usage.get(node) ?? noUsage;
  const now = { cpus: was.cpus + more.cpus, memoryMib: was.memoryMib + more.memoryMib, diskMib: was.diskMib + more.diskMib, vms: was.vms + more.vms };
  if (now.cpus === 0 && now.memoryMib === 0 && now.diskMib === 0 && now.vms === 0) usage.delete(node);
  else usage.set(node, now);
}

function countMarks({ company }: VmViews, { spec }: VmRecord, node: NodeId, sign: 1 | -1): void {
  const counts = company.get(node) ?? new Map<string, number>();
  for (const mark of marksOf(spec)) {
    const count = (counts.get(mark) ?? 0) + sign;
    if (count === 0) counts.delete(mark);
    else counts.set(mark, count);
  }
  if (counts.size === 0) company.delete(node);
  else company.set(node, counts);
}
