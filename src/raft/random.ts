/** Chance, told by a seed: mulberry32. The same seed gives the same run. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** `seed`: any integer; only its lowest 32 bits count. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
  };
}
