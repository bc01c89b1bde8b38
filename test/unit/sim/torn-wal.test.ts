import { expect, test } from "vitest";
import { Chance } from "../../../src/sim/chance.ts";
import { tornWal } from "../../../src/sim/torn-wal.ts";

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
