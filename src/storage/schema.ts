/**
 * The tables, and the one statement that writes them.
 *
 * A transaction of three statements costs three trips to the thread pool, and if the middle one fails the last must not be
 * sent. So a write is **one** statement: an insert into the view `door`, one row a group, whose trigger does the work. SQLite
 * makes a statement atomic by itself; there is no BEGIN to forget and no COMMIT that could follow a failure. View and trigger
 * are temporary: they live in the connection, not in the file, so a new program never meets an old trigger.
 */

import { rowSumModulus } from "./checksum.ts";
import type { Connection } from "./connection.ts";
import { damaged } from "./disk-error.ts";
import { UserError } from "../errors.ts";

/** "blxd" in the file's header: whose database this is. */
const applicationId = 0x626c7864;
const schemaVersion = 1;

const tables: Readonly<Record<string, string>> = {
  node: "CREATE TABLE node (id INTEGER PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL)",
  state:
    "CREATE TABLE state (grp TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL, row_count INTEGER NOT NULL, row_sum INTEGER NOT NULL) WITHOUT ROWID",
  // Not WITHOUT ROWID: there SQLite reads the whole of each row that it compares, entries included. `id`: see `log-id.ts`.
  log: "CREATE TABLE log (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, entries BLOB NOT NULL, sum INTEGER NOT NULL)",
  rows: "CREATE TABLE rows (grp TEXT, tbl TEXT, key TEXT, value TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (grp, tbl, key)) WITHOUT ROWID",
};

/** The columns of `door`, in order. What is null is not done. */
export const doorColumns = [
  "grp",
  "log_id", // the first id of the group's log, and behind its last
  "log_end",
  "cut_from", // log runs that begin here or later go
  "run_first",
  "run_last",
  "run_entries",
  "run_sum",
  "trim_before", // log runs that begin before this go
  "puts", // JSON: [[table, key, value, checksum], …], no key twice
  "put_count",
  "put_sum",
  "drops", // JSON: [[table, key], …], none of them in puts
  "value", // the group's state record
  "sum",
  "node_value", // the node's record, when the write adds a group
  "node_sum",
] as const;

const mask = rowSumModulus - 1;

const lost = (list: string): string =>
  `(SELECT count(*) AS n, coalesce(sum(r.sum), 0) AS s FROM jsonb_each(${list}) AS j CROSS JOIN rows AS r
    WHERE r.grp = NEW.grp AND r.tbl = j.value ->> 0 AND r.key = j.value ->> 1)`;

const door = `
CREATE TEMP VIEW door AS SELECT ${doorColumns.map((column) => `NULL AS ${column}`).join(", ")};
CREATE TEMP TRIGGER door_opens INSTEAD OF INSERT ON door BEGIN
  DELETE FROM log WHERE id >= NEW.log_id + NEW.cut_from AND id < NEW.log_end;
  INSERT INTO log SELECT NEW.log_id + NEW.run_first, NEW.run_first, NEW.run_last, NEW.run_entries, NEW.run_sum WHERE NEW.run_first IS NOT NULL;
  DELETE FROM log WHERE id >= NEW.log_id AND id < NEW.log_id + NEW.trim_before;
  INSERT INTO state VALUES (NEW.grp, NEW.value, NEW.sum, 0, 0)
    ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum;
  UPDATE state SET row_count = row_count - old.n, row_sum = (row_sum - old.s) & ${mask}
    FROM ${lost("NEW.drops")} AS old WHERE grp = NEW.grp AND NEW.drops IS NOT NULL;
  DELETE FROM rows WHERE NEW.drops IS NOT NULL AND grp = NEW.grp
    AND (tbl, key) IN (SELECT j.value ->> 0, j.value ->> 1 FROM jsonb_each(NEW.drops) AS j);
  UPDATE state SET row_count = row_count + NEW.put_count - old.n, row_sum = (row_sum + NEW.put_sum - old.s) & ${mask}
    FROM ${lost("NEW.puts")} AS old WHERE grp = NEW.grp AND NEW.puts IS NOT NULL;
  INSERT INTO rows SELECT NEW.grp, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3
    FROM jsonb_each(NEW.puts) AS j WHERE true ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum;
  INSERT INTO node SELECT 1, NEW.node_value, NEW.node_sum WHERE NEW.node_value IS NOT NULL
    ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum;
END;`;

/** Rows of a snapshot that is being received lie in a database of their own: neither synced nor in the write-ahead log. */
const staging = `
PRAGMA staging.journal_mode = OFF;
PRAGMA staging.synchronous = OFF;
CREATE TABLE staging.staged_rows (grp TEXT, tbl TEXT, key TEXT, value TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (grp, tbl, key)) WITHOUT ROWID;`;

export const stageRows = `INSERT INTO staged_rows SELECT ?1, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3
  FROM jsonb_each(?2) AS j WHERE true ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum`;

export const installStagedRows = "INSERT INTO rows SELECT grp, tbl, key, value, sum FROM staged_rows WHERE grp = ?1";

export const countInstalledRows = `UPDATE state SET
  row_count = (SELECT count(*) FROM rows WHERE grp = ?1),
  row_sum = (SELECT coalesce(sum(sum), 0) & ${mask} FROM rows WHERE grp = ?1) WHERE grp = ?1`;

async function pragma(connection: Connection, name: string): Promise<unknown> {
  const [row] = await connection.all<Record<string, unknown>>(`PRAGMA ${name}`);
  return row === undefined ? undefined : Object.values(row)[0];
}

/** Sets how durable the connection is, and reads back that the library obeyed. */
export async function makeDurable(connection: Connection, journalBytes: number): Promise<void> {
  await connection.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${journalBytes}; PRAGMA cache_size = -32768; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;`);
  const journalMode = await pragma(connection, "journal_mode");
  const synchronous = await pragma(connection, "synchronous");
  if (journalMode === "wal" && synchronous === 2) return;
  const found = `journal_mode ${String(journalMode)}, synchronous ${String(synchronous)}`;
  throw new UserError("DISK_FAILED", `The database refuses to be durable (${found}).`, {
    next: "Put the data directory on a local file system; shared memory does not work on network file systems.",
  });
}

/** Makes the tables in a new database, or refuses one that is not ours. Then opens the door for writes. */
export async function prepareSchema(connection: Connection, directory: string): Promise<void> {
  const found = await connection.all<{ name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'");
  const id = await pragma(connection, "application_id");
  const version = await pragma(connection, "user_version");
  if (found.length === 0 && id === 0 && version === 0) {
    await connection.exec(`BEGIN IMMEDIATE; ${Object.values(tables).join("; ")};
      PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT;`);
    return;
  }
  if (id !== applicationId) {
    throw new UserError("DATA_DIR_FOREIGN", `The database in ${directory} was made by another program.`, {
      next: "Name another data directory; this one is left as it is.",
    });
  }
  if (version !== schemaVersion) {
    throw new UserError("DATA_DIR_FOREIGN", `The database in ${directory} has format ${String(version)}; this program knows ${schemaVersion}.`, {
      next: "Start it with the version of blixard that wrote it, or a newer one.",
    });
  }
  const same = found.length === Object.keys(tables).length && found.every((table) => tables[table.name] === table.sql);
  if (!same) throw damaged(directory, "the schema", "the tables are not those that were made");
}

/** Opens the door: makes the temporary view and trigger, and the place for snapshots that are being received. */
export async function openDoor(connection: Connection, stagingPath: string): Promise<void> {
  await connection.exec(`ATTACH '${stagingPath.replaceAll("'", "''")}' AS staging; ${staging} ${door}`);
}
