import { expect, test } from "vitest";
import { KeyHistory } from "../../../src/machine/history.ts";
import { toldOtherwise } from "../../../src/sim/watched.ts";

function history(floor: number, ...entries: readonly (readonly [number, string | null])[]): KeyHistory {
  const made = new KeyHistory({ entries: 100, bytes: 100_000 }, floor);
  for (const [index, key] of entries) made.append(index, key === null ? [] : [{ table: "kv", key, record: null, formerVersion: 1 }]);
  return made;
}

test("histories are compared where both know what happened", () => {
  const whole = history(0, [1, "/a"], [2, null], [3, "/b"], [4, "/c"]);
  expect(toldOtherwise(whole, history(2, [3, "/b"]))).toBeUndefined();
  expect(toldOtherwise(whole, history(9))).toBeUndefined();
  expect(toldOtherwise(whole, history(2, [3, "/x"], [4, "/c"]))).toBe(3);
  expect(toldOtherwise(whole, history(2, [3, null], [4, "/c"]))).toBe(3);
  expect(toldOtherwise(history(2, [3, null]), whole)).toBe(3);
});
