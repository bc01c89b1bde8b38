import { ChunkedList, power, radix } from "./chunked-list.ts";
import { Interval } from "./finite-set.ts";
import { equal, hashOf, sameImages } from "./equality.ts";
import { hashInteger, hashPair, mix } from "./hashing.ts";
import { FunctionValue, type SetValue, type Value } from "./value-kinds.ts";

/** Up to this size a sequence is an array of its own. */
const smallSize = 16;

/**
 * A sequence, also called a tuple. A long one is a window on a list that it shares with the sequences it grew from: appending
 * to the longest of them and taking a part cost O(1), appending to another one little more.
 */
export class Sequence extends FunctionValue {
  override readonly size: number;
  private readonly items: readonly Value[] | undefined;
  private readonly list: ChunkedList | undefined;
  private readonly start: number;
  private knownHash: number | undefined;

  private constructor(size: number, items: readonly Value[] | undefined, list: ChunkedList | undefined, start: number) {
    super();
    this.size = size;
    this.items = items;
    this.list = list;
    this.start = start;
  }

  static readonly empty = new Sequence(0, [], undefined, 0);

  /** The sequence of `items`; takes the array over, which the caller must not change any more. */
  static of(items: readonly Value[]): Sequence {
    if (items.length === 0) return Sequence.empty;
    if (items.length <= smallSize) return new Sequence(items.length, items, undefined, 0);
    return new Sequence(items.length, undefined, ChunkedList.of(items), 0);
  }

  override get hash(): number {
    this.knownHash ??= hashPair(hashInteger(this.size), this.rolling());
    return this.knownHash;
  }

  private rolling(): number {
    const { items, list, start, size } = this;
    if (list !== undefined) {
      const whole = list.hashUpTo(start + size);
      return start === 0 ? whole : (whole - Math.imul(list.hashUpTo(start), power(size))) | 0;
    }
    let hash = 0;
    for (const item of items!) hash = (Math.imul(hash, radix) + mix(hashOf(item))) | 0;
    return hash;
  }

  /** The element at `index`, counted from 0; it must be there. */
  at(index: number): Value {
    return this.items !== undefined ? this.items[index]! : this.list!.at(this.start + index);
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== "number" || key < 1 || key > this.size) return undefined;
    return this.at(key - 1);
  }

  append(value: Value): Sequence {
    const { list, items } = this;
    if (list === undefined) return Sequence.of([...items!, value]);
    const end = this.start + this.size;
    // The same step evaluated again finds its element in place already.
    if (end < list.length && equal(list.at(end), value)) return new Sequence(this.size + 1, undefined, list, this.start);
    const own = end === list.length ? list : list.branch(end);
    own.push(value);
    return new Sequence(this.size + 1, undefined, own, this.start);
  }

  /** The elements `from` to `to`, counted from 1, both included and inside the sequence. */
  slice(from: number, to: number): Sequence {
    const size = to - from + 1;
    if (size === this.size) return this;
    if (size <= 0) return Sequence.empty;
    if (this.list === undefined) return Sequence.of(this.items!.slice(from - 1, to));
    const start = this.start + from - 1;
    // A short window, or one far into a long list, would keep what nobody can reach any more.
    if (size <= smallSize || start > Math.max(1024, this.list.length / 2)) return Sequence.of(this.list.slice(start, start + size));
    return new Sequence(size, undefined, this.list, start);
  }

  concat(other: Sequence): Sequence {
    if (this.size === 0) return other;
    if (this.list === undefined) return Sequence.of([...this.items!, ...other.toArray()]);
    return other.toArray().reduce((all: Sequence, item) => all.append(item), this);
  }

  override with(key: Value, value: Value): Sequence {
    const index = (key as number) - 1;
    if (this.at(index) === value) return this;
    if (this.list !== undefined) {
      const end = this.start + this.size;
      return new Sequence(this.size, undefined, this.list.with(this.start + index, value, end), this.start);
    }
    const copy = [...this.items!];
    copy[index] = value;
    return Sequence.of(copy);
  }

  /** The elements, in an array that the caller may change. */
  toArray(): Value[] {
    return this.items !== undefined ? [...this.items] : this.list!.slice(this.start, this.start + this.size);
  }

  override matches(other: FunctionValue): boolean {
    if (!(other instanceof Sequence)) return sameImages(this, other);
    if (this.list !== undefined && this.list === other.list && this.start === other.start) return true;
    if (this.list !== undefined && other.list !== undefined && this.start === 0 && other.start === 0) return this.list.agrees(other.list, this.size);
    for (let i = 0; i < this.size; i++) if (!equal(this.at(i), other.at(i))) return false;
    return true;
  }

  override domain(): SetValue {
    return Interval.of(1, this.size);
  }

  override keys(): readonly Value[] {
    return Array.from({ length: this.size }, (_, index) => index + 1);
  }
}
