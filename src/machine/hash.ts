/**
 * The digest of the replicated state (row P1): the sum, modulo 2^32 in each of two lanes, of a hash of every row. A sum
 * does not depend on the order of the rows, and a changed row costs one subtraction and one addition.
 * It finds divergence; it is no defence against somebody who computes collisions.
 */

/** Two 32-bit integers that stand for one of 64 bits. */
export interface Lanes {
  low: number;
  high: number;
}

/** Start of the hash of every row of `table`. */
export function tableSeed(table: string): Lanes {
  const seed = { low: 0x2c1b3c6d, high: 0x297a2d39 };
  absorb(seed, table);
  return seed;
}

/** Writes the hash of a row into `into`. Lengths are absorbed too, so that key and text cannot run into each other. */
export function hashRow(into: Lanes, seed: Lanes, key: string, text: string): void {
  into.low = seed.low;
  into.high = seed.high;
  absorb(into, key);
  absorb(into, text);
  into.low = finish(into.low);
  into.high = finish(into.high ^ into.low);
}

/** Adds `part` to `sum`. */
export function addLanes(sum: Lanes, part: Lanes): void {
  sum.low = (sum.low + part.low) | 0;
  sum.high = (sum.high + part.high) | 0;
}

/** Takes `part` out of `sum`. */
export function subtractLanes(sum: Lanes, part: Lanes): void {
  sum.low = (sum.low - part.low) | 0;
  sum.high = (sum.high - part.high) | 0;
}

/** 16 hexadecimal digits. */
export function hexLanes(lanes: Lanes): string {
  return hex(lanes.high) + hex(lanes.low);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}

/** Two characters a step; each step is a bijection of the lane, so that no difference is lost on the way. */
function absorb(lanes: Lanes, text: string): void {
  const length = text.length;
  let low = lanes.low ^ length;
  let high = Math.imul(lanes.high ^ length, 0x85ebca6b);
  const even = length & ~1;
  for (let at = 0; at < even; at += 2) {
    const word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
    low = Math.imul(low ^ word, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul((high + word) | 0, 0xc2b2ae3d);
    high ^= high >>> 13;
  }
  if (even < length) {
    const word = text.charCodeAt(even);
    low = Math.imul(low ^ word, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul((high + word) | 0, 0xc2b2ae3d);
    high ^= high >>> 13;
  }
  lanes.low = low;
  lanes.high = high;
}

/** MurmurHash3's last step (public domain): every bit in changes half of the bits out. */
function finish(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
