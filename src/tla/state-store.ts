import { equal, hashOf } from "./equality.ts";
import { hashPair } from "./hashing.ts";
import type { Value } from "./value-kinds.ts";

/** One object for equal values, so that states are compared by identity. */
class ValueTable {
  private readonly buckets = new Map<number, Value[]>();

  intern(value: Value): Value {
    if (typeof value !== "object") return value;
    const { hash } = value;
    const bucket = this.buckets.get(hash);
    if (bucket === undefined) {
      this.buckets.set(hash, [value]);
      return value;
    }
    for (const known of bucket) if (equal(known, value)) return known;
    bucket.push(value);
    return value;
  }
}

/** The states found, numbered in the order of their finding. */
export class StateStore {
  private readonly table = new ValueTable();
  private readonly buckets = new Map<number, number | number[]>();
  private readonly keys: (readonly Value[])[] = [];

  get size(): number {
    return this.keys.length;
  }

  /** The values with one object for equal ones. */
  intern(values: readonly Value[]): readonly Value[] {
    return values.map((value) => this.table.intern(value));
  }

  /** The number of the state with this key (interned), new or not. */
  add(key: readonly Value[]): { readonly index: number; readonly isNew: boolean } {
    let hash = key.length;
    for (const value of key) hash = hashPair(hash, hashOf(value));
    const bucket = this.buckets.get(hash);
    if (typeof bucket === "number") {
      if (this.same(bucket, key)) return { index: bucket, isNew: false };
      this.buckets.set(hash, [bucket, this.keys.length]);
    } else if (bucket !== undefined) {
      for (const index of bucket) if (this.same(index, key)) return { index, isNew: false };
      bucket.push(this.keys.length);
    } else {
      this.buckets.set(hash, this.keys.length);
    }
    this.keys.push(key);
    return { index: this.keys.length - 1, isNew: true };
  }

  private same(index: number, key: readonly Value[]): boolean {
    const known = this.keys[index]!;
    for (let i = 0; i < key.length; i++) if (known[i] !== key[i]) return false;
    return true;
  }
}
