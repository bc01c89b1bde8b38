import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseScenario, playScenario } from "../../src/sim/scenario.ts";
import { expectGood } from "./judged.ts";

const directory = new URL("./scenarios/", import.meta.url);

describe("scenarios", () => {
  for (const file of readdirSync(directory).sort()) {
    test(file.replace(".json", ""), { timeout: 300_000 }, async () => {
      await expectGood(playScenario(parseScenario(readFileSync(new URL(file, directory), "utf8"), file)));
    });
  }

  test.for([
    ["no JSON", "{"],
    ["no name", `{"seed":1,"nodes":3,"seconds":1}`],
    ["a seed that is no number", `{"name":"x","seed":"1","nodes":3,"seconds":1}`],
    ["an unknown step", `{"name":"x","seed":1,"nodes":3,"seconds":1,"steps":[{"at":1,"do":"explode"}]}`],
    ["a step that lacks a field", `{"name":"x","seed":1,"nodes":3,"seconds":1,"steps":[{"at":1,"do":"crash"}]}`],
  ] as const)("refuses %s", ([, text]) => {
    expect(() => parseScenario(text, "x.json")).toThrow(/the scenario x.json/);
  });
});
