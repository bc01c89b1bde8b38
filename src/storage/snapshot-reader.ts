/** One group's rows as they are durable at one moment, for a follower that is behind. */

import { UserError } from "../errors.ts";
import type { GroupId } from "../raft/message.ts";
import { Connection } from "./connection.ts";
import { damaged, fromDisk } from "./disk-error.ts";
import { unsealGroup } from "./record.ts";
import { RowPage, selectPage } from "./row-page.ts";
import type { AppliedState, Row, SnapshotMark, SnapshotReader } from "./storage.ts";

/** Reads the rows of a group in the order of their keys, verifies each, and in the end that none is missing. */
export class RowWalk {
  private readonly connection: Connection;
  private readonly directory: string;
  private readonly group: GroupId;
  private readonly expected: { readonly count: number; readonly sum: number };
  private ahead: Promise<Buffer | null> | undefined;
  private after: readonly [string, string] | null = null;
  private count = 0;
  private sum = 0;

  constructor(connection: Connection, directory: string, group: GroupId, expected: { readonly count: number; readonly sum: number }) {
    this.connection = connection;
    this.directory = directory;
    this.group = group;
    this.expected = expected;
  }

  /** What was read so far. */
  get position(): Omit<SnapshotMark, "skip"> {
    return { after: this.after, count: this.count, sum: this.sum };
  }

  set position({ after, count, sum }: Omit<SnapshotMark, "skip">) {
    this.ahead = undefined;
    this.after = after;
    this.count = count;
    this.sum = sum;
  }

  /** The next page of rows; empty at the end. */
  async next(): Promise<readonly Row[]> {
    const page = await (this.ahead ?? this.read());
    this.ahead = undefined;
    if (page === null) {
      if (this.count === this.expected.count && this.sum === this.expected.sum) return [];
      throw this.damage(`${this.count} rows of ${this.expected.count} are found`);
    }
    const read = RowPage.of(page);
    if (read === undefined) throw this.damage("some are no rows");
    this.after = read.end;
    // The next page is read while this one is verified. What goes wrong is told to who asks for it, if anybody does.
    this.ahead = this.read();
    this.ahead.catch(() => undefined);
    const rows = read.rows(this.group, ({ table, key }) => {
      throw damaged(this.directory, `group ${this.group}, table ${table}, row ${key}`, "its checksum does not hold", this.group);
    });
    this.count += rows.length;
    this.sum = read.addSums(this.sum);
    return rows;
  }

  private async read(): Promise<Buffer | null> {
    const { after } = this;
    const [answer] = await this.connection.all<{ page: Buffer | null }>(selectPage(after !== null), [this.group, ...(after ?? [])]);
    return answer?.page ?? null;
  }

  private damage(what: string): UserError {
    return damaged(this.directory, `group ${this.group}, table rows`, what, this.group);
  }
}

/** Where a snapshot is read, how long it may last, and who wants to know when it is closed. */
interface Place {
  readonly database: string;
  readonly directory: string;
  readonly group: GroupId;
  readonly lifetimeMs: number;
  readonly onClose: () => void;
}

export class SqliteSnapshotReader implements SnapshotReader {
  readonly applied: AppliedState;
  private readonly connection: Connection;
  private readonly directory: string;
  private readonly group: GroupId;
  private readonly walk: RowWalk;
  private readonly timer: NodeJS.Timeout;
  private buffered: readonly Row[] = [];
  /** How many of `buffered` were given out, and where the walk stood before they were read. */
  private taken = 0;
  private begin: Omit<SnapshotMark, "skip"> = { after: null, count: 0, sum: 0 };
  private rewound: SnapshotMark | undefined;
  private ended: UserError | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  private readonly onClose: () => void;

  private constructor(connection: Connection, place: Place, applied: AppliedState, walk: RowWalk) {
    this.connection = connection;
    this.directory = place.directory;
    this.group = place.group;
    this.onClose = place.onClose;
    this.applied = applied;
    this.walk = walk;
    this.timer = setTimeout(() => this.expire(place.lifetimeMs), place.lifetimeMs).unref();
  }

  /** Begins the one read transaction that all pages come from. It holds back the checkpoint, hence `lifetimeMs`. */
  static async open(place: Place): Promise<SqliteSnapshotReader> {
    const { directory, group } = place;
    const connection = await Connection.open(place.database, "read", 5000);
    try {
      await connection.exec("PRAGMA query_only = ON; BEGIN");
      const [state] = await connection.all<{ value: string; sum: number; row_count: number; row_sum: number }>(
        "SELECT value, sum, row_count, row_sum FROM state WHERE grp = ?",
        [group],
      );
      if (state === undefined) throw new UserError("NOT_FOUND", `There is no group ${group} in ${directory}.`, { group });
      const record = unsealGroup(group, state);
      if (record === undefined) throw damaged(directory, `group ${group}, table state`, "its checksum does not hold", group);
      const walk = new RowWalk(connection, directory, group, { count: state.row_count, sum: state.row_sum });
      return new SqliteSnapshotReader(connection, place, record.applied, walk);
    } catch (error) {
      await connection.close();
      throw fromDisk(directory, `reading a snapshot of group ${group}`, error);
    }
  }

  next(maxBytes: number): Promise<readonly Row[]> {
    const page = this.busy.then(() => this.page(maxBytes));
    this.busy = page.catch(() => undefined);
    return page;
  }

  private async page(maxBytes: number): Promise<readonly Row[]> {
    const page: Row[] = [];
    let bytes = 0;
    for (;;) {
      if (this.ended !== undefined) throw this.ended;
      if (this.taken === this.buffered.length) await this.fill();
      const row = this.buffered[this.taken];
      if (row === undefined) return page;
      bytes += row.table.length + row.key.length + row.value.length;
      if (page.length > 0 && bytes > maxBytes) return page;
      page.push(row);
      this.taken += 1;
    }
  }

  /** Reads the next portion, or what is left of one that was rewound to. */
  private async fill(): Promise<void> {
    const { skip } = this.rewound ?? { skip: 0 };
    this.begin = this.walk.position;
    this.rewound = undefined;
    this.buffered = await this.read();
    this.taken = skip;
    // The mark stood at the end of its portion.
    if (this.buffered.length > 0 && this.buffered.length === skip) await this.fill();
  }

  mark(): SnapshotMark {
    return this.rewound ?? { ...this.begin, skip: this.taken };
  }

  rewind(mark: SnapshotMark): void {
    this.busy = this.busy.then(() => {
      const { after, count, sum } = mark;
      this.walk.position = { after, count, sum };
      this.buffered = [];
      this.taken = 0;
      this.rewound = mark;
    });
  }

  private async read(): Promise<readonly Row[]> {
    try {
      return await this.walk.next();
    } catch (error) {
      throw fromDisk(this.directory, `reading a snapshot of group ${this.group}`, error);
    }
  }

  private expire(lifetimeMs: number): void {
    const after = `after ${lifetimeMs / 1000} s`;
    this.ended ??= new UserError("TIMEOUT", `The snapshot of group ${this.group} was closed ${after}: it held back the write-ahead log.`, {
      group: this.group,
      next: "Ask for a new one.",
    });
    void this.close();
  }

  close(): Promise<void> {
    this.ended ??= new UserError("FAILED", `The snapshot of group ${this.group} is closed.`, { group: this.group });
    clearTimeout(this.timer);
    this.closing ??= this.busy.then(() => this.connection.close()).finally(this.onClose);
    return this.closing;
  }
}
