import type { Fingerprint } from "./fingerprint.ts";

/**
 * The fingerprints of the states that any of several threads has found, in memory that they share. Whoever puts one in first
 * owns the state. A slot is two words; the first is claimed by exchange, the second follows.
 */
export class SharedStates {
  private readonly words: Int32Array;
  private readonly mask: number;

  /** `memory` holds 8 bytes for each of its slots, a power of two. */
  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.mask = this.words.length / 2 - 1;
  }

  has({ first, second }: Fingerprint): boolean {
    const { words, mask } = this;
    for (let slot = second & mask; ; slot = (slot + 1) & mask) {
      const held = Atomics.load(words, slot * 2);
      if (held === 0) return false;
      if (held === first && this.secondAt(slot) === second) return true;
    }
  }

  /** Whether the fingerprint was not there before; throws `RangeError` when the memory is full. */
  add({ first, second }: Fingerprint): boolean {
    const { words, mask } = this;
    for (let slot = second & mask, tried = 0; tried <= mask; slot = (slot + 1) & mask, tried++) {
      const held = Atomics.compareExchange(words, slot * 2, 0, first);
      if (held === 0) {
        Atomics.store(words, slot * 2 + 1, second);
        return true;
      }
      if (held === first && this.secondAt(slot) === second) return false;
    }
    throw new RangeError("there is no room for more states");
  }

  /** Waits the moment until the owner of the slot has written its second word. */
  private secondAt(slot: number): number {
    for (;;) {
      const second = Atomics.load(this.words, slot * 2 + 1);
      if (second !== 0) return second;
    }
  }
}
