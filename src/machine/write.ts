/** Carries out what was decided: the only writer of the tables (row P1). */

import { unreachable } from "../assert.ts";
import type { Write } from "./decision.ts";
import type { LeaseRecord, NodeId, VmDesired, VmObserved, VmRecord, WorkerRecord } from "./records.ts";
import type { RowChange } from "./row-change.ts";
import type { Store } from "./state.ts";
import type { ReservationRecord } from "./reservation.ts";
import { viewReservation, viewVm } from "./views.ts";

/** What is wanted of a VM, and what was observed. */
export interface VmState {
  readonly desired: VmDesired;
  readonly observed: VmObserved;
}

/** A step of a VM, as the trace tells it: of `VmState`, of its generation, or of a move. */
export interface VmChange {
  readonly vm: string;
  readonly uuid: string;
  readonly owner: NodeId;
  readonly from: VmState | "absent";
  readonly to: VmState | "absent";
  /** After the step; of a VM that goes, its last. */
  readonly generation: number;
  /** The move that is under way after the step. */
  readonly move?: VmRecord["migration"];
  /** Kind of the command that made the step. */
  readonly command: string;
}

/** A step of a worker's lease, as the trace tells it. */
export type LeaseChange = Pick<LeaseRecord, "node" | "epoch" | "held">;

/** What became of a VM's reservation, as the trace tells it; `released`: it is gone. */
export interface ReservationChange extends Pick<ReservationRecord, "vm" | "node" | "generation"> {
  readonly state: ReservationRecord["state"] | "released";
}

/** What a worker offers, as the trace tells it; nothing: it is no worker any more. */
export interface OfferChange {
  readonly node: NodeId;
  readonly cpus: number;
  readonly memoryMib: number;
}

/** Writes one row and brings the views along. */
export function carryOut(store: Store, write: Write, changes: RowChange[]): void {
  const { key } = write;
  switch (write.table) {
    case "kv":
      if (write.record === null) store.kvKeys.remove(key);
      else if (write.formerVersion === 0) store.kvKeys.add(key);
      changes.push(write.record === null ? store.kv.delete(key) : store.kv.set(key, write.record));
      return;
    case "vm":
      viewVm(store, store.vms.get(key), write.record ?? undefined);
      changes.push(write.record === null ? store.vms.delete(key) : store.vms.set(key, write.record));
      return;
    case "worker":
      changes.push(write.record === null ? store.workers.delete(key) : store.workers.set(key, write.record));
      return;
    case "image":
      changes.push(write.record === null ? store.images.delete(key) : store.images.set(key, write.record));
      return;
    case "lease":
      changes.push(store.leases.set(key, write.record));
      return;
    case "reservation":
      viewReservation(store, store.reservations.get(key), write.record ?? undefined);
      changes.push(write.record === null ? store.reservations.delete(key) : store.reservations.set(key, write.record));
      return;
    case "token":
      changes.push(write.record === null ? store.tokens.delete(key) : store.tokens.set(key, write.record));
      return;
    case "cluster":
      changes.push(store.cluster.set(key, write.record));
      return;
    case "mark":
      changes.push(store.marks.set(write.key, write.record));
      return;
    case "event":
      // Written by `keepEvents`, with its place in the log.
      return;
    default:
      unreachable(write);
  }
}

/** The line of the trace for a VM row that goes from `before` to `after`, or undefined when no step is in it. */
export function vmChange(before: VmRecord | undefined, after: VmRecord | null, command: string): VmChange | undefined {
  const vm = after ?? before;
  if (vm === undefined) return undefined;
  const { desired, observed, generation, migration } = vm;
  const isStill = before?.desired === desired && before.observed === observed && before.generation === generation;
  if (after !== null && isStill && before.migration?.sinceIndex === migration?.sinceIndex) return undefined;
  return {
    vm: vm.spec.name,
    uuid: vm.uuid,
    owner: vm.owner,
    from: before === undefined ? "absent" : { desired: before.desired, observed: before.observed },
    to: after === null ? "absent" : { desired, observed },
    generation,
    ...(after?.migration === undefined ? {} : { move: after.migration }),
    command,
  };
}

/** The line of the trace for a worker's row, or undefined when it offers what it did. */
export function offerChange(before: WorkerRecord | undefined, after: WorkerRecord | null, node: NodeId): OfferChange | undefined {
  const { cpus, memoryMib } = after ?? { cpus: 0, memoryMib: 0 };
  return before?.cpus === cpus && before.memoryMib === memoryMib ? undefined : { node, cpus, memoryMib };
}
