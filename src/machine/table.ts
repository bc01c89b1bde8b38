/** A table of the replicated state: records by key, each with the hash of its row. */

import { present } from "../assert.ts";
import { addLanes, subtractLanes, tableSeed, type Lanes } from "./hash.ts";
import type { RowChange } from "./records.ts";

/** How a record becomes the text of its row. `encode(decode(key, text))` is `text` again. */
export interface RowCodec<R> {
  encode(record: R): string;
  decode(key: string, text: string): R;
  /** The hash of the row, of its record or its text, whichever is cheaper. */
  hash(into: Lanes, seed: Lanes, key: string, record: R, text: string): void;
}

/** What everybody may do with a table. */
export interface ReadableTable<R> {
  readonly size: number;
  get(key: string): R | undefined;
  has(key: string): boolean;
  /** In order. */
  keys(): readonly string[];
}

interface Row<R> extends Lanes {
  record: R;
}

/** Only `apply` and the restart write. `sum` is the digest of the whole state, shared by all tables. */
export class Table<R> implements ReadableTable<R> {
  readonly name: string;
  private readonly rows = new Map<string, Row<R>>();
  private readonly codec: RowCodec<R>;
  private readonly seed: Lanes;
  private readonly sum: Lanes;

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
    return this.rows.get(key)?.record;
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** The Map's own order is that of insertion, which a restart does not repeat: hence sorted. */
  keys(): readonly string[] {
    return [...this.rows.keys()].sort();
  }

  set(key: string, record: R): RowChange {
    const text = this.codec.encode(record);
    this.put(key, record, text);
    return { table: this.name, key, value: text };
  }

  delete(key: string): RowChange {
    const row = present(this.rows.get(key), "only a row that is there is deleted");
    subtractLanes(this.sum, row);
    this.rows.delete(key);
    return { table: this.name, key, value: null };
  }

  /** Takes a row as it was stored; throws when the text is no such record. */
  load(key: string, text: string): R {
    const record = this.codec.decode(key, text);
    this.put(key, record, text);
    return record;
  }

  /** The rows as they are stored, in order. */
  *stored(): Generator<RowChange> {
    for (const key of this.keys()) {
      yield { table: this.name, key, value: this.codec.encode(this.rows.get(key)?.record as R) };
    }
  }

  private put(key: string, record: R, text: string): void {
    let row = this.rows.get(key);
    if (row === undefined) {
      row = { low: 0, high: 0, record };
      this.rows.set(key, row);
    } else {
      subtractLanes(this.sum, row);
      row.record = record;
    }
    this.codec.hash(row, this.seed, key, record, text);
    addLanes(this.sum, row);
  }
}
