import { expect, test } from "vitest";
import { Chance } from "../../../src/sim/chance.ts";
import { bytesBeforeLastTransaction, tornWal } from "../../../src/sim/torn-wal.ts";

const filled = (bytes: number, value: number): Buffer => Buffer.alloc(bytes, value);

test("of what was not synced at least one sector is as it was, and the head is there", () => {
  const before = filled(1_024, 1);
  const after = Buffer.concat([before, filled(4_096, 2)]);
  after.fill(9, 0, 32);
  const seen = new Set<number>();
  for (let seed = 0; seed < 200; seed += 1) {
    const torn = tornWal(before, after, new Chance(seed));
    expect(torn.length).toBe(after.length);
    expect(torn.subarray(0, 32).equals(after.subarray(0, 32))).toBe(true);
    expect(torn.subarray(32, 1_024).equals(before.subarray(32))).toBe(true);
    let lost = 0;
    for (let at = 1_024; at < torn.length; at += 512) {
      const sector = torn.subarray(at, at + 512);
      const whole = sector.every((byte) => byte === 2);
      expect(whole || sector.every((byte) => byte === 0)).toBe(true);
      if (!whole) lost += 1;
    }
    expect(lost).toBeGreaterThan(0);
    seen.add(lost);
  }
  expect(seen.size).toBeGreaterThan(4);
});

test("what was not written is not torn", () => {
  const same = filled(2_048, 3);
  expect(tornWal(same, same, new Chance(1)).equals(same)).toBe(true);
});

test("the last transaction of a log begins behind the last but one that was committed", () => {
  const head = Buffer.alloc(32);
  head.writeUInt32BE(1_024, 8);
  head.fill(7, 16, 24);
  const frame = (pagesAfterCommit: number, salt = 7): Buffer => {
    const bytes = Buffer.alloc(24 + 1_024);
    bytes.writeUInt32BE(pagesAfterCommit, 4);
    return bytes.fill(salt, 8, 16);
  };
  const length = 24 + 1_024;
  expect(bytesBeforeLastTransaction(Buffer.alloc(0))).toBe(0);
  expect(bytesBeforeLastTransaction(Buffer.concat([head, frame(0), frame(3)]))).toBe(0);
  expect(bytesBeforeLastTransaction(Buffer.concat([head, frame(0), frame(3), frame(0), frame(0), frame(4)]))).toBe(32 + 2 * length);
  // What an earlier round of the log left behind its end is no part of it.
  expect(bytesBeforeLastTransaction(Buffer.concat([head, frame(3), frame(4), frame(5, 6)]))).toBe(32 + length);
});
