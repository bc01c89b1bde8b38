/** Spreads the bits of `h`: small differences give unrelated numbers (the finaliser of MurmurHash3). */
export function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A 32-bit hash of `text` (FNV-1a, then mixed). */
export function hashText(text: string, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** A hash of an integer; all 53 bits count. */
export function hashInteger(n: number): number {
  const low = n | 0;
  return low === n ? mix(low ^ 0x2545f491) : mix(low ^ mix(Math.floor(n / 4294967296) | 0));
}

/** A hash of a pair; order counts. */
export function hashPair(a: number, b: number): number {
  return mix(Math.imul(a, 0x9e3779b1) ^ (b + 0x7f4a7c15));
}
