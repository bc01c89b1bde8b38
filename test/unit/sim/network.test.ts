import { expect, test } from "vitest";
import { Chance } from "../../../src/sim/chance.ts";
import { Network } from "../../../src/sim/network.ts";
import { Scheduler } from "../../../src/sim/scheduler.ts";

test("cuts that overlap are mended one by one, and each cuts one direction", () => {
  const scheduler = new Scheduler();
  const network = new Network(scheduler, new Chance(1));
  const arrives = (from: string, to: string): boolean => {
    let arrived = false;
    network.carry(from, to, () => (arrived = true));
    scheduler.runUntil(scheduler.nowMs + 100);
    return arrived;
  };
  const one = network.cut("a", "b");
  const both = network.separate(["a"], ["b", "c"]);
  expect([arrives("a", "b"), arrives("b", "a"), arrives("c", "a"), arrives("b", "c")]).toEqual([false, false, false, true]);
  network.mend(both);
  expect([arrives("a", "b"), arrives("b", "a"), arrives("c", "a")]).toEqual([false, true, true]);
  network.mend(one);
  expect(arrives("a", "b")).toBe(true);
});
