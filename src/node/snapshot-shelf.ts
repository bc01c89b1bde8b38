/**
 * Snapshots that are being sent to followers, each from one read transaction. One that broke off is kept for a while, so that
 * its follower goes on behind the last page that it has. Few are kept, for each holds back the write-ahead log.
 */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { GroupId } from "../raft/message.ts";
import type { SnapshotMark, SnapshotReader, Storage } from "../storage/storage.ts";
import type { SnapshotPage, SnapshotResume } from "../transport/transport.ts";

/** About this many bytes of rows travel in one page. */
const pageBytes = 512 * 1024;
const keptMs = 15_000;
const mostKept = 3;

interface Kept {
  readonly group: GroupId;
  readonly reader: SnapshotReader;
  /** Before each page, from the first on. */
  readonly marks: SnapshotMark[];
  /** Counts those who sent it: the last one does, an earlier one has lost its stream and does not know yet. */
  sender: number;
  timer: NodeJS.Timeout | null;
}

export class SnapshotShelf {
  readonly #storage: Storage;
  readonly #clock: () => number;
  readonly #kept = new Map<string, Kept>();

  /** `clock`: the node's logical clock. */
  constructor(storage: Storage, clock: () => number) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** The pages of a new snapshot that reaches `atLeastIndex`, or those that are missing of an earlier one. */
  async *send(group: GroupId, atLeastIndex: number, resume: SnapshotResume | null): AsyncIterable<SnapshotPage> {
    const snapshot = resume?.snapshot ?? randomUUID();
    const kept = resume === null ? await this.#open(group, atLeastIndex, snapshot) : this.#takeUp(group, resume);
    const sender = ++kept.sender;
    let number = resume?.received ?? 0;
    try {
      for (;;) {
        const rows = await kept.reader.next(pageBytes);
        if (kept.sender !== sender) return;
        number += 1;
        kept.marks[number] = kept.reader.mark();
        const last = rows.length === 0;
        yield { applied: number === 1 ? kept.reader.applied : null, rows, last, clock: this.#clock(), snapshot, number };
        if (last || kept.sender !== sender) return;
      }
    } finally {
      if (kept.sender === sender) this.#shelve(snapshot, kept);
    }
  }

  async #open(group: GroupId, atLeastIndex: number, snapshot: string): Promise<Kept> {
    const reader = await this.#storage.openSnapshot(group);
    const { index } = reader.applied;
    if (index < atLeastIndex) {
      await reader.close();
      throw new UserError("WRONG_STATE", `the rows on disk reach index ${index}, not ${atLeastIndex}`, { group });
    }
    const kept: Kept = { group, reader, marks: [reader.mark()], sender: 0, timer: null };
    this.#kept.set(snapshot, kept);
    for (const [id, oldest] of this.#kept) if (this.#kept.size > mostKept && oldest.timer !== null) this.#drop(id, oldest);
    return kept;
  }

  #takeUp(group: GroupId, { snapshot, received }: SnapshotResume): Kept {
    const kept = this.#kept.get(snapshot);
    const mark = kept?.marks[received];
    if (kept === undefined || kept.group !== group || mark === undefined) {
      throw new UserError("NOT_FOUND", "that snapshot is not kept any more", { group, next: "Ask for a new one." });
    }
    if (kept.timer !== null) clearTimeout(kept.timer);
    kept.timer = null;
    kept.reader.rewind(mark);
    return kept;
  }

  #shelve(snapshot: string, kept: Kept): void {
    kept.timer = setTimeout(() => this.#drop(snapshot, kept), keptMs).unref();
  }

  #drop(snapshot: string, kept: Kept): void {
    if (kept.timer !== null) clearTimeout(kept.timer);
    this.#kept.delete(snapshot);
    void kept.reader.close();
  }
}
