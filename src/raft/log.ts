/**
 * The log in memory. Its beginning may have been trimmed: `startIndex` and `startTerm` stand for the last entry that
 * is gone. Law: entries are consecutive, and their terms never fall.
 */

import { assert } from "../assert.ts";
import type { Entry } from "../entry.ts";

export class RaftLog {
  #startIndex: number;
  #startTerm: number;
  #entries: Entry[];
  /** Of all entries that are there. */
  #bytes: number;

  constructor(startIndex: number, startTerm: number, entries: readonly Entry[]) {
    this.#startIndex = startIndex;
    this.#startTerm = startTerm;
    this.#entries = [...entries];
    this.#bytes = bytesOf(entries);
    assert(entries.every((entry, at) => entry.index === startIndex + 1 + at), "log entries are consecutive");
  }

  /** Index of the last entry that was trimmed; 0 when none was. */
  get startIndex(): number {
    return this.#startIndex;
  }

  get lastIndex(): number {
    return this.#startIndex + this.#entries.length;
  }

  /** Bytes of the entries in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#startTerm;
  }

  /** Term of the entry at `index`; undefined when it is trimmed or not there. */
  termAt(index: number): number | undefined {
    if (index === this.#startIndex) return this.#startTerm;
    return this.#entries[index - this.#startIndex - 1]?.term;
  }

  entryAt(index: number): Entry | undefined {
    return this.#entries[index - this.#startIndex - 1];
  }

  /** Entries `from`..`to`, both included. */
  slice(from: number, to: number): readonly Entry[] {
    assert(from > this.#startIndex && to <= this.lastIndex, "a slice lies within the log");
    return this.#entries.slice(from - this.#startIndex - 1, to - this.#startIndex);
  }

  /** Entries from `from` on: at least one if there is one, then as many as fit in `maxBytes` and `maxEntries`. */
  sliceBytes(from: number, maxBytes: number, maxEntries: number): readonly Entry[] {
    let bytes = 0;
    let to = from - 1;
    while (to < this.lastIndex && to - from + 1 < maxEntries) {
      const size = this.#entries[to - this.#startIndex]?.bytes.length ?? 0;
      if (to >= from && bytes + size > maxBytes) break;
      bytes += size;
      to += 1;
    }
    return to < from ? [] : this.slice(from, to);
  }

  /** The lowest index behind which the log has at most `maxBytes`: what lies up to it is too much. */
  indexBefore(maxBytes: number): number {
    let over = this.#bytes - maxBytes;
    let at = 0;
    while (over > 0) over -= this.#entries[at++]?.bytes.length ?? over;
    return this.#startIndex + at;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, "an entry is appended at the end of the log");
      assert(entry.term >= this.lastTerm, "terms in the log never fall");
      this.#entries.push(entry);
      this.#bytes += entry.bytes.length;
    }
  }

  /** Removes the entry at `index` and all behind it. */
  truncateFrom(index: number): void {
    assert(index > this.#startIndex, "what was trimmed is committed and cannot be truncated");
    this.#bytes -= bytesOf(this.#entries.splice(Math.max(0, index - this.#startIndex - 1)));
  }

  /** Forgets entries up to and including `index`. */
  trimTo(index: number): void {
    if (index <= this.#startIndex) return;
    const term = this.termAt(index);
    assert(term !== undefined, "only entries that are there can be trimmed");
    this.#bytes -= bytesOf(this.#entries.splice(0, index - this.#startIndex));
    this.#startIndex = index;
    this.#startTerm = term;
  }

  /** The log after a snapshot: empty, beginning behind (index, term). */
  reset(index: number, term: number): void {
    this.#startIndex = index;
    this.#startTerm = term;
    this.#entries = [];
    this.#bytes = 0;
  }

  /** The paper's 5.4.1: is a log that ends with (index, term) at least as up to date as this one? */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
}
