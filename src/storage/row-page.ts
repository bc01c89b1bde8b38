/**
 * Many rows in one value, as SQLite joins them on its own thread: the event loop gets one buffer instead of an object a row.
 * A row is `lengths of table, key and value · checksum · newline · table · 0 · key · 0 · value`, the numbers in decimal with
 * a blank between, so the bytes that the checksum is over lie together.
 */

import { isAscii } from "node:buffer";
import { crc32 } from "node:zlib";
import { rowSumModulus } from "./checksum.ts";
import type { GroupId } from "../raft/message.ts";
import type { Row } from "./storage.ts";

/** Rows of a page, or fewer where they are large: a value of SQLite has 1 GB at most, and the memory of a node is small. */
const rowsPerPage = 4096;
const fewRows = 16;
const mostBytes = 4 * 1024 * 1024;

const behind = (after: boolean): string => (after ? "AND (tbl, key) > (?2, ?3)" : "");
const rowsIn = (columns: string, after: boolean, limit: string): string =>
  `SELECT ${columns} FROM rows WHERE grp = ?1 ${behind(after)} ORDER BY tbl, key LIMIT ${limit}`;

/** The next rows of a group in the order of their keys, behind a table and key if `after`; null when there are none. */
export function selectPage(after: boolean): string {
  const bytes = `SELECT sum(octet_length(value)) FROM (${rowsIn("value", after, String(rowsPerPage))})`;
  const limit = `(SELECT iif((${bytes}) > ${mostBytes}, ${fewRows}, ${rowsPerPage}))`;
  // A turned bit can make a blob of a text, of the same bytes and hence of the same checksum, that is another key to SQLite.
  const sum = "iif(typeof(tbl) = 'text' AND typeof(key) = 'text' AND typeof(value) = 'text', sum, 'not text')";
  const row = `concat(octet_length(tbl), ' ', octet_length(key), ' ', octet_length(value), ' ', ${sum}, char(10), tbl, char(0), key, char(0), value)`;
  return `SELECT CAST(group_concat(${row}, '') AS BLOB) AS page FROM (${rowsIn("tbl, key, value, sum", after, limit)})`;
}

const newline = 0x0a;
const blank = 0x20;
const zero = 0x30;

/** Where a row begins, and the lengths of its parts. */
interface Place {
  readonly at: number;
  readonly table: number;
  readonly key: number;
  readonly value: number;
  readonly sum: number;
}

/** A page whose form is right; what its rows say is not verified yet. */
export class RowPage {
  private readonly bytes: Buffer;
  private readonly encoding: "latin1" | "utf8";
  private places: Place[] = [];
  private at = 0;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.encoding = isAscii(bytes) ? "latin1" : "utf8";
  }

  /** Undefined where the bytes are no rows. */
  static of(bytes: Buffer): RowPage | undefined {
    const page = new RowPage(bytes);
    while (page.at < bytes.length) {
      const [table, key, value, sum] = [page.number(blank), page.number(blank), page.number(blank), page.number(newline)];
      page.places.push({ at: page.at, table, key, value, sum });
      page.at += table + key + value + 2;
    }
    return page.at === bytes.length && page.places.length > 0 ? page : undefined;
  }

  /** Table and key of the last row. */
  get end(): readonly [string, string] {
    const { at, table, key } = this.places.at(-1) as Place;
    return [this.text(at, table), this.text(at + table + 1, key)];
  }

  /** `sum` and the checksums of the rows, added up. */
  addSums(sum: number): number {
    return this.places.reduce((sums, place) => (sums + place.sum) % rowSumModulus, sum);
  }

  /** The rows. One whose checksum does not hold is given to `broken`, which throws. */
  rows(group: GroupId, broken: (row: Row) => never): readonly Row[] {
    const groupSum = crc32(`${group}\0`);
    return this.places.map(({ at, table, key, value, sum }) => {
      const row = { table: this.text(at, table), key: this.text(at + table + 1, key), value: this.text(at + table + key + 2, value) };
      return crc32(this.bytes.subarray(at, at + table + key + value + 2), groupSum) === sum ? row : broken(row);
    });
  }

  private text(from: number, length: number): string {
    return this.bytes.toString(this.encoding, from, from + length);
  }

  /** A decimal number and what ends it; NaN when that is not there. */
  private number(end: number): number {
    let number = 0;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === end) return number;
      if (byte === undefined || byte < zero || byte > zero + 9) return NaN;
      number = number * 10 + byte - zero;
    }
  }
}
