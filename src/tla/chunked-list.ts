import { equal, hashOf } from "./equality.ts";
import { mix } from "./hashing.ts";
import type { Value } from "./value-kinds.ts";

const bits = 7;
const chunkSize = 1 << bits;
const mask = chunkSize - 1;

/** The base of the rolling hash: the hash of `s` with `e` appended is `hash(s) * radix + mix(hashOf(e))`. */
export const radix = 0x01000193;

/** `radix ** exponent`, modulo 2^32. */
export function power(exponent: number): number {
  let result = 1;
  let base = radix;
  for (let n = exponent; n > 0; n >>>= 1) {
    if ((n & 1) === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** Up to `chunkSize` elements. Only ever grows at its end, and only through the one list that owns the end. */
class Chunk {
  readonly items: Value[];
  /** The hash of the first i items, as far as somebody wanted them. */
  private readonly hashes: number[] = [0];

  constructor(items: Value[]) {
    this.items = items;
  }

  hashUpTo(end: number): number {
    const { items, hashes } = this;
    for (let i = hashes.length - 1; i < end; i++) hashes.push((Math.imul(hashes[i]!, radix) + mix(hashOf(items[i]!))) | 0);
    return hashes[end]!;
  }
}

/**
 * A list that only grows, shared by all sequences that begin alike. To go on from the middle, one takes a copy that shares
 * all whole chunks before that place.
 */
export class ChunkedList {
  private readonly chunks: Chunk[];
  length: number;
  /** The hash of all elements before each chunk. */
  private readonly starts: number[] = [0];

  private constructor(chunks: Chunk[], length: number) {
    this.chunks = chunks;
    this.length = length;
  }

  static of(items: readonly Value[]): ChunkedList {
    const chunks: Chunk[] = [];
    for (let from = 0; from < items.length; from += chunkSize) chunks.push(new Chunk(items.slice(from, from + chunkSize)));
    return new ChunkedList(chunks, items.length);
  }

  at(index: number): Value {
    return this.chunks[index >> bits]!.items[index & mask]!;
  }

  push(value: Value): void {
    if ((this.length & mask) === 0) this.chunks.push(new Chunk([value]));
    else this.chunks[this.length >> bits]!.items.push(value);
    this.length += 1;
  }

  /** A list of the first `length` elements that grows on its own. */
  branch(length: number): ChunkedList {
    const whole = length >> bits;
    const chunks = this.chunks.slice(0, whole);
    const rest = length & mask;
    if (rest > 0) chunks.push(new Chunk(this.chunks[whole]!.items.slice(0, rest)));
    return new ChunkedList(chunks, length);
  }

  /** The first `length` elements with another one at `index`. */
  with(index: number, value: Value, length: number): ChunkedList {
    const result = this.branch(length);
    const items = this.chunks[index >> bits]!.items.slice(0, Math.min(chunkSize, length - (index & ~mask)));
    items[index & mask] = value;
    result.chunks[index >> bits] = new Chunk(items);
    return result;
  }

  /** The rolling hash of the first `end` elements. */
  hashUpTo(end: number): number {
    const { chunks, starts } = this;
    const place = end >> bits;
    for (let i = starts.length - 1; i < place; i++) starts.push((Math.imul(starts[i]!, wholePower) + chunks[i]!.hashUpTo(chunkSize)) | 0);
    const rest = end & mask;
    return rest === 0 ? starts[place]! : (Math.imul(starts[place]!, powers[rest]!) + chunks[place]!.hashUpTo(rest)) | 0;
  }

  /** Whether the first `end` elements are those of `other`. Whole chunks that are found equal are one from then on. */
  agrees(other: ChunkedList, end: number): boolean {
    for (let place = 0; place << bits < end; place++) {
      const mine = this.chunks[place]!;
      const theirs = other.chunks[place]!;
      if (mine === theirs) continue;
      const count = Math.min(chunkSize, end - (place << bits));
      for (let i = 0; i < count; i++) if (!equal(mine.items[i]!, theirs.items[i]!)) return false;
      if (count === chunkSize) this.chunks[place] = theirs;
    }
    return true;
  }

  slice(from: number, to: number): Value[] {
    const result: Value[] = [];
    for (let i = from; i < to; i++) result.push(this.at(i));
    return result;
  }
}

const powers = Array.from({ length: chunkSize }, (_, index) => power(index));
const wholePower = power(chunkSize);
