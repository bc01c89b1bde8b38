/** What becomes of a write-ahead log on a disk that loses power. (File format: https://sqlite.org/walformat.html) */

import type { Chance } from "./chance.ts";

/** Disks write sectors of this size as a whole, in any order. */
const sectorBytes = 512;
/** The head is synced before the first frame is written. */
const headBytes = 32;

/**
 * A log in which some of the sectors that differ between `before` and `after` are those of `before`: at least one, so that
 * the transaction is torn. Equal to `after` when nothing was written.
 */
export function tornWal(before: Buffer, after: Buffer, chance: Chance): Buffer {
  const torn = Buffer.from(after);
  const old = Buffer.alloc(after.length);
  before.copy(old);
  after.copy(old, 0, 0, headBytes);
  const changed: number[] = [];
  for (let at = 0; at < after.length; at += sectorBytes) {
    if (!old.subarray(at, at + sectorBytes).equals(after.subarray(at, at + sectorBytes))) changed.push(at);
  }
  if (changed.length === 0) return torn;
  const reverted = changed.filter(() => chance.happens(0.5));
  for (const at of reverted.length === 0 ? [chance.pick(changed)] : reverted) old.copy(torn, at, at, at + sectorBytes);
  return torn;
}
