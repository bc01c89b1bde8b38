/** Reads for listings: plain functions over the applied state, always in a fixed order. */

import { present } from "../assert.ts";
import type { ImageRecord } from "./image-record.ts";
import type { ClusterRecord, KvRecord, LeaseRecord, NodeId, TokenRecord, VmRecord, WorkerRecord } from "./records.ts";
import type { ReservationRecord } from "./reservation.ts";
import { clusterKey, type MachineState } from "./state.ts";
import { noUsage, type Usage } from "./views.ts";
import type { ReadableTable } from "./table.ts";

/** A worker and what its VMs take of it. */
export interface WorkerView {
  readonly worker: WorkerRecord;
  readonly usage: Usage;
}

export interface KvPage {
  readonly records: readonly KvRecord[];
  /** True when more keys follow; ask again with `after` = the last key. */
  readonly more: boolean;
}

/** The cluster, or undefined before its first entry. */
export function clusterOf(state: MachineState): ClusterRecord | undefined {
  return state.cluster.get(clusterKey);
}

/** All VMs by name; of one owner, if it is given. */
export function listVms(state: MachineState, owner?: NodeId): readonly VmRecord[] {
  const vms = recordsOf(state.vms);
  return owner === undefined ? vms : vms.filter((vm) => vm.owner === owner);
}

/** The leases of all workers that ever had one, by node id. */
export function listLeases(state: MachineState): readonly LeaseRecord[] {
  return recordsOf(state.leases);
}

/** The reservations of all VMs that hold room, by name of the VM. */
export function listReservations(state: MachineState): readonly ReservationRecord[] {
  return recordsOf(state.reservations);
}

export function getVm(state: MachineState, name: string): VmRecord | undefined {
  return state.vms.get(name);
}

/** The catalogue of images, by name; without the one that is built in. */
export function listImages(state: MachineState): readonly ImageRecord[] {
  return recordsOf(state.images);
}

export function getImage(state: MachineState, name: string): ImageRecord | undefined {
  return state.images.get(name);
}

/** All workers by node id. */
export function listWorkers(state: MachineState): readonly WorkerView[] {
  return recordsOf(state.workers).map((worker) => ({ worker, usage: state.usage.get(worker.node) ?? noUsage }));
}

export function getWorker(state: MachineState, node: NodeId): WorkerView | undefined {
  const worker = state.workers.get(node);
  return worker === undefined ? undefined : { worker, usage: state.usage.get(node) ?? noUsage };
}

export function kvGet(state: MachineState, key: string): KvRecord | undefined {
  return state.kv.get(key);
}

/** The keys that begin with `prefix`, in order, after the key `after` if it is given: at most `limit`. */
export function kvList(state: MachineState, prefix: string, limit: number, after?: string): KvPage {
  const records: KvRecord[] = [];
  const start = after !== undefined && after >= prefix ? after : prefix;
  for (const key of state.kvKeys.from(start)) {
    if (!key.startsWith(prefix)) break;
    if (key === after) continue;
    if (records.length >= limit) return { records, more: true };
    records.push(present(state.kv.get(key), "a key in order has a record"));
  }
  return { records, more: false };
}

/** All join tokens by id, expired and used ones too. */
export function listTokens(state: MachineState): readonly TokenRecord[] {
  return recordsOf(state.tokens);
}

export function countSessions(state: MachineState): number {
  return state.sessions.size;
}

function recordsOf<R>(table: ReadableTable<R>): readonly R[] {
  return table.keys().map((key) => present(table.get(key), "a key of a table has a record"));
}
