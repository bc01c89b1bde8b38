/** What is derived from the VM rows: room taken on each worker, duties of each node, uuids in use (row S7). */

import { marksOf } from "./labels.ts";
import type { NodeId, VmRecord } from "./records.ts";
import { dutyOf } from "./outbox.ts";
import { portKey } from "./ports.ts";
import { holdsPlace, isOver } from "./task-state.ts";

/** What the VMs placed on a worker take, running or not. */
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
  readonly vmUuids: Set<string>;
}

/** Brings the views up to date after `before` became `after`; undefined stands for no record. */
export function viewVm(views: VmViews, before: VmRecord | undefined, after: VmRecord | undefined): void {
  if (before !== undefined) {
    if (holdsPlace(before)) for (const node of holders(before)) take(views, before, node, -1);
    views.waiting.delete(before.spec.name);
    views.finished.delete(before.spec.name);
    views.vmUuids.delete(before.uuid);
    views.migrating.delete(before.spec.name);
    drop(views.owing, before.owner, before.spec.name);
    for (const node of holders(before)) for (const port of before.spec.publish ?? []) drop(views.publishing, portKey(node, port), before.spec.name);
  }
  if (after !== undefined) {
    if (holdsPlace(after)) for (const node of holders(after)) take(views, after, node, 1);
    if (isOver(after)) views.finished.add(after.spec.name);
    if (after.owner === "" && after.desired === "running" && after.observed === "pending") views.waiting.add(after.spec.name);
    views.vmUuids.add(after.uuid);
    if (after.migration !== undefined) views.migrating.add(after.spec.name);
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
  const { cpus, memoryMib, diskMib, vms } = views.usage.get(node) ?? noUsage;
  if (vms + sign === 0) {
    views.usage.delete(node);
    return;
  }
  views.usage.set(node, {
    cpus: cpus + sign * vm.spec.cpus,
    memoryMib: memoryMib + sign * vm.spec.memoryMib,
    diskMib: diskMib + sign * vm.spec.diskMib,
    vms: vms + sign,
  });
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
