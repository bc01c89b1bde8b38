/** Row changes of one write, packed as JSON texts that SQLite takes apart itself: one parameter instead of five a row. */

import { assert } from "../assert.ts";
import { rowChecksum, rowSumModulus } from "./checksum.ts";
import type { GroupId } from "../raft/message.ts";
import type { Row, RowWrite } from "./storage.ts";

export interface PackedRows {
  /** `[[table, key, value, checksum], …]`, or null when there is none. */
  readonly puts: string | null;
  readonly putCount: number;
  readonly putSum: number;
  /** `[[table, key], …]`, or null. */
  readonly drops: string | null;
}

const nothing: PackedRows = { puts: null, putCount: 0, putSum: 0, drops: null };

/** Half of a surrogate pair has no UTF-8, so the disk would give back another string. */
function assertWellFormed(json: string): void {
  if (!json.includes("\\ud")) return;
  for (const text of (JSON.parse(json) as unknown[][]).flat()) {
    assert(typeof text !== "string" || !/\p{Surrogate}/u.test(text), "tables, keys and values are well-formed Unicode");
  }
}

/** Packs changes. Of two changes of one row the later counts. */
export function packRows(group: GroupId, changes: readonly RowWrite[]): PackedRows {
  if (changes.length === 0) return nothing;
  const last = new Map<string, RowWrite>();
  for (const change of changes) last.set(`${change.table}\0${change.key}`, change);
  const puts: (readonly [string, string, string, number])[] = [];
  const drops: (readonly [string, string])[] = [];
  let putSum = 0;
  for (const { table, key, value } of last.values()) {
    if (value === null) {
      drops.push([table, key]);
      continue;
    }
    const sum = rowChecksum(group, table, key, value);
    putSum = (putSum + sum) % rowSumModulus;
    puts.push([table, key, value, sum]);
  }
  const packed = { puts: JSON.stringify(puts), drops: JSON.stringify(drops) };
  assertWellFormed(packed.puts);
  assertWellFormed(packed.drops);
  return {
    puts: puts.length === 0 ? null : packed.puts,
    putCount: puts.length,
    putSum,
    drops: drops.length === 0 ? null : packed.drops,
  };
}

/** Packs rows of a snapshot for staging. Each is told once, so nothing is looked for: there may be a million. */
export function packStagedRows(group: GroupId, rows: readonly Row[]): string {
  const packed = JSON.stringify(rows.map(({ table, key, value }) => [table, key, value, rowChecksum(group, table, key, value)]));
  assertWellFormed(packed);
  return packed;
}
