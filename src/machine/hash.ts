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
  beginHash(into, seed, key);
  absorb(into, text);
  endHash(into);
}

/** Begins a hash that is made of several parts. */
export function beginHash(into: Lanes, seed: Lanes, key: string): void {
  into.low = seed.low;
  into.high = seed.high;
  absorb(into, key);
}

/** Ends a hash begun with `beginHash`, or with a copy of it. */
export function endHash(into: Lanes): void {
  into.low = finish(into.low);
  into.high = finish(into.high ^ into.low);
}

/** Absorbs a whole number from 0 to 2^53. */
export function absorbNumber(into: Lanes, number: number): void {
  step(into, number | 0);
  step(into, Math.floor(number / 2 ** 32) | 0);
}

/** Absorbs text so that the parts of a text leave the same as the whole: one character a step, no length. */
export function absorbPart(into: Lanes, text: string): void {
  for (let at = 0; at < text.length; at += 1) step(into, text.charCodeAt(at));
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

/** Absorbs text with its length. Two characters a step; `step` written out, for this is the hottest loop of apply. */
export function absorb(lanes: Lanes, text: string): void {
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
  lanes.low = low;
  lanes.high = high;
  if (even < length) step(lanes, text.charCodeAt(even));
}

/** A bijection of each lane, so that no difference is lost on the way. */
function step(lanes: Lanes, word: number): void {
  const low = Math.imul(lanes.low ^ word, 0x9e3779b1);
  const high = Math.imul((lanes.high + word) | 0, 0xc2b2ae3d);
  lanes.low = low ^ (low >>> 15);
  lanes.high = high ^ (high >>> 13);
}

/** MurmurHash3's last step (public domain): every bit in changes half of the bits out. */
function finish(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
