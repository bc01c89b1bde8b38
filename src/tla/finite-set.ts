import { compare, equal, hashOf } from "./equality.ts";
import { Entry, find, insert, remove, visitEntries, type TrieNode } from "./hash-trie.ts";
import { hashInteger, mix } from "./hashing.ts";
import { SetValue, type Value } from "./value-kinds.ts";

/** Up to this size a set is an array that is searched from end to end. */
const smallSize = 8;
const seed = 0x6a09e667;

/**
 * A set given by its elements. Adding and asking for one element cost O(1) on average whatever the size; the order of
 * the elements is worked out when somebody asks for it, and kept.
 */
export class FiniteSet extends SetValue {
  override readonly finite = true;
  override readonly size: number;
  /** The sum of the elements' hashes, so that it follows every addition and removal in O(1). */
  private readonly sum: number;
  private readonly items: readonly Value[] | undefined;
  private readonly trie: TrieNode | undefined;
  private sorted: readonly Value[] | undefined;

  private constructor(size: number, sum: number, items: readonly Value[] | undefined, trie: TrieNode | undefined) {
    super();
    this.size = size;
    this.sum = sum;
    this.items = items;
    this.trie = trie;
  }

  static readonly empty = new FiniteSet(0, 0, [], undefined);

  /** The set of `values`; repetitions count once. */
  static of(values: Iterable<Value>): FiniteSet {
    const builder = new FiniteSetBuilder();
    for (const value of values) builder.add(value);
    return builder.finish();
  }

  /** The set of `sorted`, which must be strictly increasing; keeps the array. */
  static ofSorted(sorted: readonly Value[]): FiniteSet {
    const set = FiniteSet.of(sorted);
    set.sorted = sorted;
    return set;
  }

  /** For the builder, which has made sure that the parts agree. */
  static assemble(size: number, sum: number, items: readonly Value[] | undefined, trie: TrieNode | undefined): FiniteSet {
    return size === 0 ? FiniteSet.empty : new FiniteSet(size, sum, items, trie);
  }

  override get hash(): number {
    return mix((this.sum ^ seed) | 0);
  }

  override contains(value: Value): boolean {
    if (this.items !== undefined) return holds(this.items, value);
    return find(this.trie, hashOf(value), value) !== undefined;
  }

  /** The set with `value`; itself when it is there already. */
  add(value: Value): FiniteSet {
    if (this.contains(value)) return this;
    const hash = hashOf(value);
    const sum = (this.sum + mix(hash)) | 0;
    if (this.items !== undefined && this.size < smallSize) return new FiniteSet(this.size + 1, sum, [...this.items, value], undefined);
    return new FiniteSet(this.size + 1, sum, undefined, insert(this.asTrie(), 0, new Entry(hash, value, value)));
  }

  /** The set without `value`; itself when it is not there. */
  without(value: Value): FiniteSet {
    if (!this.contains(value)) return this;
    if (this.size === 1) return FiniteSet.empty;
    const hash = hashOf(value);
    const sum = (this.sum - mix(hash)) | 0;
    if (this.items !== undefined) return new FiniteSet(this.size - 1, sum, this.items.filter((item) => !equal(item, value)), undefined);
    return new FiniteSet(this.size - 1, sum, undefined, remove(this.trie, 0, hash, value));
  }

  private asTrie(): TrieNode | undefined {
    if (this.items === undefined) return this.trie;
    let trie: TrieNode | undefined;
    const owner = {};
    for (const item of this.items) trie = insert(trie, 0, new Entry(hashOf(item), item, item), owner);
    return trie;
  }

  /** The elements in no particular order, without the cost of sorting. */
  unordered(): readonly Value[] {
    if (this.items !== undefined) return this.items;
    if (this.sorted !== undefined) return this.sorted;
    const result: Value[] = [];
    visitEntries(this.trie, (entry) => result.push(entry.key));
    return result;
  }

  override elements(): readonly Value[] {
    this.sorted ??= [...this.unordered()].sort(compare);
    return this.sorted;
  }
}

function holds(items: readonly Value[], value: Value): boolean {
  if (typeof value !== "object") return items.includes(value);
  for (let i = 0; i < items.length; i++) if (equal(items[i]!, value)) return true;
  return false;
}

/** Collects elements for one new set. */
export class FiniteSetBuilder {
  private size = 0;
  private sum = 0;
  private items: Value[] | undefined = [];
  private trie: TrieNode | undefined;
  private readonly owner = {};

  add(value: Value): void {
    if (this.items !== undefined) {
      if (holds(this.items, value)) return;
      this.items.push(value);
      this.sum = (this.sum + mix(hashOf(value))) | 0;
      this.size += 1;
      if (this.size > smallSize) this.grow(this.items);
      return;
    }
    const hash = hashOf(value);
    if (find(this.trie, hash, value) !== undefined) return;
    this.trie = insert(this.trie, 0, new Entry(hash, value, value), this.owner);
    this.sum = (this.sum + mix(hash)) | 0;
    this.size += 1;
  }

  private grow(items: readonly Value[]): void {
    for (const item of items) this.trie = insert(this.trie, 0, new Entry(hashOf(item), item, item), this.owner);
    this.items = undefined;
  }

  finish(): FiniteSet {
    return FiniteSet.assemble(this.size, this.sum, this.items, this.trie);
  }
}

/** `low .. high`, not empty; its elements are built only if somebody wants all of them. */
export class Interval extends SetValue {
  override readonly finite = true;
  readonly low: number;
  readonly high: number;
  private all: readonly number[] | undefined;
  private sum: number | undefined;

  private constructor(low: number, high: number) {
    super();
    this.low = low;
    this.high = high;
  }

  /** The integers from `low` to `high`; the empty set when there are none. */
  static of(low: number, high: number): SetValue {
    return low > high ? FiniteSet.empty : new Interval(low, high);
  }

  override get size(): number {
    return this.high - this.low + 1;
  }

  override get hash(): number {
    if (this.sum === undefined) {
      let sum = 0;
      for (let n = this.low; n <= this.high; n++) sum = (sum + mix(hashInteger(n))) | 0;
      this.sum = sum;
    }
    return mix((this.sum ^ seed) | 0);
  }

  override contains(value: Value): boolean {
    return typeof value === "number" && value >= this.low && value <= this.high;
  }

  override elements(): readonly Value[] {
    this.all ??= Array.from({ length: this.size }, (_, index) => this.low + index);
    return this.all;
  }

  override *iterate(): Iterable<Value> {
    for (let n = this.low; n <= this.high; n++) yield n;
  }
}

/** The same elements as a `FiniteSet`. */
export function enumerated(set: SetValue): FiniteSet {
  return set instanceof FiniteSet ? set : FiniteSet.ofSorted(set.elements());
}
