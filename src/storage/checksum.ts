/**
 * Checksums. SQLite has none over its pages: of flipped bits its own check notices 7 %. Each row has a CRC-32, which finds
 * every single flipped bit and every burst up to 32 bits; the runs of a log are chained, each to its predecessor.
 */

import { crc32 } from "node:zlib";

/** Of a record that is stored as text. `name` binds it to its place, so that a record of another place is noticed. */
export function recordChecksum(name: string, value: string): number {
  return crc32(`${name}\0${value}`);
}

/** Of a row of the replicated state. */
export function rowChecksum(group: string, table: string, key: string, value: string): number {
  return crc32(`${group}\0${table}\0${key}\0${value}`);
}

/** Of a run of entries, chained: `previous` is that of the run before, or that kept for a trimmed log. */
export function runChecksum(group: string, first: number, last: number, packed: Uint8Array, previous: number): number {
  return crc32(packed, crc32(`${group}\0${first}\0${last}`, previous));
}

/** A group's rows are counted and their checksums added up modulo this, so that a row that is gone is noticed. */
export const rowSumModulus = 2 ** 48;
