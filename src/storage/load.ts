/** Reads everything after a restart and believes nothing: each checksum, each chain, each count is verified. */

import { present } from "../assert.ts";
import { unpackEntries, type Entry } from "../entry.ts";
import type { GroupId } from "../raft/message.ts";
import { runChecksum } from "./checksum.ts";
import type { Connection } from "./connection.ts";
import { damaged } from "./disk-error.ts";
import { GroupBook, type Run } from "./group-book.ts";
import { logIds, type LogIds } from "./log-id.ts";
import { brokenLaw, unsealGroup, unsealNode, type GroupRecord, type NodeRecord, type Sealed } from "./record.ts";
import { RowWalk } from "./snapshot-reader.ts";
import type { Row, StoredGroup, TakeRows } from "./storage.ts";

/** Runs are read in portions, so that a long log does not stop the event loop. */
const runsPerRead = 256;

interface StoredRun {
  readonly first: number;
  readonly last: number;
  readonly entries: Uint8Array;
  readonly sum: number;
}

interface StoredState extends Sealed {
  readonly grp: string;
  readonly row_count: number;
  readonly row_sum: number;
}

/** A group as it was found, and the book that goes on from there. */
export interface LoadedGroup {
  readonly stored: StoredGroup;
  readonly book: GroupBook;
}

/** The node's record; an empty one for a new directory. */
export async function loadNode(connection: Connection, directory: string): Promise<NodeRecord> {
  const [sealed, ...more] = await connection.all<Sealed>("SELECT value, sum FROM node");
  if (sealed === undefined) return { identity: null, groups: [] };
  const record = more.length > 0 ? undefined : unsealNode(sealed);
  if (record === undefined) throw damaged(directory, "table node", "its checksum does not hold");
  return record;
}

/** Number of the last transaction that is there; 0 in a new database. What is damaged in it is found by `loadGroups`. */
export async function lastSequence(connection: Connection, node: NodeRecord): Promise<number> {
  const states = await connection.all<Sealed & { grp: string }>("SELECT grp, value, sum FROM state");
  return Math.max(node.sequence ?? 0, ...states.map((state) => unsealGroup(state.grp, state)?.sequence ?? 0));
}

/** Every group. `groups`: those that the node's record names. `take`: see `Storage.load`. */
export async function loadGroups(connection: Connection, directory: string, groups: readonly GroupId[], take?: TakeRows): Promise<readonly LoadedGroup[]> {
  await checkStructure(connection, directory);
  const known = new Set(groups);
  const states = await connection.all<StoredState>("SELECT grp, value, sum, row_count, row_sum FROM state ORDER BY grp");
  const found = new Set(states.map((state) => state.grp));
  for (const group of known) if (!found.has(group)) throw damaged(directory, `group ${group}, table state`, "the row is gone", group);
  for (const table of ["state", "rows"]) {
    for (const { grp } of await connection.all<{ grp: string }>(`SELECT DISTINCT grp FROM ${table}`)) {
      if (!known.has(grp)) throw damaged(directory, `table ${table}`, `it has a group ${grp} that the node does not have`, grp);
    }
  }
  const loaded: LoadedGroup[] = [];
  let runs = 0;
  for (const state of states) {
    const group = await loadGroup(connection, directory, state, logIds(groups.indexOf(state.grp)), take);
    loaded.push(group);
    runs += group.book.runCount;
  }
  const [total] = await connection.all<{ runs: number }>("SELECT count(*) AS runs FROM log");
  if (total?.runs !== runs) throw damaged(directory, "table log", `it has ${total?.runs} runs, of which ${runs} belong to groups`);
  return loaded;
}

/** SQLite's own check finds what checksums of rows cannot see: pages that are lost, or in use twice. */
async function checkStructure(connection: Connection, directory: string): Promise<void> {
  const [answer] = await connection.all<{ quick_check: string }>("PRAGMA quick_check(1)");
  if (answer?.quick_check === "ok") return;
  throw damaged(directory, "the pages of the database", (answer?.quick_check ?? "no answer").replaceAll("\n", ", "));
}

async function loadGroup(connection: Connection, directory: string, state: StoredState, ids: LogIds, take?: TakeRows): Promise<LoadedGroup> {
  const group = state.grp;
  const record = unsealGroup(group, state);
  if (record === undefined) throw damaged(directory, `group ${group}, table state`, "its checksum does not hold", group);
  const broken = brokenLaw(record);
  if (broken !== undefined) throw damaged(directory, `group ${group}, table state`, broken, group);
  const { entries, runs } = await loadLog(connection, directory, group, ids, record);
  const walk = new RowWalk(connection, directory, group, { count: state.row_count, sum: state.row_sum });
  const rows: Row[] = [];
  for (let page = await walk.next(); page.length > 0; page = await walk.next()) {
    if (take !== undefined) take(group, page);
    else for (const row of page) rows.push(row);
  }
  const { hardState, applied, start } = record;
  const logStart = { index: start.index, term: start.term };
  return { stored: { group, hardState, applied, logStart, entries, rows }, book: new GroupBook(group, ids, record, runs) };
}

async function loadLog(
  connection: Connection,
  directory: string,
  group: GroupId,
  ids: LogIds,
  record: GroupRecord,
): Promise<{ entries: readonly Entry[]; runs: readonly Run[] }> {
  const entries: Entry[] = [];
  const runs: Run[] = [];
  let at = { last: record.start.index, chain: record.start.chain };
  for (;;) {
    const stored = await connection.all<StoredRun>(
      "SELECT first, last, entries, sum FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
      [runs.length === 0 ? ids.first : ids.first + at.last + 1, ids.end, runsPerRead],
    );
    for (const found of stored) {
      const unpacked = verifyRun(directory, group, found, at);
      for (const entry of unpacked) entries.push(entry);
      const lastTerm = present(unpacked.at(-1), "a verified run has entries").term;
      runs.push({ first: found.first, last: found.last, lastTerm, previous: at.chain, chain: found.sum });
      at = { last: found.last, chain: found.sum };
    }
    if (stored.length < runsPerRead) break;
  }
  if (at.last !== record.end.index || at.chain !== record.end.chain) {
    throw damaged(directory, `group ${group}, table log`, `it ends at ${at.last} instead of ${record.end.index}`, group);
  }
  return { entries, runs };
}

/** The entries of a run, when it follows `before` and its chained checksum holds. */
export function verifyRun(
  directory: string,
  group: GroupId,
  run: StoredRun,
  before: { readonly last: number; readonly chain: number },
): readonly Entry[] {
  const where = `group ${group}, table log, entries ${run.first} to ${run.last}`;
  if (run.first !== before.last + 1) throw damaged(directory, where, `they do not follow entry ${before.last}`, group);
  if (!(run.entries instanceof Uint8Array) || runChecksum(group, run.first, run.last, run.entries, before.chain) !== run.sum) {
    throw damaged(directory, where, "the checksum does not hold", group);
  }
  const entries = unpackEntries(run.entries, run.first);
  if (entries?.at(-1)?.index !== run.last) throw damaged(directory, where, "they are no entries", group);
  return entries;
}
