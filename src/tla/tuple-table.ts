import { hashPair } from "./hashing.ts";

const pageBits = 14;
const pageMask = (1 << pageBits) - 1;

/** Tuples of integers of one width, numbered as they come; pages of memory instead of an object for each. */
export class TupleTable {
  size = 0;
  private readonly width: number;
  private readonly pages: Int32Array[] = [];
  private slots = new Int32Array(1024);
  private hashes = new Int32Array(512);

  constructor(width: number) {
    this.width = width;
  }

  /** The number of `tuple`, or -1. */
  find(tuple: Int32Array): number {
    const mask = this.slots.length - 1;
    const hash = this.hashOf(tuple);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.slots[slot]! - 1;
      if (index < 0) return -1;
      if (this.hashes[index] === hash && this.same(index, tuple)) return index;
    }
  }

  /** Adds `tuple`, which is not there yet if anybody will look for it. */
  append(tuple: Int32Array): number {
    if (this.size * 2 >= this.slots.length) this.grow();
    const index = this.size++;
    if ((index & pageMask) === 0) this.pages.push(new Int32Array(this.width << pageBits));
    this.pages.at(-1)!.set(tuple, (index & pageMask) * this.width);
    const hash = this.hashOf(tuple);
    this.hashes[index] = hash;
    this.place(index, hash);
    return index;
  }

  /** Copies tuple `index` into `into`. */
  read(index: number, into: Int32Array): void {
    const page = this.pages[index >> pageBits]!;
    const start = (index & pageMask) * this.width;
    for (let i = 0; i < this.width; i++) into[i] = page[start + i]!;
  }

  private hashOf(tuple: Int32Array): number {
    let hash = 0;
    for (let i = 0; i < this.width; i++) hash = hashPair(hash, tuple[i]!);
    return hash;
  }

  private same(index: number, tuple: Int32Array): boolean {
    const page = this.pages[index >> pageBits]!;
    const start = (index & pageMask) * this.width;
    for (let i = 0; i < this.width; i++) if (page[start + i] !== tuple[i]) return false;
    return true;
  }

  private place(index: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = index + 1;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const hashes = new Int32Array(this.slots.length / 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
    for (let index = 0; index < this.size; index++) this.place(index, hashes[index]!);
  }
}
