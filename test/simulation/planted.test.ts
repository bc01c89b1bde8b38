/** The judge is judged: each of these mistakes must be noticed, as what it is, and without them nothing. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { plantedBug, plantedNames } from "../../src/sim/planted-bugs.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { verdictText } from "../../src/verify/report.ts";
import { judge } from "./judged.ts";
import { specialNames } from "./planted-conditions.ts";
import { knownSeeds } from "./planted-known.ts";
import { countOf, tableOf } from "./planted-report.ts";
import { Control, quickBounds, search } from "./planted-search.ts";
import type { Search } from "./planted-search.ts";

const known = knownSeeds();
const searches: Search[] = [];
const control = new Control();

afterAll(() => {
  process.stdout.write(`${tableOf(searches)}\n${control.size} runs with nothing planted\n${countOf(searches)}\n`);
});

describe("planted bugs are caught", () => {
  for (const name of plantedNames) {
    test(`${name}: ${plantedBug(name).caughtBy.join(", ")}`, { timeout: 300_000 }, async () => {
      const bounds = quickBounds(known[name]?.seed ?? 1);
      const found = await search(name, bounds);
      searches.push(found);
      control.add(name, bounds.firstSeed, found.seeds);
      expect(found.caught?.by ?? found.instead).toSatisfy((by) => plantedBug(name).caughtBy.includes(String(by)));
    });
  }

  test("nothing is found in the same runs when nothing is planted", { timeout: 1_200_000 }, async () => {
    expect(control.size).toBeGreaterThan(0);
    expect(await control.findings()).toEqual([]);
  });

  test("each has a known seed, and nothing else has", () => {
    expect(Object.keys(known)).toEqual(plantedNames);
    expect(specialNames.filter((name) => !plantedNames.includes(name))).toEqual([]);
  });
});

test("nothing of the product can plant a bug", () => {
  const src = join(import.meta.dirname, "../../src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const reaching = files.filter((path) => /from "[^"]*planted-[^"]*"/.test(readFileSync(join(src, path), "utf8")));
  expect(reaching).toContain("commands/simulated-runs.ts");
  expect(reaching.filter((path) => !path.startsWith("sim/") && !path.startsWith("commands/simulated-"))).toEqual([]);
});

test("a verdict can be printed, where a title of its diagram reaches the sender's column too", async () => {
  const verdict = await judge(simulate({ seed: 1, nodes: 5, seconds: 10, faults: "swarm", planted: plantedBug("commit-by-half") }));
  expect(verdictText(verdict)).toMatch(/IsQuorum\(Holders\(i, n\), [^]*around it/);
});
