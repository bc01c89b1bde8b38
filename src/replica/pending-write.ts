/** Gathers what one group has to write until the disk is free: many steps, one transaction. */

import type { Entry } from "../entry.ts";
import { neverStored, type RowChange } from "../machine/row-change.ts";
import type { PersistEffect } from "../raft/event.ts";
import type { AppliedState, GroupWrite, HardState, RowWrite } from "../storage/storage.ts";

/** A write that takes longer is not waited for by what was committed before it. */
export const applyPatienceMs = 20;

/** A write, and what becomes durable with it. */
export interface TakenWrite {
  readonly write: GroupWrite;
  /** Persist effects up to this sequence; null: none. */
  readonly sequence: number | null;
  /** Rows up to this index; null: no rows. */
  readonly rowsIndex: number | null;
  readonly takenMs: number;
}

/**
 * Rows wait a little for others of the same key, so that a hot key is not written at every commit. Writing them holds up
 * the log behind them, so they wait longer where that takes longer: the disk belongs to the log for nine parts of ten.
 */
export interface RowPatience {
  /** At most so many wait; fewer where writing them would hold up the log for long. */
  readonly maxRows: number;
  /** As long as the disk is quick; at most twenty times this where it is not. */
  readonly maxDelayMs: number;
  /** Rows of more bytes than that are written at once; 8 MiB when not said. */
  readonly maxBytes?: number;
}

const shareOfRows = 0.1;
const longestDelay = 20;
/**
 * The log shall not wait for rows longer than this. What a row costs depends on where it lies: 3 µs where the rows of a write
 * share their pages, 10 to 30 where each of a million keys dirties a page of its own. So it is measured, not counted.
 */
const longestWriteMs = 30;
const fewestRows = 512;
/** A row that comes again within this time would have been written once if it had waited. */
const hotMs = 2_000;
const firstRows = 4_096;
const defaultMostBytes = 8 * 1024 * 1024;
/** Rows that were small when they changed first may have grown: all changes of a write have so many times as many bytes at most. */
const growth = 8;

export class PendingWrite {
  readonly #group: string;
  readonly #patience: RowPatience;
  #sequence: number | null = null;
  #hardState: HardState | null = null;
  #truncateFrom: number | null = null;
  #entries: Entry[] = [];
  #replace: string | null = null;
  #trimTo: number | null = null;
  /** In the order in which they changed first; the same row changes many times and stands here once. */
  readonly #rows = new Set<RowChange>();
  /** Of them, those that were written a short while ago already. */
  #hotRows = 0;
  /** About the bytes that wait. */
  #rowBytes = 0;
  /** The same, with every change counted: a row that grows is noticed. */
  #changedBytes = 0;
  #rowsSinceMs = Infinity;
  #rowDelayMs: number;
  /** As many as were written in `longestWriteMs` the last times. */
  #rowLimit: number;

  constructor(group: string, patience: RowPatience) {
    this.#group = group;
    this.#patience = patience;
    this.#rowDelayMs = patience.maxDelayMs;
    this.#rowLimit = Math.min(patience.maxRows, firstRows);
  }

  /** `stagedSnapshot`: where the rows of a snapshot that the effect installs lie. */
  addPersist(effect: PersistEffect, stagedSnapshot: string | null): void {
    this.#sequence = effect.sequence;
    if (effect.hardState !== null) this.#hardState = effect.hardState;
    if (effect.snapshot !== null) {
      this.#replace = stagedSnapshot ?? "";
      this.#entries = [];
      this.#truncateFrom = null;
      this.#forgetRows();
      this.#trimTo = null;
    }
    if (effect.truncateFrom !== null) this.#truncate(effect.truncateFrom);
    for (const entry of effect.entries) this.#entries.push(entry);
  }

  /** Entries that were not written yet simply go; what lies on disk must be truncated there. */
  #truncate(from: number): void {
    const first = this.#entries[0]?.index ?? Infinity;
    this.#entries = this.#entries.filter((entry) => entry.index < from);
    if (from < first) this.#truncateFrom = Math.min(this.#truncateFrom ?? from, from);
  }

  addRows(changes: readonly RowChange[], nowMs: number): void {
    for (const change of changes) {
      const bytes = change.size ?? change.key.length + (change.value?.length ?? 0);
      this.#changedBytes += bytes;
      if (this.#rows.has(change)) continue;
      this.#rows.add(change);
      this.#rowBytes += bytes;
      const { storedMs = neverStored } = change;
      if (storedMs !== neverStored && nowMs - storedMs < hotMs) this.#hotRows += 1;
    }
    if (this.#rowsSinceMs === Infinity) this.#rowsSinceMs = nowMs;
  }

  /** Entries up to `index` may go from the disk. */
  addTrim(index: number): void {
    this.#trimTo = Math.max(this.#trimTo ?? 0, index);
  }

  /** True when something should go to disk now. */
  isDue(nowMs: number): boolean {
    return this.#sequence !== null || this.#rowsDue(nowMs);
  }

  /** True when what `take` gives has rows. */
  takesRows(nowMs: number): boolean {
    return this.#replace !== null || this.#rowsDue(nowMs);
  }

  #rowsDue(nowMs: number): boolean {
    if (nowMs - this.#rowsSinceMs >= this.#rowDelayMs) return true;
    const mostBytes = this.#patience.maxBytes ?? defaultMostBytes;
    if (this.#rowBytes >= mostBytes || this.#changedBytes >= mostBytes * growth) return true;
    // Where rows come again and again, many at once are fewer in all, and what counts is their share of the time.
    const isHot = this.#hotRows * 4 > this.#rows.size;
    return this.#rows.size >= (isHot ? this.#patience.maxRows : this.#rowLimit);
  }

  /** The rows as they are now, each once: what came later counts. One that was never stored and is gone again is left out. */
  #takeRows(nowMs: number): readonly RowWrite[] {
    const tables = new Map<string, Map<string, RowChange>>();
    for (const change of this.#rows) {
      let table = tables.get(change.table);
      if (table === undefined) tables.set(change.table, (table = new Map()));
      const former = table.get(change.key);
      if (former !== undefined && former.storedMs !== neverStored) change.storedMs = former.storedMs ?? 0;
      table.set(change.key, change);
    }
    const rows: RowWrite[] = [];
    for (const table of tables.values()) {
      for (const change of table.values()) {
        const { key, value } = change;
        if (value === null && change.storedMs === neverStored) continue;
        change.storedMs = Math.trunc(nowMs);
        rows.push({ table: change.table, key, value });
      }
    }
    this.#forgetRows();
    return rows;
  }

  #forgetRows(): void {
    this.#rows.clear();
    this.#hotRows = 0;
    this.#rowBytes = 0;
    this.#changedBytes = 0;
    this.#rowsSinceMs = Infinity;
  }

  /** The write is durable. */
  written({ write, rowsIndex, takenMs }: TakenWrite, nowMs: number): void {
    if (rowsIndex === null) return;
    const { maxDelayMs, maxRows } = this.#patience;
    const count = write.rows?.length ?? 0;
    // Of few rows the time is that of the log's part of the write.
    if (count >= fewestRows) {
      const fitting = (count * longestWriteMs) / Math.max(nowMs - takenMs, 1);
      this.#rowLimit = Math.min(Math.max((this.#rowLimit + fitting) / 2, fewestRows), Math.max(fitting, fewestRows), maxRows);
    }
    const restMs = (nowMs - takenMs) * (1 / shareOfRows - 1);
    this.#rowDelayMs = Math.min(Math.max(restMs, maxDelayMs), maxDelayMs * longestDelay);
  }

  /** Takes what is to be written; `applied` goes along with the rows. */
  take(applied: AppliedState, nowMs: number): TakenWrite {
    const withRows = this.takesRows(nowMs);
    // Rows of a snapshot may have been followed by entries that were applied already: the log on disk begins behind them.
    const entries = this.#replace === null ? this.#entries : this.#entries.filter((entry) => entry.index > applied.index);
    const write: GroupWrite = {
      group: this.#group,
      ...(this.#replace === null ? {} : { replace: true, stagedSnapshot: this.#replace }),
      ...(this.#truncateFrom === null ? {} : { truncateFrom: this.#truncateFrom }),
      ...(entries.length === 0 ? {} : { entries }),
      ...(this.#hardState === null ? {} : { hardState: this.#hardState }),
      ...(withRows ? { rows: this.#takeRows(nowMs), applied } : {}),
      ...(this.#trimTo === null ? {} : { trimTo: this.#trimTo }),
    };
    const taken = { write, sequence: this.#sequence, rowsIndex: withRows ? applied.index : null, takenMs: nowMs };
    this.#sequence = null;
    this.#hardState = null;
    this.#truncateFrom = null;
    this.#entries = [];
    this.#replace = null;
    this.#trimTo = null;
    return taken;
  }
}
