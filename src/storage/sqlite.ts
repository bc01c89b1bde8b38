/** The storage of a node in SQLite: one database for all groups, one writer, fail-stop. */

import { rm, stat } from "node:fs/promises";
import { statSync } from "node:fs";
import { join } from "node:path";

import { assert, present } from "../assert.ts";
import type { Entry } from "../entry.ts";
import { UserError } from "../errors.ts";
import type { GroupId } from "../raft/message.ts";
import { Checkpointer, journalBytes } from "./checkpoint.ts";
import { Connection } from "./connection.ts";
import { openDatabase } from "./open-database.ts";
import { keepReserve, lockDirectory, prepareDirectory, touchPrivate, type DirectoryLock } from "./directory.ts";
import { damaged, fromDisk } from "./disk-error.ts";
import { DurableMark } from "./durable-mark.ts";
import { GroupBook, type DoorRow, type Run } from "./group-book.ts";
import { checkIdentityChange } from "./identity.ts";
import { Latency } from "./latency.ts";
import { loadGroups, verifyRun } from "./load.ts";
import { logIds, type LogIds } from "./log-id.ts";
import type { NodeRecord } from "./record.ts";
import { packStagedRows } from "./row-pack.ts";
import { makeDurable, stageRows } from "./schema.ts";
import { SqliteSnapshotReader } from "./snapshot-reader.ts";
import type { GroupWrite, Row, SnapshotReader, Storage, StorageStatus, StoredGroup, StoredIdentity, TakeRows } from "./storage.ts";
import { findWalDamage } from "./wal-check.ts";
import { Writer, type Replacement } from "./writer.ts";

const databaseName = "blixard.db";
const busyTimeoutMs = 5000;

export interface SqliteStorageOptions {
  readonly directory: string;
  /** A snapshot that is read longer than this is closed, since it holds back the checkpoint. Default: 60 s. */
  readonly snapshotLifetimeMs?: number;
}

/** What `SqliteStorage` is made of. */
interface Parts {
  readonly options: SqliteStorageOptions;
  readonly lock: DirectoryLock;
  readonly connection: Connection;
  readonly background: Connection;
  readonly mark: DurableMark;
  readonly node: NodeRecord;
  readonly sequence: number;
}

/** Connections of a storage that failed. Closing them would write; they stay until the process ends, which is soon. */
const abandoned: SqliteStorage[] = [];

/** True when a storage was made in `directory`. Changes nothing there. */
export function hasDatabase(directory: string): Promise<boolean> {
  return stat(join(directory, databaseName)).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw fromDisk(directory, "looking for a database", error);
    },
  );
}

/** Opens the storage in `directory`, which is made if it is not there. Throws `UserError` when it cannot be used. */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const { directory } = options;
  const path = join(directory, databaseName);
  await prepareDirectory(directory, databaseName);
  const lock = await lockDirectory(directory);
  const opened: { close(): Promise<void> }[] = [];
  try {
    await keepReserve(directory);
    const walDamage = await findWalDamage(path);
    if (walDamage !== undefined) throw damaged(directory, walDamage, "the checksum does not hold");
    const staging = join(directory, "staging.db");
    await rm(staging, { force: true });
    await touchPrivate(directory, staging);
    await touchPrivate(directory, path);
    const connection = await Connection.open(path, "write", busyTimeoutMs);
    opened.push(connection);
    const mark = await DurableMark.open(directory);
    opened.push(mark);
    const found = await openDatabase(connection, directory, staging, mark);
    const background = await Connection.open(path, "write", busyTimeoutMs);
    opened.push(background);
    await makeDurable(background, journalBytes);
    return new SqliteStorage({ options, lock, connection, background, mark, ...found });
  } catch (error) {
    for (const part of opened) await part.close().catch(() => undefined);
    await lock.release();
    throw fromDisk(directory, "opening the database", error);
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

class SqliteStorage implements Storage {
  private readonly directory: string;
  private readonly lock: DirectoryLock;
  private readonly connection: Connection;
  private readonly background: Connection;
  private readonly writer: Writer;
  private readonly checkpointer: Checkpointer;
  private readonly latency = new Latency();
  private readonly readers = new Set<SqliteSnapshotReader>();
  private readonly snapshotLifetimeMs: number;
  private readonly staged = new Map<GroupId, string>();
  private readonly mark: DurableMark;
  private node: NodeRecord;
  /** Number of the last transaction that is durable. */
  private sequence: number;
  /** Undefined until the groups were read. */
  private books: Map<GroupId, GroupBook> | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  /** The first failure of a write. It is final. */
  private failure: unknown;
  private closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.directory = parts.options.directory;
    this.snapshotLifetimeMs = parts.options.snapshotLifetimeMs ?? 60_000;
    this.lock = parts.lock;
    this.connection = parts.connection;
    this.background = parts.background;
    this.node = parts.node;
    this.mark = parts.mark;
    this.sequence = parts.sequence;
    this.writer = new Writer(this.connection);
    this.checkpointer = new Checkpointer(this.background, (job) => this.queued("a checkpoint", job));
  }

  /** One job at a time, in order. After the first that failed none is started: the disk may have lost what it had taken. */
  private queued<T>(doing: string, job: () => Promise<T>): Promise<T> {
    const result = this.tail.then(async () => {
      if (this.failure !== undefined) throw this.failure;
      try {
        return await job();
      } catch (error) {
        this.failure = fromDisk(this.directory, doing, error);
        throw this.failure;
      }
    });
    this.tail = result.catch(() => undefined);
    return result;
  }

  private enter<T>(doing: string, job: () => Promise<T>): Promise<T> {
    if (this.closing !== undefined) return Promise.reject(new UserError("FAILED", `The storage in ${this.directory} is closed.`));
    return this.queued(doing, job);
  }

  identity(): Promise<StoredIdentity | undefined> {
    return this.enter("reading the identity", () => {
      this.mark.keepUp();
      return Promise.resolve(this.node.identity ?? undefined);
    });
  }

  async setIdentity(identity: StoredIdentity): Promise<void> {
    checkIdentityChange(this.directory, this.node.identity, identity);
    await this.enter("writing the identity", async () => {
      const sequence = this.sequence + 1;
      const node = { ...this.node, identity, sequence };
      await this.writer.writeNode(node);
      this.node = node;
      this.sequence = sequence;
      this.marked();
    });
  }

  load(take?: TakeRows): Promise<readonly StoredGroup[]> {
    return this.enter("reading the database", () => this.read(take));
  }

  private async read(take?: TakeRows): Promise<readonly StoredGroup[]> {
    const groups = await loadGroups(this.connection, this.directory, this.node.groups, take);
    this.books = new Map(groups.map(({ stored, book }) => [stored.group, book]));
    return groups.map(({ stored }) => stored);
  }

  write(writes: readonly GroupWrite[]): Promise<void> {
    return this.enter("a write", async () => {
      if (writes.length === 0) return;
      const began = performance.now();
      if (this.books === undefined) await this.read(() => undefined);
      const added = [...new Set(writes.map((write) => write.group))].filter((group) => !this.node.groups.includes(group));
      const sequence = this.sequence + 1;
      const node = added.length === 0 ? undefined : { ...this.node, groups: [...this.node.groups, ...added], sequence };
      const rows: DoorRow[] = [];
      for (const write of writes) rows.push(await this.take(write, sequence, (node ?? this.node).groups));
      const replacements = this.replacementsOf(writes, rows);
      await this.writer.write(rows, replacements, node);
      this.sequence = sequence;
      this.marked();
      if (node !== undefined) this.node = node;
      for (const { group } of replacements) this.staged.delete(group);
      this.latency.add(performance.now() - began);
      for (const row of rows) this.checkpointer.wrote(sizeOfRow(row), row.rows.putCount);
      // A snapshot that was installed lies in the write-ahead log as a whole.
      if (replacements.length > 0) this.checkpointer.wrote(journalBytes, 0);
    });
  }

  private marked(): void {
    this.mark.keepUpSoon(this.sequence, (error) => (this.failure ??= fromDisk(this.directory, "writing the mark", error)));
  }

  private take(write: GroupWrite, sequence: number, groups: readonly GroupId[]): Promise<DoorRow> {
    const books = present(this.books, "the groups were read");
    let book = books.get(write.group);
    if (book === undefined) books.set(write.group, (book = new GroupBook(write.group, logIds(groups.indexOf(write.group)))));
    return book.take(write, sequence, ({ group, ids }, run) => this.readRun(group, ids, run));
  }

  private replacementsOf(writes: readonly GroupWrite[], rows: readonly DoorRow[]): readonly Replacement[] {
    const replacements: Replacement[] = [];
    for (const [at, { group, replace, stagedSnapshot }] of writes.entries()) {
      assert(stagedSnapshot === undefined || replace === true, "a staged snapshot replaces the group");
      if (replace !== true) continue;
      assert(stagedSnapshot === undefined || this.staged.get(group) === stagedSnapshot, "the snapshot was staged under its token");
      assert(writes.filter((write) => write.group === group).length === 1, "a group that is replaced is written once");
      replacements.push({ group, ids: present(rows[at], "a row for the door for each write").ids, staged: stagedSnapshot !== undefined });
    }
    return replacements;
  }

  private async readRun(group: GroupId, ids: LogIds, run: Run): Promise<readonly Entry[]> {
    const [stored] = await this.connection.all<{ first: number; last: number; entries: Uint8Array; sum: number }>(
      "SELECT first, last, entries, sum FROM log WHERE id = ?",
      [ids.first + run.first],
    );
    if (stored === undefined || stored.sum !== run.chain) {
      throw damaged(this.directory, `group ${group}, table log, entry ${run.first}`, "the run is gone", group);
    }
    return verifyRun(this.directory, group, stored, { last: run.first - 1, chain: run.previous });
  }

  async openSnapshot(group: GroupId): Promise<SnapshotReader> {
    await this.enter("opening a snapshot", () => Promise.resolve());
    const reader: SqliteSnapshotReader = await SqliteSnapshotReader.open({
      database: join(this.directory, databaseName),
      directory: this.directory,
      group,
      lifetimeMs: this.snapshotLifetimeMs,
      onClose: () => this.readers.delete(reader),
    });
    this.readers.add(reader);
    return reader;
  }

  stageSnapshot(group: GroupId, token: string, rows: readonly Row[], first: boolean): Promise<void> {
    return this.enter("staging a snapshot", async () => {
      assert(first || this.staged.get(group) === token, "the pages of a snapshot follow its first page");
      if (first) {
        await this.connection.all("DELETE FROM staged_rows WHERE grp = ?", [group]);
        this.staged.set(group, token);
      }
      await this.connection.all(stageRows, [group, packStagedRows(group, rows)]);
    });
  }

  status(): StorageStatus {
    const path = join(this.directory, databaseName);
    const [writeP50Ms = 0, writeP99Ms = 0] = this.latency.quantiles(0.5, 0.99);
    return { databaseBytes: sizeOf(path), walBytes: sizeOf(`${path}-wal`), writeP50Ms, writeP99Ms, writes: this.latency.writes };
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    for (const reader of this.readers) await reader.close();
    await this.checkpointer.settled();
    await this.tail;
    if (this.failure instanceof UserError && this.failure.code !== "DATABASE_DAMAGED") {
      abandoned.push(this);
    } else {
      await this.background.close();
      await this.connection.close();
    }
    await this.mark.close();
    await this.lock.release();
  }
}

function sizeOfRow({ run, rows }: DoorRow): number {
  return (run?.packed.length ?? 0) + (rows.puts?.length ?? 0);
}
