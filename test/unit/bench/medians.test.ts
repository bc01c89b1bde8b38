/** What is told of several rounds. */

import { expect, test } from "vitest";
import { median, medians, quietRounds, spreadOf } from "../../../bench/medians.ts";

test("the median is the middle, or between the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test("each figure has a median of its own", () => {
  const rounds = [{ operationsPerSecond: 3, p99Ms: 10 }, { operationsPerSecond: 1, p99Ms: 30 }, { operationsPerSecond: 2, p99Ms: 20 }];
  expect(medians(rounds)).toEqual({ operationsPerSecond: 2, p99Ms: 20 });
  expect(spreadOf(rounds)).toEqual({ lowest: 1, highest: 3 });
});

/** Rounds that are disturbed as told, one after the other. */
function disturbed(others: readonly number[]) {
  let at = 0;
  return async () => ({ round: at, otherCpus: others[at++] as number });
}

test("a disturbed round is measured again", async () => {
  const rounds = await quietRounds(2, disturbed([0.9, 0.1, 0.5, 0.2]));
  expect(rounds.map(({ round }) => round)).toEqual([1, 3]);
});

test("where it stays loud, the quietest rounds are taken", async () => {
  const rounds = await quietRounds(2, disturbed([0.9, 0.8, 0.7, 0.6]));
  expect(rounds.map(({ round }) => round)).toEqual([3, 2]);
});
