import { expect, test } from "vitest";
import { memoryForStates, roomIn, SharedStates } from "../../../src/tla/shared-states.ts";

const bytesPerSlot = 8;

/** Fingerprints that all fall into few buckets. */
function print(n: number): { first: number; second: number } {
  return { first: n + 1, second: (n % 3) + 1 };
}

test("a full bucket goes on in the next part: each fingerprint is taken once, whoever comes first", () => {
  const memory = [16, 64, 1024].map((slots) => new SharedArrayBuffer(slots * bytesPerSlot));
  const [one, other] = [new SharedStates(memory), new SharedStates(memory)];
  for (let n = 0; n < 1000; n++) {
    expect(one.has(print(n))).toBe(false);
    expect((n % 2 === 0 ? one : other).add(print(n))).toBe(true);
    expect((n % 2 === 0 ? other : one).add(print(n))).toBe(false);
  }
  for (let n = 0; n < 1000; n++) expect(other.has(print(n))).toBe(true);
  expect(one.has(print(1000))).toBe(false);
  // The same first half, another second one.
  expect(one.has({ first: 1, second: 2 })).toBe(false);
});

test("where there is no room left it is said", () => {
  const states = new SharedStates([new SharedArrayBuffer(8 * bytesPerSlot), new SharedArrayBuffer(16 * bytesPerSlot)]);
  for (let n = 0; n < 24; n++) expect(states.add(print(n))).toBe(true);
  expect(() => states.add(print(24))).toThrow(RangeError);
  expect(states.has(print(24))).toBe(false);
});

test("the memory follows the number of states", () => {
  expect(memoryForStates(1000)).toHaveLength(1);
  expect(memoryForStates(Number.POSITIVE_INFINITY).length).toBeGreaterThan(1);
  for (const most of [1, 500_000, 5_000_000]) expect(roomIn(memoryForStates(most))).toBeGreaterThanOrEqual(Math.min(most, 700_000));
});
