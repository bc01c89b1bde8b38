/** What is derived from the VM rows: room taken on each worker, duties of each node, uuids in use (row S7). */

import type { NodeId, VmRecord } from "./records.ts";
import { dutyOf } from "./outbox.ts";

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
  readonly migrating: Set<string>;
  readonly vmUuids: Set<string>;
}

/** Brings the views up to date after `before` became `after`; undefined stands for no record. */
export function viewVm(views: VmViews, before: VmRecord | undefined, after: VmRecord | undefined): void {
  if (before !== undefined) {
    take(views, before, -1);
    views.vmUuids.delete(before.uuid);
    views.migrating.delete(before.spec.name);
    const names = views.owing.get(before.owner);
    names?.delete(before.spec.name);
    if (names?.size === 0) views.owing.delete(before.owner);
  }
  if (after !== undefined) {
    take(views, after, 1);
    views.vmUuids.add(after.uuid);
    if (after.migration !== undefined) views.migrating.add(after.spec.name);
    if (dutyOf(after) !== null) {
      const names = views.owing.get(after.owner) ?? new Set();
      views.owing.set(after.owner, names.add(after.spec.name));
    }
  }
}

function take(views: VmViews, vm: VmRecord, sign: 1 | -1): void {
  const { cpus, memoryMib, diskMib, vms } = views.usage.get(vm.owner) ?? noUsage;
  if (vms + sign === 0) {
    views.usage.delete(vm.owner);
    return;
  }
  views.usage.set(vm.owner, {
    cpus: cpus + sign * vm.spec.cpus,
    memoryMib: memoryMib + sign * vm.spec.memoryMib,
    diskMib: diskMib + sign * vm.spec.diskMib,
    vms: vms + sign,
  });
}
