import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { RunsCount, summaryText } from "../../src/commands/simulated-report.ts";
import { checkedRun, failureOf, findingsText } from "../../src/commands/simulated-run.ts";
import { Chance } from "../../src/sim/chance.ts";
import { storageModes, type StorageMode } from "../../src/sim/scenario.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationOptions } from "../../src/sim/simulation.ts";
import { simulateWithSql } from "../../src/sim/sql-disks.ts";
import { specDirectory } from "./specification.ts";

interface FailedOnce {
  readonly seed: number;
  readonly nodes: number;
  readonly seconds: number;
  readonly thinkMs?: number;
  readonly pace?: number;
  readonly showed: string;
}

const failedOnce = JSON.parse(readFileSync(new URL("seeds-that-failed.json", import.meta.url), "utf8")) as readonly FailedOnce[];
const seed = Number(process.env["BLIXARD_NEW_SEEDS"] ?? process.env["BLIXARD_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const count = new RunsCount();

/** Every law of the specification, the history of the clients, equal states, nothing lost, a cluster that works at the end. */
async function expectAllWell(options: SimulationOptions, storage: StorageMode = "memory"): Promise<void> {
  const run = await checkedRun(options, { specDirectory, storage });
  count.add(run);
  const failure = failureOf(run);
  expect(failure === undefined ? "" : `seed ${options.seed}, ${options.nodes} nodes, ${storage}: ${failure}${findingsText(run)}`).toBe("");
}

describe("seeds that failed once", () => {
  test.for(failedOnce)("seed $seed with $nodes nodes: $showed", { timeout: 300_000 }, async ({ showed: _showed, ...options }) => {
    await expectAllWell({ ...options, faults: "swarm" });
  });
});

/** Fixed in number and drawn from the seed, so that a failure can be played again. */
describe(`new seeds (BLIXARD_SEED=${seed})`, () => {
  const draw = (label: string): Chance => new Chance(seed).stream(label);

  test.for([1, 2, 3, 4])("busy clusters, part %i", { timeout: 900_000 }, async (part) => {
    const chance = draw(`busy ${part}`);
    for (let at = 0; at < 4; at += 1) {
      await expectAllWell({ seed: chance.below(2 ** 31), nodes: 3 + chance.below(5), seconds: 20 + chance.below(30), faults: "swarm", thinkMs: 250 });
    }
  });

  test("clusters at rest for longer", { timeout: 900_000 }, async () => {
    const chance = draw("rest");
    for (let at = 0; at < 2; at += 1) {
      await expectAllWell({ seed: chance.below(2 ** 31), nodes: 5, seconds: 900, faults: "swarm", pace: 8, thinkMs: 10_000 });
    }
  });

  test("on the real storage", { timeout: 900_000 }, async () => {
    const chance = draw("sqlite");
    for (let at = 0; at < 4; at += 1) {
      await expectAllWell({ seed: chance.below(2 ** 31), nodes: 3 + chance.below(3), seconds: 15, faults: "swarm", thinkMs: 250 }, "sqlite");
    }
  });

  afterAll(() => process.stdout.write(`${summaryText(count.summary())}\n`));
});

describe("the same seed gives the same trace", () => {
  const options: SimulationOptions = { seed: 77, nodes: 5, seconds: 10, faults: "swarm" };

  test("line by line; another seed gives another", { timeout: 300_000 }, () => {
    const [first, second, other] = [simulate(options), simulate(options), simulate({ ...options, seed: 78 })];
    expect(second.traceHash).toBe(first.traceHash);
    expect(second.lines).toEqual(first.lines);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  test("in another process, in both modes", { timeout: 900_000 }, async () => {
    const script = fileURLToPath(new URL("trace-hash.ts", import.meta.url));
    for (const storage of storageModes) {
      const told = execFileSync(process.execPath, ["--import", "tsx", script, storage, JSON.stringify(options)], { encoding: "utf8" }).trim();
      const run = storage === "memory" ? simulate(options) : await simulateWithSql(options);
      expect(told, storage).toBe(run.traceHash);
    }
  });

  /** Of a flipped bit a file makes something else than the model: it may lie where nothing is stored. */
  test("over the model of a disk and over the real storage", { timeout: 900_000 }, async () => {
    const faults = ["crash", "crash-at-write", "crash-at-point", "pause", "fsync-error", "full-disk", "lose-disk", "churn", "snapshot", "partition"] as const;
    for (const at of [1, 2, 3]) {
      const run: SimulationOptions = { seed: seed + at, nodes: 5, seconds: 12, faults, thinkMs: 250 };
      expect((await simulateWithSql(run)).traceHash, `seed ${run.seed}`).toBe(simulate(run).traceHash);
    }
  });
});
