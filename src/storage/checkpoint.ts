/**
 * Moves the write-ahead log into the database before it grows large. SQLite's own way does it inside a commit, which then
 * takes tens of milliseconds. Here a second connection copies most of it while writes go on; then, between two writes,
 * the little that came meanwhile, so that the next write starts the log anew. The file keeps its length: overwriting is
 * twice as fast as growing, for the length of the file need not be made durable each time.
 */

import { present } from "../assert.ts";
import type { Connection } from "./connection.ts";

const pageBytes = 4096;
/** 16 MiB. */
const softPages = 4096;

/** 32 MiB. */
const keptFreePages = 8192;
const freedAtOnce = 512;

/** The write-ahead log is cut to this when it starts anew. */
export const journalBytes = 64 * 1024 * 1024;

/** Pages in the log. */
interface Progress {
  readonly log: number;
}

export class Checkpointer {
  private readonly connection: Connection;
  /** Runs a job while no write runs. A failure in it stops the storage. */
  private readonly between: (job: () => Promise<void>) => Promise<void>;
  private pages = 0;
  private running: Promise<void> | undefined;

  constructor(connection: Connection, between: (job: () => Promise<void>) => Promise<void>) {
    this.connection = connection;
    this.between = between;
  }

  /** Tells about a write. Counts pages generously: each changed row may dirty a page. */
  wrote(bytes: number, rows: number): void {
    this.pages += 4 + rows + Math.ceil(bytes / pageBytes);
    if (this.pages < softPages || this.running !== undefined) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Fulfils when no checkpoint runs. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      const now = await this.progress("NOOP");
      if (now.log < softPages) {
        this.pages = now.log;
        return;
      }
      await this.progress("PASSIVE");
    } catch (error) {
      // The failure is reported where writes are: it must stop them.
      return await this.between(() => Promise.reject(error)).catch(() => undefined);
    }
    await this.between(async () => {
      await this.progress("PASSIVE");
      // A reader of a snapshot may hold the log back; then it is tried again after as many pages.
      this.pages = 0;
      await this.shrink();
    }).catch(() => undefined);
  }

  /** Gives free pages back to the file system, a few at a time. Some stay: the log uses what its trimming freed. */
  private async shrink(): Promise<void> {
    const [free] = await this.connection.all<{ freelist_count: number }>("PRAGMA main.freelist_count");
    if ((free?.freelist_count ?? 0) > keptFreePages) await this.connection.exec(`PRAGMA main.incremental_vacuum(${freedAtOnce})`);
  }

  private async progress(mode: "NOOP" | "PASSIVE"): Promise<Progress> {
    const [progress] = await this.connection.all<Progress>(`PRAGMA main.wal_checkpoint(${mode})`);
    return present(progress, "a checkpoint tells how far it came");
  }
}
