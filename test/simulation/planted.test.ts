import { describe, expect, test } from "vitest";
import { plantedBug, plantedNames } from "../../src/sim/planted-bugs.ts";
import type { ScenarioStep } from "../../src/sim/scenario-step.ts";
import { playScenario } from "../../src/sim/scenario.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import { verdictText } from "../../src/verify/report.ts";
import { judge } from "./judged.ts";

/** The seed that shows it first; those after it are tried too, for a change elsewhere may move it. */
const seeds: Readonly<Record<string, number>> = {
  "vote-twice": 3,
  "vote-for-shorter-log": 3,
  "own-vote-counted-twice": 1,
  "learner-counted": 5,
  "commit-old-term-by-counting": 2,
  "conflict-not-truncated": 3,
  "prev-term-unchecked": 22,
  "stale-append-accepted": 3,
  "vm-launched-again-after-restart": 2,
};
const seedsTried = 12;

/** What chance seldom brings is played. */
const played: Readonly<Record<string, { nodes: number; seconds: number; steps: readonly ScenarioStep[] }>> = {
  "configuration-not-rolled-back": {
    nodes: 5,
    seconds: 9,
    steps: [
      { at: 1, do: "remember", node: "leader", as: "old" },
      { at: 1, do: "separate", one: ["$old"], other: ["rest"] },
      { at: 1.01, do: "ask-add", node: "$old" },
      { at: 4, do: "heal" },
      { at: 6, do: "transfer", to: "$old" },
    ],
  },
  "second-change-while-one-is-pending": {
    nodes: 3,
    seconds: 3,
    steps: [
      { at: 1, do: "ask-add", node: "leader" },
      { at: 1.0001, do: "ask-add", node: "leader" },
    ],
  },
  "lagging-learner-promoted": {
    nodes: 3,
    seconds: 4,
    steps: [
      { at: 1, do: "ask-add", node: "leader" },
      { at: 1.2, do: "pause", node: "joiner" },
      { at: 1.3, do: "put", node: "leader", count: 300 },
      { at: 1.8, do: "ask-promote", node: "leader", learner: "joiner" },
    ],
  },
  "vote-of-older-term": {
    nodes: 5,
    seconds: 20,
    steps: [
      { at: 1, do: "links", quality: { minDelayMs: 250, maxDelayMs: 900, reorder: true } },
    ],
  },
};

function* runs(name: string): Generator<SimulationResult> {
  const scenario = played[name];
  const first = seeds[name] ?? 1;
  for (let seed = first; seed < first + seedsTried; seed += 1) {
    const planted = plantedBug(name);
    if (scenario !== undefined) yield playScenario({ name, about: "", seed, clients: 1, expect: [], ...scenario }, planted);
    else yield simulate({ seed, nodes: seed % 2 === 1 ? 5 : 4, seconds: 12, faults: "swarm", planted, clients: 4, thinkMs: 40, vmShare: 0.2 });
  }
}

/** What the judge found first, with the seed. */
async function catching(name: string): Promise<string> {
  for (const result of runs(name)) {
    const verdict = await judge(result);
    if (verdict.kind === "rejected") return verdict.law ?? verdict.event?.event ?? verdict.code;
  }
  return `not caught with ${seedsTried} seeds`;
}

/** The judge is judged: each of these mistakes must be noticed, and as what it is. */
describe("planted bugs are caught by the specification", () => {
  for (const name of plantedNames) {
    const { caughtBy } = plantedBug(name);
    test(`${name}: ${caughtBy.join(", ")}`, { timeout: 120_000 }, async () => {
      expect(caughtBy).toContain(await catching(name));
    });
  }
});

test("a verdict can be printed, where a title of its diagram reaches the sender's column too", async () => {
  const verdict = await judge(simulate({ seed: 1, nodes: 5, seconds: 10, faults: "swarm", planted: plantedBug("commit-by-half") }));
  expect(verdictText(verdict)).toMatch(/IsQuorum\(Holders\(i, n\), [^]*around it/);
});
