/**
 * The latest changes of keys, entry by entry, for those who watch. It is a view of what was applied: a node that starts,
 * or that takes a snapshot, knows of no change before. Bounded in entries and bytes; the oldest go first, and who asks for
 * them is told so. Readers hold no more than an index, so none of them can make it grow.
 */

import { assert } from "../assert.ts";
import type { Write } from "./decision.ts";
import type { KvRecord } from "./records.ts";

export interface HistoryLimits {
  /** Entries that changed keys. */
  readonly entries: number;
  /** About the bytes of memory that they take. */
  readonly bytes: number;
}

export const defaultHistoryLimits: HistoryLimits = { entries: 65_536, bytes: 32 * 1024 * 1024 };

/** What one entry left of one key. */
export interface KeyChange {
  readonly key: string;
  /** Null: it was deleted. */
  readonly record: KvRecord | null;
  /** Of the record; of one that was deleted, its last. */
  readonly version: number;
}

/** The changes of one entry, all of them: a batch is never cut. */
export interface EntryChanges {
  readonly index: number;
  readonly changes: readonly KeyChange[];
}

export interface HistoryPage {
  readonly entries: readonly EntryChanges[];
  /** Every change up to this index is in the page or was before it. */
  readonly reached: number;
  readonly more: boolean;
}

/** Of an entry that put one key, the commonest, its record alone: it knows its index, and lives in the state anyway. */
type Kept = KvRecord | Several;

interface Several {
  readonly index: number;
  readonly writes: readonly Write[];
  readonly bytes: number;
}

function indexOf(kept: Kept): number {
  return "writes" in kept ? kept.index : kept.changedIndex;
}

function bytesOf(kept: Kept): number {
  return "writes" in kept ? kept.bytes : changeBytes + kept.key.length + kept.value.length;
}

/** What a change costs beside its texts, as measured on a heap. */
const changeBytes = 160;
/** Room of the list before entries that went is given back when it is this long. */
const slack = 1_024;

export class KeyHistory {
  readonly limits: HistoryLimits;
  #kept: Kept[] = [];
  /** Place of the oldest in `#kept`. */
  #first = 0;
  #bytes = 0;
  #floor: number;
  #reached: number;

  constructor(limits: HistoryLimits, appliedIndex: number) {
    this.limits = limits;
    this.#floor = appliedIndex;
    this.#reached = appliedIndex;
  }

  /** Changes of entries up to this index are not known: who reads begins here or later. Only grows. */
  get floor(): number {
    return this.#floor;
  }

  /** Everything up to here was applied. */
  get reached(): number {
    return this.#reached;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An entry was applied and wrote this. Entries come in the order of the log. */
  append(index: number, writes: readonly Write[]): void {
    assert(index > this.#reached, "entries are applied in the order of the log, each once");
    this.#reached = index;
    const [only] = writes;
    if (writes.length === 1 && only?.table === "kv" && only.record?.changedIndex === index) return this.#keep(only.record);
    let bytes = 0;
    for (const write of writes) {
      if (write.table === "kv") bytes += changeBytes + write.key.length + (write.record?.value.length ?? 0);
    }
    if (bytes > 0) this.#keep({ index, writes, bytes });
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#bytes += bytesOf(kept);
    while (this.#bytes > this.limits.bytes || this.#kept.length - this.#first > this.limits.entries) this.#dropOldest();
  }

  /** A snapshot took the place of all that was applied: what led to it is not known. */
  restart(appliedIndex: number): void {
    this.#kept = [];
    this.#first = 0;
    this.#bytes = 0;
    this.#floor = appliedIndex;
    this.#reached = appliedIndex;
  }

  /**
   * Changes under `prefix` of entries after `since`, which must not be below the floor. Looks at `limit` entries at most,
   * and ends behind the entry with which the page has `bytes`.
   */
  after(since: number, prefix: string, limit: number, bytes: number): HistoryPage {
    assert(since >= this.#floor, "what is not known cannot be read");
    const entries: EntryChanges[] = [];
    const end = this.#kept.length;
    let at = this.#placeAfter(since);
    let room = bytes;
    for (let looked = 0; at < end && looked < limit && room > 0; at += 1, looked += 1) {
      const kept = this.#kept[at] as Kept;
      const changes = changesIn(kept, prefix);
      if (changes.length === 0) continue;
      entries.push({ index: indexOf(kept), changes });
      room -= bytesOf(kept);
    }
    const more = at < end;
    return { entries, reached: more ? indexOf(this.#kept[at - 1] as Kept) : Math.max(since, this.#reached), more };
  }

  #dropOldest(): void {
    const oldest = this.#kept[this.#first] as Kept;
    this.#kept[this.#first] = gone;
    this.#first += 1;
    this.#bytes -= bytesOf(oldest);
    this.#floor = indexOf(oldest);
    if (this.#first < slack || this.#first * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#first = 0;
  }

  /** Place of the first entry after `since`. */
  #placeAfter(since: number): number {
    let low = this.#first;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (indexOf(this.#kept[middle] as Kept) <= since) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keeps no entry alive that went. */
const gone: Kept = { index: 0, writes: [], bytes: 0 };

function changesIn(kept: Kept, prefix: string): readonly KeyChange[] {
  if (!("writes" in kept)) return kept.key.startsWith(prefix) ? [{ key: kept.key, record: kept, version: kept.version }] : [];
  const changes: KeyChange[] = [];
  for (const write of kept.writes) {
    if (write.table !== "kv" || !write.key.startsWith(prefix)) continue;
    const { key, record, formerVersion } = write;
    changes.push({ key, record, version: record?.version ?? formerVersion });
  }
  return changes;
}
