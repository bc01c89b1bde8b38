/**
 * The disk of one node: asynchronous, in order, atomic by transaction. A crash loses what was not written; of the write
 * that is under way it keeps everything or nothing. What a restart finds is what the real storage would give.
 */

import { assert } from "../assert.ts";
import type { Entry } from "../entry.ts";
import type { AppliedState, GroupWrite, HardState, Row, StoredGroup } from "../storage/storage.ts";
import type { SnapshotOnDisk } from "./node-disk.ts";

const keyOf = (row: { readonly table: string; readonly key: string }): string => `${row.table}\0${row.key}`;

export class Disk {
  /** Transactions that became durable. */
  writes = 0;
  #group = "";
  #hardState: HardState = { currentTerm: 0, votedFor: null };
  #applied: AppliedState = { index: 0, term: 0, configuration: { voters: [], learners: [] }, configurationIndex: 0 };
  #logStart = { index: 0, term: 0 };
  #entries: Entry[] = [];
  #runEnds: number[] = [];
  #rows = new Map<string, Row>();
  #staged = new Map<string, readonly Row[]>();

  /** What a restart finds; undefined when nothing was ever written. */
  load(): StoredGroup | undefined {
    if (this.#group === "") return undefined;
    return {
      group: this.#group,
      hardState: this.#hardState,
      applied: this.#applied,
      logStart: this.#logStart,
      entries: [...this.#entries],
      rows: [...this.#rows.values()],
    };
  }

  snapshot(): SnapshotOnDisk {
    return { applied: this.#applied, rows: [...this.#rows.values()] };
  }

  /** Puts rows of a snapshot aside; a crash loses them. */
  stage(token: string, rows: readonly Row[]): void {
    this.#staged.set(token, rows);
  }

  forgetStaged(): void {
    this.#staged.clear();
  }

  /** The transaction is durable. */
  commit(write: GroupWrite): void {
    this.writes += 1;
    this.#group = write.group;
    if (write.replace) this.#replace(write);
    if (write.truncateFrom !== undefined) this.#truncate(write.truncateFrom);
    this.#append(write.entries ?? []);
    if (write.hardState !== undefined) this.#hardState = write.hardState;
    for (const { table, key, value } of write.rows ?? []) {
      if (value === null) this.#rows.delete(keyOf({ table, key }));
      else this.#rows.set(keyOf({ table, key }), { table, key, value });
    }
    if (write.applied !== undefined) this.#take(write.applied);
    if (write.trimTo !== undefined) this.#trim(write.trimTo);
  }

  /** Turns one bit of an entry, a row, or term and vote; says of which. Undefined: there is nothing to turn. */
  flipBit(lot: number): string | undefined {
    if (this.#group === "") return undefined;
    const rows = [...this.#rows.entries()];
    const at = Math.floor(lot * (this.#entries.length + rows.length + 1));
    const entry = this.#entries[at];
    if (entry !== undefined) {
      const bytes = Uint8Array.from(entry.bytes);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      this.#entries[at] = { ...entry, bytes };
      return `the checksum of entry ${entry.index} does not hold`;
    }
    const found = rows[at - this.#entries.length];
    if (found !== undefined) {
      const [key, row] = found;
      const last = row.value.length - 2;
      const value = row.value.slice(0, last) + String.fromCharCode(row.value.charCodeAt(last) ^ 1) + row.value.slice(last + 1);
      this.#rows.set(key, { ...row, value });
      return `the checksum of row ${row.table} ${row.key} does not hold`;
    }
    this.#hardState = { ...this.#hardState, currentTerm: this.#hardState.currentTerm ^ 1, votedFor: null };
    return "the checksum of term and vote does not hold";
  }

  #take(applied: AppliedState): void {
    const last = this.#entries.at(-1)?.index ?? this.#logStart.index;
    assert(applied.index >= this.#applied.index, "the applied index on disk never goes back");
    assert(applied.index <= last, "what is applied is in the log or in the snapshot");
    this.#applied = applied;
  }

  /** The staged snapshot takes the place of log and rows; the log goes on behind what `applied` covers. */
  #replace(write: GroupWrite): void {
    const rows = this.#staged.get(write.stagedSnapshot ?? "");
    assert(rows !== undefined && write.applied !== undefined, "a snapshot is staged before it is installed");
    this.#rows = new Map(rows.map((row) => [keyOf(row), row]));
    this.#entries = [];
    this.#runEnds = [];
    this.#staged.delete(write.stagedSnapshot ?? "");
    this.#logStart = { index: write.applied.index, term: write.applied.term };
  }

  #append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const last = this.#entries.at(-1)?.index ?? this.#logStart.index;
      assert(entry.index === last + 1, "entries on disk are consecutive");
      this.#entries.push(entry);
    }
    const end = entries.at(-1)?.index;
    if (end !== undefined) this.#runEnds.push(end);
  }

  #truncate(from: number): void {
    const last = this.#entries.at(-1)?.index ?? this.#logStart.index;
    if (from > last) return;
    assert(from > this.#applied.index, "what is applied is never truncated");
    this.#entries.length = from - this.#logStart.index - 1;
    this.#runEnds = this.#runEnds.filter((end) => end < from);
    if (this.#entries.length > 0 && this.#runEnds.at(-1) !== from - 1) this.#runEnds.push(from - 1);
  }

  /** Entries lie packed, one run of them a row, and only whole runs go. */
  #trim(to: number): void {
    assert(to <= this.#applied.index, "only entries behind the rows are trimmed");
    let end = 0;
    while ((this.#runEnds[0] ?? Infinity) <= to) end = this.#runEnds.shift() ?? 0;
    const count = end - this.#logStart.index;
    if (count <= 0) return;
    const last = this.#entries[count - 1];
    assert(last !== undefined, "what is trimmed was there");
    this.#entries.splice(0, count);
    this.#logStart = { index: last.index, term: last.term };
  }
}
