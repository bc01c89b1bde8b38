import { describe, test } from "vitest";
import type { ScenarioStep } from "../../src/sim/scenario-step.ts";
import { playScenario } from "../../src/sim/scenario.ts";
import { expectGood } from "./judged.ts";

/** A node dies at each of its writes, with the write on disk and without it; nothing acknowledged may be lost. */
describe("a crash at each write", () => {
  for (const node of ["leader", "follower"]) {
    for (const keep of [false, true]) {
      test(`of a ${node}, ${keep ? "which reaches" : "which does not reach"} the disk`, { timeout: 300_000 }, async () => {
        for (let skip = 0; skip < 12; skip += 1) {
          const steps: ScenarioStep[] = [{ at: 0.5, do: "crash-at-write", node, skip, keep, afterMs: keep ? 0.4 : 0, restartMs: 700 }];
          // In the middle of them an election and a membership change write too.
          if (skip % 3 === 1) steps.push({ at: 0.5, do: "transfer" });
          if (skip % 3 === 2) steps.push({ at: 0.49, do: "join" });
          await expectGood(playScenario({ name: "crash", about: "", seed: 40 + skip, nodes: 3, seconds: 3, clients: 3, steps, expect: [] }));
        }
      });
    }
  }
});
