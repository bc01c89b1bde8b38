import type { Fingerprint } from "./fingerprint.ts";

/** Slots that lie in one line of the processor's cache. */
const bucket = 8;
const bytesPerSlot = 8;

/** How many slots each part has: a small model stays in memory that is near, the largest may have 75 million states. */
const partSizes: readonly number[] = [1 << 20, 1 << 23, 1 << 26];

/** Memory for the states of `SharedStates`, about `most` of them. The system gives only what is used. */
export function memoryForStates(most: number): readonly SharedArrayBuffer[] {
  const parts = partSizes.filter((_, index) => index === 0 || partSizes[index - 1]! / 2 < most);
  return parts.map((slots) => new SharedArrayBuffer(slots * bytesPerSlot));
}

/** How many states that memory surely holds. */
export function roomIn(memory: readonly SharedArrayBuffer[]): number {
  return (memory.at(-1)!.byteLength / bytesPerSlot) * 0.75;
}

/**
 * The fingerprints of the states that any of several threads has found, in memory that they share. Whoever puts one in first
 * owns the state. A slot is two words; the first is claimed by exchange, the second follows. A fingerprint belongs in one bucket of
 * the first part; where that is full, in one of the next part, and in the last part anywhere behind its bucket. Slots never
 * become free, so all threads look in the same places in the same order.
 */
export class SharedStates {
  private readonly parts: readonly Int32Array[];

  constructor(memory: readonly SharedArrayBuffer[]) {
    this.parts = memory.map((part) => new Int32Array(part));
  }

  has(print: Fingerprint): boolean {
    return this.find(print, false) === "there";
  }

  /** Whether the fingerprint was not there before; throws `RangeError` when the memory is full. */
  add(print: Fingerprint): boolean {
    const found = this.find(print, true);
    if (found === "full") throw new RangeError("there is no room for more states");
    return found === "free";
  }

  /** Looks for `print`, and with `claim` puts it where a slot is free. */
  private find({ first, second }: Fingerprint, claim: boolean): "there" | "free" | "full" {
    const { parts } = this;
    for (let part = 0; part < parts.length; part++) {
      const words = parts[part]!;
      const mask = words.length / 2 - 1;
      const start = second & mask & ~(bucket - 1);
      const most = part === parts.length - 1 ? mask + 1 : bucket;
      for (let tried = 0; tried < most; tried++) {
        const word = ((start + tried) & mask) * 2;
        let held = Atomics.load(words, word);
        if (held === 0) {
          if (claim) held = Atomics.compareExchange(words, word, 0, first);
          if (held === 0) {
            if (claim) Atomics.store(words, word + 1, second);
            return "free";
          }
        }
        if (held === first && secondAt(words, word) === second) return "there";
      }
    }
    return "full";
  }
}

/** Waits the moment until the owner of the slot has written its second word. */
function secondAt(words: Int32Array, word: number): number {
  for (;;) {
    const second = Atomics.load(words, word + 1);
    if (second !== 0) return second;
  }
}
