import { expect, test } from "vitest";
import type { Scenario } from "../../../src/sim/scenario.ts";
import type { ScenarioStep } from "../../../src/sim/scenario-step.ts";
import { shrink } from "../../../src/sim/shrink.ts";

const step = (at: number): ScenarioStep => ({ at, do: "crash", node: "n1" });
const scenario: Scenario = {
  name: "x", about: "", seed: 1, nodes: 5, seconds: 60, clients: 3, vmShare: 0.2, expect: [],
  steps: Array.from({ length: 40 }, (_, at) => step(at)),
};

/** Fails as long as the steps at 7 and 9 are there, with three nodes. */
const fails = (one: Scenario): boolean => one.nodes >= 3 && one.seconds > 9 && [7, 9].every((at) => one.steps.some((other) => other.at === at));

test("only what the failure needs is left", async () => {
  let trials = 0;
  const small = await shrink(scenario, {
    mayGoOn: () => true,
    trial: async (one) => {
      trials += 1;
      return fails(one) ? one.steps : undefined;
    },
  });
  expect(small).toMatchObject({ nodes: 3, clients: 0, vmShare: 0, seconds: 10, steps: [step(7), step(9)] });
  expect(trials).toBeLessThan(120);
});

test("steps that did nothing go without being asked for", async () => {
  const small = await shrink(scenario, { mayGoOn: () => true, trial: async (one) => (fails(one) ? one.steps.filter(({ at }) => at === 7 || at === 9) : undefined) });
  expect(small.steps).toHaveLength(2);
});

test("when time is up the smallest so far is the answer", async () => {
  let trials = 0;
  const small = await shrink(scenario, {
    mayGoOn: () => trials < 3,
    trial: async (one) => {
      trials += 1;
      return fails(one) ? one.steps : undefined;
    },
  });
  expect(trials).toBe(3);
  expect(fails(small)).toBe(true);
});
