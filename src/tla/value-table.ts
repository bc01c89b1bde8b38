import { equal } from "./equality.ts";
import type { Value } from "./value-kinds.ts";

/** A number for each value, the same for equal ones, and one object for equal values. */
export class ValueTable {
  private readonly values: Value[] = [];
  private readonly plain = new Map<Value, number>();
  private slots = new Int32Array(1024);
  private hashes = new Int32Array(512);

  /** The number of `value`. */
  number(value: Value): number {
    return typeof value === "object" ? this.numberOf(value, value.hash) : this.plainNumber(value);
  }

  /** The value with that number. */
  at(number: number): Value {
    return this.values[number]!;
  }

  private plainNumber(value: Value): number {
    let number = this.plain.get(value);
    if (number === undefined) this.plain.set(value, (number = this.push(value, 0)));
    return number;
  }

  private numberOf(value: Value, hash: number): number {
    if (this.values.length >= this.hashes.length) this.grow();
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot]! - 1;
      if (number < 0) break;
      const known = this.values[number]!;
      if (known === value || (this.hashes[number] === hash && equal(known, value))) return number;
    }
    const number = this.push(value, hash);
    this.slots[slot] = number + 1;
    return number;
  }

  private push(value: Value, hash: number): number {
    if (this.values.length >= this.hashes.length) this.grow();
    const number = this.values.push(value) - 1;
    this.hashes[number] = hash;
    return number;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const hashes = new Int32Array(this.slots.length / 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.values.length; number++) {
      if (typeof this.values[number] !== "object") continue;
      let slot = hashes[number]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = number + 1;
    }
  }
}
