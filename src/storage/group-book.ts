/**
 * What storage remembers of a group's log between writes: where each packed run begins and ends, and the chain of their
 * checksums. From it and a `GroupWrite` it makes one row for the door, without reading the disk (but for a cut inside a run).
 */

import { assert, present } from "../assert.ts";
import { packEntries, type Entry } from "../entry.ts";
import type { GroupId } from "../raft/message.ts";
import { runChecksum } from "./checksum.ts";
import type { LogIds } from "./log-id.ts";
import { newGroup, sealGroup, type GroupRecord } from "./record.ts";
import { packRows, type PackedRows } from "./row-pack.ts";
import type { GroupWrite } from "./storage.ts";

/** Consecutive entries that lie packed in one row of the log. */
export interface Run {
  readonly first: number;
  readonly last: number;
  /** Term of the entry `last`. */
  readonly lastTerm: number;
  /** The checksum that it is chained to, and its own. */
  readonly previous: number;
  readonly chain: number;
}

/** A group's part of a write, ready for the door. Undefined or null: nothing of that kind. */
export interface DoorRow {
  readonly group: GroupId;
  readonly ids: LogIds;
  readonly cutFrom: number | null;
  readonly run: (Run & { readonly packed: Uint8Array }) | undefined;
  readonly trimBefore: number | null;
  readonly rows: PackedRows;
  readonly value: string;
  readonly sum: number;
}

/** Reads the entries of a run that is cut in its middle. */
export type ReadRun = (book: GroupBook, run: Run) => Promise<readonly Entry[]>;

export class GroupBook {
  readonly group: GroupId;
  readonly ids: LogIds;
  private record: GroupRecord;
  private runs: Run[];

  /** `runs` are in order and reach from `record.start` to `record.end`. */
  constructor(group: GroupId, ids: LogIds, record: GroupRecord = newGroup, runs: readonly Run[] = []) {
    this.group = group;
    this.ids = ids;
    this.record = record;
    this.runs = [...runs];
  }

  get runCount(): number {
    return this.runs.length;
  }

  /** Takes `write`, of transaction `sequence`, into the book and says what to do on disk. If that fails the book is of no more use. */
  async take(write: GroupWrite, sequence: number, readRun: ReadRun): Promise<DoorRow> {
    if (write.replace === true) this.replace(write);
    const { cutFrom, kept } = await this.truncate(write.truncateFrom, readRun);
    const run = this.append([...kept, ...(write.entries ?? [])]);
    const before = this.record.applied.index;
    this.record = {
      ...this.record,
      hardState: write.hardState ?? this.record.hardState,
      applied: write.applied ?? this.record.applied,
      sequence,
    };
    assert(this.record.applied.index >= before, "the applied index never goes back");
    assert(this.record.applied.index <= this.record.end.index, "what is applied is in the log or in the snapshot");
    const trimBefore = write.trimTo === undefined ? null : this.trim(write.trimTo);
    const sealed = sealGroup(this.group, this.record);
    return { group: this.group, ids: this.ids, cutFrom, run, trimBefore, rows: packRows(this.group, write.rows ?? []), ...sealed };
  }

  private replace(write: GroupWrite): void {
    const applied = present(write.applied, "a snapshot says what it has applied");
    this.runs = [];
    const start = { index: applied.index, term: applied.term, chain: 0 };
    this.record = { hardState: this.record.hardState, applied, start, end: { index: applied.index, chain: 0 } };
  }

  private async truncate(from: number | undefined, readRun: ReadRun): Promise<{ cutFrom: number | null; kept: readonly Entry[] }> {
    if (from === undefined || from > this.record.end.index) return { cutFrom: null, kept: [] };
    assert(from > this.record.applied.index, "what is applied is never truncated");
    const position = this.runs.findIndex((run) => run.last >= from);
    const cut = present(this.runs[position], "each entry of the log lies in a run");
    const kept = cut.first < from ? (await readRun(this, cut)).slice(0, from - cut.first) : [];
    this.runs.length = position;
    const last = this.runs.at(-1);
    const end = last === undefined ? this.record.start : { index: last.last, chain: last.chain };
    this.record = { ...this.record, end: { index: end.index, chain: end.chain } };
    return { cutFrom: cut.first, kept };
  }

  private append(entries: readonly Entry[]): DoorRow["run"] {
    const [head] = entries;
    const tail = entries.at(-1);
    if (head === undefined || tail === undefined) return undefined;
    const { end } = this.record;
    entries.forEach((entry, at) => assert(entry.index === end.index + 1 + at, "appended entries follow the log's end without a gap"));
    const packed = packEntries(entries);
    const chain = runChecksum(this.group, head.index, tail.index, packed, end.chain);
    const run = { first: head.index, last: tail.index, lastTerm: tail.term, previous: end.chain, chain };
    this.runs.push(run);
    this.record = { ...this.record, end: { index: run.last, chain } };
    return { ...run, packed };
  }

  /** Drops whole runs; one that reaches beyond `to` stays. */
  private trim(to: number): number | null {
    assert(to <= this.record.applied.index, "the log is never trimmed beyond what is applied");
    let count = 0;
    while (count < this.runs.length && present(this.runs[count], "a run").last <= to) count += 1;
    const [last] = this.runs.splice(0, count).slice(-1);
    if (last === undefined) return null;
    this.record = { ...this.record, start: { index: last.last, term: last.lastTerm, chain: last.chain } };
    return last.last + 1;
  }
}
