/**
 * A disk of the second mode: the real storage over real files. Virtual time stands still while SQLite works, so that the
 * run stays a function of its seed. A crash leaves what a power cut would: the files as they were synced, and of the
 * transaction under way, whose frames nobody has synced yet, any part.
 */

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { openSqliteStorage } from "../storage/sqlite.ts";
import type { GroupWrite, Row, Storage, StoredGroup } from "../storage/storage.ts";
import type { Chance } from "./chance.ts";
import type { FoundOnDisk, NodeDisk, SnapshotOnDisk, WriteFate } from "./node-disk.ts";
import { tornWal } from "./torn-wal.ts";
import { groupName } from "./world.ts";

const snapshotPageBytes = 1024 * 1024;

export interface SqlDiskOptions {
  readonly directory: string;
  readonly chance: Chance;
  /** Does a job before virtual time goes on, after those that were handed over before. */
  readonly wait: (job: () => Promise<void>) => void;
}

export class SqlDisk implements NodeDisk {
  writes = 0;
  readonly #options: SqlDiskOptions;
  #storage: Storage | null = null;
  /** A write that ended in an error; what is left of it shows at the crash that follows. */
  #failed: { readonly write: GroupWrite; readonly fate: WriteFate } | null = null;

  constructor(options: SqlDiskOptions) {
    this.#options = options;
  }

  #path(ending = ""): string {
    return join(this.#options.directory, `blixard.db${ending}`);
  }

  get #markPath(): string {
    return join(this.#options.directory, "mark");
  }

  load(then: (found: FoundOnDisk) => void): void {
    this.#options.wait(async () => then(await this.#load()));
  }

  async #load(): Promise<FoundOnDisk> {
    try {
      this.#storage = await openSqliteStorage({ directory: this.#options.directory });
      const groups: readonly StoredGroup[] = await this.#storage.load();
      return { kind: "found", stored: groups.find(({ group }) => group === groupName) };
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "DATABASE_DAMAGED") throw error;
      await this.#closeStorage();
      return { kind: "damaged", what: error.message.replaceAll(this.#options.directory, "its directory") };
    }
  }

  async #closeStorage(): Promise<void> {
    await this.#storage?.close();
    this.#storage = null;
  }

  commit(write: GroupWrite, then: () => void): void {
    this.#options.wait(async () => {
      await this.#storage?.write([write]);
      this.writes += 1;
      then();
    });
  }

  fail(write: GroupWrite, fate: WriteFate): void {
    this.#failed = { write, fate };
  }

  crash(write: GroupWrite | null, fate: WriteFate): void {
    const last = write === null ? this.#failed : { write, fate };
    this.#failed = null;
    this.#options.wait(async () => {
      if (this.#storage === null) return;
      const { database, wal, mark } = await this.#remains(this.#storage, last);
      // Closing would tidy up, which a crash does not.
      await this.#closeStorage();
      await writeFile(this.#markPath, mark);
      await writeFile(this.#path(), database);
      await writeFile(this.#path("-wal"), wal);
      await rm(this.#path("-shm"), { force: true });
    });
  }

  /** The files as the crash leaves them. A write under way was not acknowledged, so that the mark does not tell of it. */
  async #remains(
    storage: Storage,
    last: { readonly write: GroupWrite; readonly fate: WriteFate } | null,
  ): Promise<{ database: Buffer; wal: Buffer; mark: Buffer }> {
    await storage.identity();
    const mark = await readFile(this.#markPath);
    const before = await this.#read("-wal");
    if (last !== null && last.fate !== "lost") {
      await storage.write([last.write]);
      if (last.fate === "kept") this.writes += 1;
    }
    const [database, after] = [await this.#read(""), await this.#read("-wal")];
    return { database, wal: last?.fate === "torn" ? tornWal(before, after, this.#options.chance) : after, mark };
  }

  async #read(ending: string): Promise<Buffer> {
    return await readFile(this.#path(ending)).catch(() => Buffer.alloc(0));
  }

  readSnapshot(then: (snapshot: SnapshotOnDisk | undefined) => void): void {
    this.#options.wait(async () => then(await this.#snapshot()));
  }

  async #snapshot(): Promise<SnapshotOnDisk | undefined> {
    try {
      const reader = await this.#storage?.openSnapshot(groupName);
      if (reader === undefined) return undefined;
      const rows: Row[] = [];
      for (let page = await reader.next(snapshotPageBytes); page.length > 0; page = await reader.next(snapshotPageBytes)) rows.push(...page);
      await reader.close();
      return { applied: reader.applied, rows };
    } catch (error) {
      if (error instanceof UserError && (error.code === "NOT_FOUND" || error.code === "DATABASE_DAMAGED")) return undefined;
      throw error;
    }
  }

  stage(token: string, rows: readonly Row[], then: () => void): void {
    this.#options.wait(async () => {
      await this.#storage?.stageSnapshot(groupName, token, rows, true);
      then();
    });
  }

  flipBit(lot: number): void {
    this.#options.wait(async () => {
      const [database, wal] = [await this.#read(""), await this.#read("-wal")];
      let bit = Math.floor(lot * (database.length + wal.length) * 8);
      const inWal = bit >= database.length * 8;
      if (inWal) bit -= database.length * 8;
      const content = inWal ? wal : database;
      if (content.length === 0) return;
      content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(this.#path(inWal ? "-wal" : ""), content);
    });
  }

  wipe(): void {
    this.#options.wait(async () => {
      await this.#closeStorage();
      for (const path of [...["", "-wal", "-shm"].map((ending) => this.#path(ending)), this.#markPath]) await rm(path, { force: true });
    });
  }

  /** Closes the files. */
  async close(): Promise<void> {
    await this.#closeStorage();
  }
}
