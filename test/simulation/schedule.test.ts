import { expect, test } from "vitest";
import { optionsOf, parseScenario, recordedScenario } from "../../src/sim/scenario.ts";
import { shrink } from "../../src/sim/shrink.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { plantedBug } from "../../src/sim/planted-bugs.ts";
import { failureOf } from "../../src/commands/simulated-run.ts";
import { checkedScenario } from "../../src/commands/simulated-failure.ts";
import { specDirectory } from "./specification.ts";

/** Faults are drawn as steps of a scenario, so that what chance did can be written down, played again and made smaller. */
test("the schedule of a run, written down and played, gives the same trace", { timeout: 300_000 }, () => {
  for (const seed of [3, 8, 22, 31]) {
    const options = { seed, nodes: 5, seconds: 15, faults: "swarm" } as const;
    const run = simulate(options);
    expect(run.schedule.length).toBeGreaterThan(5);
    const written = JSON.stringify(recordedScenario(options, run, {}));
    expect(simulate(optionsOf(parseScenario(written, "written"))).traceHash, `seed ${seed}`).toBe(run.traceHash);
  }
});

test("a failure is made small, and the small scenario fails in the same way", { timeout: 900_000 }, async () => {
  const options = { seed: 7, nodes: 5, seconds: 10, faults: "swarm", vmShare: 0, clients: 4, thinkMs: 40 } as const;
  const bug = () => plantedBug("own-vote-counted-twice");
  const recorded = recordedScenario(options, simulate({ ...options, planted: bug() }), {});
  const failed = failureOf(await checkedScenario(recorded, bug(), specDirectory));
  expect(failed).toBe("BecomeLeader");
  let trials = 0;
  const small = await shrink(recorded, {
    mayGoOn: () => trials < 40,
    trial: async (scenario) => {
      trials += 1;
      const missed = new Set<unknown>();
      const played = await checkedScenario(scenario, bug(), specDirectory, (step) => missed.add(step));
      return failureOf(played) === failed ? scenario.steps.filter((step) => !missed.has(step)) : undefined;
    },
  });
  expect(small.steps.length).toBeLessThan(recorded.steps.length);
  expect(failureOf(await checkedScenario(small, bug(), specDirectory))).toBe(failed);
});
