import { describe, expect, test } from "vitest";
import { simulate } from "../../src/sim/simulate.ts";
import { expectGood } from "./judged.ts";

describe("clusters with faults by seed", () => {
  for (let from = 1; from <= 30; from += 10) {
    test(`seeds ${from} to ${from + 9}`, { timeout: 60_000 }, async () => {
      for (let seed = from; seed < from + 10; seed += 1) {
        await expectGood(simulate({ seed, nodes: 3 + (seed % 3), seconds: 20 + (seed % 4) * 10, faults: "swarm", thinkMs: 250 }));
      }
    });
  }

  // Each of these broke something once; the commit that mended it tells the story.
  test.for([
    { seed: 1241, nodes: 3, seconds: 30 },
    { seed: 1061, nodes: 3, seconds: 30 },
    { seed: 1292, nodes: 3, seconds: 30 },
    { seed: 209, nodes: 5, seconds: 20 },
    { seed: 11, nodes: 5, seconds: 20 },
    { seed: 18, nodes: 5, seconds: 20 },
  ])("seed $seed with $nodes nodes, which failed before", { timeout: 30_000 }, async (run) => {
    await expectGood(simulate({ ...run, faults: "swarm" }));
  });

  test("the same seed gives the same trace, another seed another", { timeout: 30_000 }, () => {
    const run = (seed: number) => simulate({ seed, nodes: 5, seconds: 10, faults: "swarm" });
    const [first, second, other] = [run(77), run(77), run(78)];
    expect(second.traceHash).toBe(first.traceHash);
    expect(second.lines).toEqual(first.lines);
    expect(other.traceHash).not.toBe(first.traceHash);
  });
});
