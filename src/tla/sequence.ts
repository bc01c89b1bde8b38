import { Interval } from "./finite-set.ts";
import { equal, hashOf } from "./equality.ts";
import { hashInteger, hashPair, mix } from "./hashing.ts";
import { FunctionValue, type SetValue, type Value } from "./value-kinds.ts";

const radix = 0x01000193;

/** Elements shared by sequences that are prefixes of one another. Only ever grows at its end. */
interface Backing {
  readonly items: Value[];
  /** `hashes[i]` is the rolling hash of the first i elements. */
  readonly hashes: number[];
}

/**
 * A sequence, also called a tuple: a window on a shared array. Appending to the longest sequence of an array and taking a
 * part cost O(1); appending to another one copies it, since the place after its end is taken.
 */
export class Sequence extends FunctionValue {
  private readonly backing: Backing;
  private readonly start: number;
  override readonly size: number;

  private constructor(backing: Backing, start: number, size: number) {
    super();
    this.backing = backing;
    this.start = start;
    this.size = size;
  }

  static readonly empty = new Sequence({ items: [], hashes: [0] }, 0, 0);

  /** The sequence of `items`; takes the array over, which the caller must not change any more. */
  static of(items: Value[]): Sequence {
    if (items.length === 0) return Sequence.empty;
    return new Sequence({ items, hashes: [0] }, 0, items.length);
  }

  /** Rolling hashes are worked out up to where somebody wanted them. */
  private hashUpTo(end: number): number {
    const { items, hashes } = this.backing;
    for (let i = hashes.length - 1; i < end; i++) hashes.push((Math.imul(hashes[i]!, radix) + mix(hashOf(items[i]!))) | 0);
    return hashes[end]!;
  }

  override get hash(): number {
    const whole = this.hashUpTo(this.start + this.size);
    const before = this.start === 0 ? 0 : Math.imul(this.hashUpTo(this.start), power(this.size));
    return hashPair(hashInteger(this.size), (whole - before) | 0);
  }

  /** The element at `index`, counted from 0; it must be there. */
  at(index: number): Value {
    return this.backing.items[this.start + index]!;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== "number" || key < 1 || key > this.size) return undefined;
    return this.backing.items[this.start + key - 1];
  }

  append(value: Value): Sequence {
    const { items } = this.backing;
    const end = this.start + this.size;
    if (end === items.length && this !== Sequence.empty) {
      items.push(value);
      return new Sequence(this.backing, this.start, this.size + 1);
    }
    // The same step evaluated again finds its element in place already.
    if (end < items.length && equal(items[end]!, value)) return new Sequence(this.backing, this.start, this.size + 1);
    const copy = this.toArray();
    copy.push(value);
    return Sequence.of(copy);
  }

  /** The elements `from` to `to`, counted from 1, both included and inside the sequence. */
  slice(from: number, to: number): Sequence {
    if (from === 1 && to === this.size) return this;
    if (to < from) return Sequence.empty;
    const start = this.start + from - 1;
    // A window far into a long array would keep what nobody can reach any more.
    if (start > 64 && start > this.backing.items.length / 2) return Sequence.of(this.backing.items.slice(start, start + to - from + 1));
    return new Sequence(this.backing, start, to - from + 1);
  }

  concat(other: Sequence): Sequence {
    if (other.size === 0) return this;
    if (this.size === 0) return other;
    let result = this.append(other.at(0));
    for (let i = 1; i < other.size; i++) result = result.append(other.at(i));
    return result;
  }

  override with(key: Value, value: Value): Sequence {
    const index = (key as number) - 1;
    if (this.at(index) === value) return this;
    const copy = this.toArray();
    copy[index] = value;
    return Sequence.of(copy);
  }

  toArray(): Value[] {
    return this.backing.items.slice(this.start, this.start + this.size);
  }

  override domain(): SetValue {
    return Interval.of(1, this.size);
  }

  override keys(): readonly Value[] {
    return Array.from({ length: this.size }, (_, index) => index + 1);
  }
}

function power(exponent: number): number {
  let result = 1;
  let base = radix;
  for (let n = exponent; n > 0; n >>>= 1) {
    if ((n & 1) === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}
