/**
 * The replicated state in memory. Laws: only `apply` changes it (row P1); it is exactly the rows that `apply` reported,
 * so the rows are always the snapshot; what is not in the rows is a view, and is the same after a restart (row S7);
 * nothing that reaches a reply, a row or a query depends on the order of a Map, except where the Map's order is itself
 * a law (`sessions`).
 */

import { UserError } from "../errors.ts";
import { eventCodec, settleEvents } from "./events.ts";
import { hashRow, hexLanes, type Lanes } from "./hash.ts";
import { kvCodec } from "./kv-row.ts";
import type { ImageRecord } from "./image-record.ts";
import type { ClusterRecord, EventRecord, FormerRecord, NodeId, TokenRecord, VmRecord, WorkerRecord, KvRecord, LeaseRecord } from "./records.ts";
import type { RowChange } from "./row-change.ts";
import type { ReservationRecord } from "./reservation.ts";
import { loadChunk, settleSessions, sessionRows, type Session } from "./session.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { Table, type ReadableTable, type RowCodec } from "./table.ts";
import { viewReservation, viewVm, type Usage } from "./views.ts";

export type Mark = "timeMs" | "displacedIndex" | "eventFloor" | "turn";

/** The state as everybody but `apply` sees it. */
export interface MachineState {
  readonly cluster: ReadableTable<ClusterRecord>;
  readonly kv: ReadableTable<KvRecord>;
  readonly kvKeys: { from(start: string): Iterable<string> };
  readonly vms: ReadableTable<VmRecord>;
  readonly workers: ReadableTable<WorkerRecord>;
  readonly leases: ReadableTable<LeaseRecord>;
  readonly former: ReadableTable<FormerRecord>;
  /** By VM. */
  readonly reservations: ReadableTable<ReservationRecord>;
  readonly tokens: ReadableTable<TokenRecord>;
  readonly images: ReadableTable<ImageRecord>;
  readonly events: ReadableTable<EventRecord>;
  readonly eventKeys: { from(start: string): Iterable<string> };
  /**
   * `timeMs`: the latest leader's time, within a second (see `clock.ts`). `displacedIndex`: the last use of any session
   * that was displaced. `eventFloor`: the last entry of which an event is kept no more. `turn`: see `strategy.ts`.
   */
  readonly marks: ReadableTable<number>;
  /** By client; ordered by last use, the longest unused first. */
  readonly sessions: ReadonlyMap<string, Session>;
  /** View: what is taken of a worker. */
  readonly usage: ReadonlyMap<NodeId, Usage>;
  /** View: names of the VMs for which a node owes something. */
  readonly owing: ReadonlyMap<NodeId, ReadonlySet<string>>;
  /** View: how many VMs of a worker bear each mark (see `company.ts`). */
  readonly company: ReadonlyMap<NodeId, ReadonlyMap<string, number>>;
  /** View: names of the VMs that publish a port of a worker (`portKey`). */
  readonly publishing: ReadonlyMap<string, ReadonlySet<string>>;
  /** View: names of the VMs that are to move. */
  readonly migrating: ReadonlySet<string>;
  /** View: names of the tasks that wait for a place, and of those that came to their end. */
  readonly waiting: ReadonlySet<string>;
  readonly finished: ReadonlySet<string>;
  /** View: names of the VMs that wait for room. */
  readonly queued: ReadonlySet<string>;
  /** View: names of the VMs with a reservation whose time is running. */
  readonly unconfirmed: ReadonlySet<string>;
  /** View: uuids of all VMs. */
  readonly vmUuids: ReadonlySet<string>;
  /** Index of the last entry that changed a row. Only grows. */
  readonly lastIndex: number;
}

/** The state as `apply` and the restart see it. No other room names this type. */
export interface Store extends MachineState {
  readonly cluster: Table<ClusterRecord>;
  readonly kv: Table<KvRecord>;
  readonly kvKeys: SortedKeys;
  readonly vms: Table<VmRecord>;
  readonly workers: Table<WorkerRecord>;
  readonly leases: Table<LeaseRecord>;
  readonly former: Table<FormerRecord>;
  readonly reservations: Table<ReservationRecord>;
  readonly tokens: Table<TokenRecord>;
  readonly images: Table<ImageRecord>;
  readonly events: Table<EventRecord>;
  readonly eventKeys: SortedKeys;
  readonly marks: Table<number>;
  readonly sessions: Map<string, Session>;
  readonly usage: Map<NodeId, Usage>;
  readonly owing: Map<NodeId, Set<string>>;
  readonly company: Map<NodeId, Map<string, number>>;
  readonly publishing: Map<string, Set<string>>;
  readonly migrating: Set<string>;
  readonly waiting: Set<string>;
  readonly finished: Set<string>;
  readonly queued: Set<string>;
  readonly unconfirmed: Set<string>;
  readonly vmUuids: Set<string>;
  lastIndex: number;
  /** Sum of the hashes of all rows. */
  readonly sum: Lanes;
}

/** The key of the only row of the table `cluster`. */
export const clusterKey = "cluster";

/** The state before the first entry. */
export function emptyState(): MachineState {
  return emptyStore();
}

/**
 * The state that the stored rows describe, in any order: after a restart, or from a snapshot. Equal in everything to
 * the state that reported them. A row that cannot be read is `UserError DATABASE_DAMAGED`.
 */
export function stateFromRows(rows: Iterable<RowChange>): MachineState {
  const loader = new StateLoader();
  loader.add(rows);
  return loader.finish();
}

/** Makes a state of rows that come a few at a time, so that a million of them stop the event loop for no long time. */
export class StateLoader {
  readonly #store = emptyStore();

  /** Takes rows, each once. */
  add(rows: Iterable<RowChange>): void {
    for (const { table, key, value } of rows) {
      try {
        loadRow(this.#store, table, key, value ?? "");
      } catch (cause) {
        throw new UserError("DATABASE_DAMAGED", `row ${key} of table ${table} cannot be read: ${String(cause)}`, {
          next: "Remove the data directory of this node and let it join again; the other nodes hold the state.",
        });
      }
    }
  }

  /** The state, after the last row. */
  finish(): MachineState {
    const store = this.#store;
    store.kvKeys.fill(store.kv.keys());
    store.lastIndex = Math.max(settleSessions(store), settleEvents(store));
    return store;
  }
}

/** Every row of the state: the snapshot. Tables one after the other, each in order of its keys. */
export function* rowsOf(state: MachineState): Generator<RowChange> {
  const store = state as Store;
  for (const table of [store.cluster, store.events, store.former, store.images, store.kv, store.leases, store.marks, store.reservations]) yield* table.stored();
  yield* sessionRows(store);
  for (const table of [store.tokens, store.vms, store.workers]) yield* table.stored();
}

/** 16 hexadecimal digits over all rows: equal at equal index on every node (row P1). Costs nothing to ask for. */
export function digest(state: MachineState): string {
  return hexLanes((state as Store).sum);
}

function emptyStore(): Store {
  const sum = { low: 0, high: 0 };
  return {
    cluster: new Table("cluster", json<ClusterRecord>(), sum),
    kv: new Table("kv", kvCodec, sum),
    kvKeys: new SortedKeys(),
    vms: new Table("vm", json<VmRecord>(), sum),
    workers: new Table("worker", json<WorkerRecord>(), sum),
    leases: new Table("lease", json<LeaseRecord>(), sum),
    former: new Table("former", json<FormerRecord>(), sum),
    reservations: new Table("reservation", json<ReservationRecord>(), sum),
    tokens: new Table("token", json<TokenRecord>(), sum),
    images: new Table("image", json<ImageRecord>(), sum),
    events: new Table("event", eventCodec, sum),
    eventKeys: new SortedKeys(),
    marks: new Table("mark", json<number>(), sum),
    sessions: new Map(),
    usage: new Map(),
    owing: new Map(),
    company: new Map(),
    publishing: new Map(),
    migrating: new Set(),
    waiting: new Set(),
    finished: new Set(),
    queued: new Set(),
    unconfirmed: new Set(),
    vmUuids: new Set(),
    lastIndex: 0,
    sum,
  };
}

function loadRow(store: Store, table: string, key: string, text: string): void {
  switch (table) {
    case "session":
      return loadChunk(store, key, text);
    case "vm":
      return viewVm(store, undefined, store.vms.load(key, text));
    case "kv":
      store.kv.load(key, text);
      return;
    case "cluster":
      store.cluster.load(key, text);
      return;
    case "worker":
      store.workers.load(key, text);
      return;
    case "lease":
      store.leases.load(key, text);
      return;
    case "former":
      store.former.load(key, text);
      return;
    case "reservation":
      return viewReservation(store, undefined, store.reservations.load(key, text));
    case "token":
      store.tokens.load(key, text);
      return;
    case "event":
      store.events.load(key, text);
      return;
    case "image":
      store.images.load(key, text);
      return;
    case "mark":
      store.marks.load(key, text);
      return;
    default:
      throw new Error("no such table in this version");
  }
}

function json<R>(): RowCodec<R> {
  return jsonCodec as RowCodec<R>;
}

const jsonCodec: RowCodec<unknown> = {
  encode: (record) => JSON.stringify(record),
  decode: (_key, text) => JSON.parse(text) as unknown,
  hash: (into, seed, key, record) => hashRow(into, seed, key, JSON.stringify(record)),
  size: (record) => JSON.stringify(record).length,
};
