/** A table of the replicated state: records by key, each with the hash of its row. */

import { assert, present } from "../assert.ts";
import { addLanes, subtractLanes, tableSeed, type Lanes } from "./hash.ts";
import { neverStored, type RowChange } from "./row-change.ts";
import { inOrder } from "./sorted-keys.ts";

/** How a record becomes the text of its row. `encode(decode(key, text))` is `text` again. */
export interface RowCodec<R> {
  encode(record: R): string;
  decode(key: string, text: string): R;
  /** The hash of the row, of its record or its text, whichever is cheaper. */
  hash(into: Lanes, seed: Lanes, key: string, record: R): void;
  /** About the bytes of the text. */
  size(record: R): number;
}

/** What everybody may do with a table. */
export interface ReadableTable<R> {
  readonly size: number;
  get(key: string): R | undefined;
  has(key: string): boolean;
  /** In order. */
  keys(): readonly string[];
}

/** A row, which is also what is told of it when it changes: its text is made when it is written to disk. */
class Row<R> implements Lanes, RowChange {
  low = 0;
  high = 0;
  /** No part of the replicated state: private, so that states of two nodes can be compared. */
  #storedMs = neverStored;
  readonly table: string;
  readonly key: string;
  /** Undefined: it was deleted. */
  record: R | undefined;
  private readonly codec: RowCodec<R>;

  constructor(table: string, codec: RowCodec<R>, key: string, record: R) {
    this.table = table;
    this.codec = codec;
    this.key = key;
    this.record = record;
  }

  get value(): string | null {
    return this.record === undefined ? null : this.codec.encode(this.record);
  }

  get storedMs(): number {
    return this.#storedMs;
  }

  set storedMs(storedMs: number) {
    this.#storedMs = storedMs;
  }

  get size(): number {
    return this.key.length + (this.record === undefined ? 0 : this.codec.size(this.record));
  }
}

/** Only `apply` and the restart write. `sum` is the digest of the whole state, shared by all tables. */
export class Table<R> implements ReadableTable<R> {
  readonly name: string;
  private readonly rows = new Map<string, Row<R>>();
  private readonly codec: RowCodec<R>;
  private readonly seed: Lanes;
  private readonly sum: Lanes;
  /** The row that was asked for last: what is decided of a row is written to it. */
  #asked: Row<R> | undefined;

  constructor(name: string, codec: RowCodec<R>, sum: Lanes) {
    this.name = name;
    this.codec = codec;
    this.seed = tableSeed(name);
    this.sum = sum;
  }

  get size(): number {
    return this.rows.size;
  }

  get(key: string): R | undefined {
    this.#asked = this.rows.get(key);
    return this.#asked?.record;
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** The Map's own order is that of insertion, which a restart does not repeat: hence sorted. */
  keys(): readonly string[] {
    return inOrder(this.rows.keys());
  }

  set(key: string, record: R): RowChange {
    return this.put(key, record);
  }

  delete(key: string): RowChange {
    const row = present(this.rows.get(key), "only a row that is there is deleted");
    subtractLanes(this.sum, row);
    this.rows.delete(key);
    this.#asked = undefined;
    row.record = undefined;
    return row;
  }

  /** Takes a row as it was stored; throws when the text is no such record. */
  load(key: string, text: string): R {
    const record = this.codec.decode(key, text);
    const row = new Row(this.name, this.codec, key, record);
    const before = this.rows.size;
    this.rows.set(key, row);
    assert(this.rows.size > before, "each row is stored once");
    this.codec.hash(row, this.seed, key, record);
    addLanes(this.sum, row);
    row.storedMs = 0;
    return record;
  }

  /** The rows as they are stored, in order. */
  *stored(): Generator<RowChange> {
    for (const key of this.keys()) yield { table: this.name, key, value: this.codec.encode(this.rows.get(key)?.record as R) };
  }

  private put(key: string, record: R): Row<R> {
    let row = this.#asked?.key === key ? this.#asked : this.rows.get(key);
    if (row === undefined) {
      row = new Row(this.name, this.codec, key, record);
      this.rows.set(key, row);
    } else {
      subtractLanes(this.sum, row);
      row.record = record;
    }
    this.codec.hash(row, this.seed, key, record);
    addLanes(this.sum, row);
    return row;
  }
}
