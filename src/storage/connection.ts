/** One connection to an SQLite database, with promises. Knows nothing of what is stored. */

import type { Database, Statement } from "sqlite3";

import { UserError } from "../errors.ts";

export type Parameter = string | number | Uint8Array | null;

type Library = typeof import("sqlite3");

/**
 * Loads the database library when it is first needed: its native part may be missing, since npm 12 skips install scripts
 * and reports success.
 */
export async function loadLibrary(importLibrary: () => Promise<unknown> = () => import("sqlite3")): Promise<Library> {
  try {
    return ((await importLibrary()) as { default: Library }).default;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UserError("DATABASE_BINARY_MISSING", `The native part of the database library sqlite3 cannot be loaded: ${reason}`, {
      next:
        "Run `npm rebuild sqlite3` in the program's directory (a global install: `npm install -g --allow-scripts=sqlite3 blixard`); " +
        "npm 12 skips install scripts unless they are allowed. Compiling it needs python3, make and g++.",
    });
  }
}

/** A compiled statement. Give its parameters at each run. */
export class Prepared {
  private readonly statement: Statement;

  constructor(statement: Statement) {
    this.statement = statement;
  }

  run(parameters: readonly Parameter[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.statement.run(parameters, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  }

  all<T>(parameters: readonly Parameter[]): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      this.statement.all<T>(parameters, (error: Error | null, rows: T[]) => (error === null ? resolve(rows) : reject(error)));
    });
  }

  finalize(): Promise<void> {
    return new Promise((resolve) => {
      this.statement.finalize(() => resolve());
    });
  }
}

export class Connection {
  private readonly database: Database;
  private readonly prepared = new Set<Prepared>();

  private constructor(database: Database) {
    this.database = database;
  }

  /** Opens `path`, which must exist. A second opener of a busy database waits at most `busyTimeoutMs`. */
  static async open(path: string, access: "read" | "write", busyTimeoutMs: number): Promise<Connection> {
    const library = await loadLibrary();
    const mode = (access === "read" ? library.OPEN_READONLY : library.OPEN_READWRITE) | library.OPEN_FULLMUTEX;
    const database = await new Promise<Database>((resolve, reject) => {
      const opened: Database = new library.Database(path, mode, (error) => (error === null ? resolve(opened) : reject(error)));
    });
    database.configure("busyTimeout", busyTimeoutMs);
    return new Connection(database);
  }

  /** Runs statements without parameters, in one trip to the thread pool. */
  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  all<T>(sql: string, parameters: readonly Parameter[] = []): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      this.database.all<T>(sql, parameters, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  }

  prepare(sql: string): Promise<Prepared> {
    return new Promise((resolve, reject) => {
      const statement = this.database.prepare(sql, (error) => {
        if (error !== null) return reject(error);
        const prepared = new Prepared(statement);
        this.prepared.add(prepared);
        resolve(prepared);
      });
    });
  }

  /** The last writing connection that closes moves the write-ahead log into the database. */
  async close(): Promise<void> {
    for (const prepared of this.prepared) await prepared.finalize();
    await new Promise<void>((resolve, reject) => {
      this.database.close((error) => (error === null ? resolve() : reject(error)));
    });
  }
}
