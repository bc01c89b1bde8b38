/**
 * What happened in the cluster, told by the entries that made it happen. Events
 * are rows like all others: derived in apply, the same on every node, carried by snapshots. The latest are kept; how far
 * those reach that went is a row too, so a reader who comes too late is told so.
 */

import { present } from "../assert.ts";
import { kindOf, shortName } from "../workload-name.ts";
import { hashRow } from "./hash.ts";
import type { Moment, Write } from "./decision.ts";
import type { ImageRecord } from "./image-record.ts";
import type { EventRecord, Happening, TokenRecord, VmRecord, WorkerRecord } from "./records.ts";
import type { RowChange } from "./row-change.ts";
import type { MachineState, Store } from "./state.ts";
import type { RowCodec } from "./table.ts";

/** Events that are kept; the oldest go first. A constant, since every node must keep the same. */
export const eventLimit = 4_096;
/** Characters of an event's text that are kept. */
const textLimit = 400;

/** Events of one entry at most: a batch of row changes beyond it is told by its first ones. */
const perEntryLimit = 1_000;

/** The part of a decision that says what happened, for what no row tells by itself (`eventsOf` reads the others). */
export function recordEvent(happening: Happening): Write {
  return { table: "event", key: happening.subject, record: happening };
}

/** What a write of another row means, in order: read before the write is carried out. */
export function eventsOf(state: MachineState, write: Write): readonly Happening[] {
  switch (write.table) {
    case "vm":
      return vmEvents(state.vms.get(write.key), write.record);
    case "worker":
      return workerEvents(state.workers.get(write.key), write.record);
    case "image":
      return imageEvents(state.images.get(write.key), write.record);
    case "token":
      return tokenEvents(state.tokens.get(write.key), write.record);
    case "cluster":
      return state.cluster.has(write.key) ? [] : [{ kind: "cluster", what: "initialized", subject: write.record.clusterId, node: null, text: "" }];
    case "event":
      return [write.record];
    default:
      return nothing;
  }
}

const nothing: readonly Happening[] = [];

/** Writes the events of the entry at `moment`, once an entry, and lets the oldest go. */
export function keepEvents(store: Store, happened: readonly Happening[], { index, nowMs }: Moment, changes: RowChange[]): void {
  for (const [place, { kind, what, subject, node, text }] of happened.slice(0, perEntryLimit).entries()) {
    const key = eventKey(index, place);
    changes.push(store.events.set(key, { index, place, timeMs: nowMs, kind, what, subject, node, text: shortened(text) }));
    store.eventKeys.add(key);
  }
  if (store.events.size <= eventLimit) return;
  let floor = 0;
  for (const key of firstOf(store.eventKeys.from(""), store.events.size - eventLimit)) {
    floor = present(store.events.get(key), "a key in order has a record").index;
    store.eventKeys.remove(key);
    changes.push(store.events.delete(key));
  }
  changes.push(store.marks.set("eventFloor", floor));
}

function firstOf(keys: Iterable<string>, count: number): readonly string[] {
  const first: string[] = [];
  for (const key of keys) {
    if (first.length === count) break;
    first.push(key);
  }
  return first;
}

/** Brings the order of the rows back after a restart. Answers the index of the last event. */
export function settleEvents(store: Store): number {
  const keys = store.events.keys();
  store.eventKeys.fill(keys);
  const last = keys.at(-1);
  return last === undefined ? 0 : present(store.events.get(last), "a key of a table has a record").index;
}

export interface EventPage {
  readonly events: readonly EventRecord[];
  /** Every event up to this index is in the page or was before it: the next page comes after it. */
  readonly reached: number;
  readonly more: boolean;
}

/** Index of the latest entry of which an event is gone; a reader can begin there or later. */
export function eventFloor(state: MachineState): number {
  return state.marks.get("eventFloor") ?? 0;
}

/** Events of entries after index `since`, in order: about `limit` of them, but never a part of an entry's. */
export function eventsAfter(state: MachineState, since: number, limit: number): EventPage {
  const events: EventRecord[] = [];
  for (const key of state.eventKeys.from(eventKey(since + 1, 0))) {
    const event = present(state.events.get(key), "a key in order has a record");
    const reached = events.at(-1)?.index ?? since;
    if (events.length >= limit && event.index !== reached) return { events, reached, more: true };
    events.push(event);
  }
  return { events, reached: events.at(-1)?.index ?? since, more: false };
}

function eventText({ timeMs, kind, what, subject, node, text }: EventRecord): string {
  return JSON.stringify([timeMs, kind, what, subject, node, text]);
}

export const eventCodec: RowCodec<EventRecord> = {
  encode: eventText,
  decode: (key, stored) => {
    const [timeMs, kind, what, subject, node, text] = JSON.parse(stored) as [number, EventRecord["kind"], string, string, string | null, string];
    const [index, place] = key.split(".").map(Number) as [number, number];
    return { index, place, timeMs, kind, what, subject, node, text };
  },
  hash: (into, seed, key, record) => hashRow(into, seed, key, eventText(record)),
  size: ({ text }) => text.length + 64,
};

/** Keys sort as the numbers do. */
function eventKey(index: number, place: number): string {
  return `${String(index).padStart(16, "0")}.${String(place).padStart(4, "0")}`;
}

function vmEvents(before: VmRecord | undefined, after: VmRecord | null): readonly Happening[] {
  const vm = after ?? before;
  if (vm === undefined) return [];
  const tell = (what: string, text = ""): Happening => ({ kind: kindOf(vm.spec.name), what, subject: shortName(vm.spec.name), node: vm.owner || null, text });
  if (before === undefined) return [tell("created", `placed by ${vm.placement.strategy}, wanted ${vm.desired}`)];
  if (after === null) return [tell("deleted")];
  const told: Happening[] = [];
  if (before.owner !== after.owner) told.push(before.owner === "" ? tell("placed") : tell("moved", `from ${before.owner}`));
  if (before.desired !== after.desired) told.push(tell(`${wishOf(after.desired)}-asked`, after.desired === "stopped" && after.forceStop ? "by force" : ""));
  else if (before.generation !== after.generation && before.owner === after.owner) told.push(tell(`${wishOf(after.desired)}-asked`, "again"));
  if (before.observed !== after.observed || before.failure !== after.failure) told.push(tell(after.observed, endOf(after)));
  const { health } = after;
  const isNews = health?.state !== before.health?.state || health?.generation !== before.health?.generation;
  if (health !== undefined && isNews) told.push(tell(health.state, health.detail));
  return told;
}

function wishOf(desired: string): string {
  const words: Readonly<Record<string, string>> = { running: "start", stopped: "stop", deleted: "delete" };
  return words[desired] ?? desired;
}

function endOf({ failure, exit }: VmRecord): string {
  const { how, code, signal } = exit ?? { how: null, code: null, signal: null };
  const details = [how, code === null ? null : `code ${code}`, signal === null ? null : `signal ${signal}`, failure];
  return details.filter((detail) => detail !== null).join(", ");
}

function workerEvents(before: WorkerRecord | undefined, after: WorkerRecord | null): readonly Happening[] {
  const worker = after ?? before;
  if (worker === undefined) return [];
  const tell = (what: string, text = ""): Happening => ({ kind: "worker", what, subject: worker.name, node: worker.node, text });
  if (before === undefined) return [tell("registered", roomOf(worker))];
  if (after === null) return [tell("removed")];
  const told: Happening[] = [];
  if (before.admin !== after.admin) told.push(tell(after.admin));
  if (roomOf(before) !== roomOf(after) || before.name !== after.name) told.push(tell("changed", roomOf(after)));
  return told;
}

function roomOf({ cpus, memoryMib, diskMib, drivers, labels }: WorkerRecord): string {
  const bears = labels === undefined ? "" : `, labels ${labels.join(" ")}`;
  return `${cpus} CPUs, ${memoryMib} MiB memory, ${diskMib} MiB disk, drivers ${drivers.join(" ")}${bears}`;
}

function tokenEvents(before: TokenRecord | undefined, after: TokenRecord | null): readonly Happening[] {
  if (after === null) return [];
  const tell = (what: string): Happening => ({ kind: "token", what, subject: after.name, node: after.usedBy, text: `token ${after.tokenId}` });
  if (before === undefined) return [tell("created")];
  return before.usedBy === null && after.usedBy !== null ? [tell("used")] : [];
}

function imageEvents(before: ImageRecord | undefined, after: ImageRecord | null): readonly Happening[] {
  const image = after ?? before;
  if (image === undefined) return [];
  const tell = (what: string, node: string | null): Happening => ({ kind: "image", what, subject: image.name, node, text: `sha256:${image.digest}` });
  if (before === undefined) return [tell("imported", image.holders[0] ?? null)];
  if (after === null) return [tell("removed", null)];
  const came = after.holders.filter((node) => !before.holders.includes(node)).map((node) => tell("held", node));
  return [...came, ...before.holders.filter((node) => !after.holders.includes(node)).map((node) => tell("lost", node))];
}

/** Never ends in half of a surrogate pair, which no disk gives back. */
function shortened(text: string): string {
  if (text.length <= textLimit) return text;
  const cut = text.slice(0, textLimit);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
