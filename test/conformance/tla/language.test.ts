import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runModel } from "../../../src/verify/model-run.ts";
import { printed, specify, valuesOf } from "../../unit/tla/specify.ts";
import { language, mistakes } from "./language.ts";

test.each(language)("$name", ({ units = "", values }) => {
  const expressions = values.map(([expression]) => expression);
  const found = valuesOf(expressions, units);
  expect(expressions.map((expression, index) => [expression, found[index]])).toEqual(values.map((pair) => [...pair]));
});

test.each(mistakes)("%s is a mistake, told with its place", (expression, error) => {
  const specification = specify(`\nBad ==\n  ${expression}`);
  expect(printed(() => specification.evaluate("Bad"))).toMatch(new RegExp(`^error: M:5:\\d+: ${error.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
});

/** What is asked of a model and cannot be checked, and where that stands. */
const refused: readonly (readonly [property: string, place: string])[] = [
  ["<>(x = 1)", "M:9"],
  ["[]<>(x = 1)", "M:9"],
  ["(x = 0) ~> (x = 1)", "M:9"],
  ["WF_x(Next)", "M:9"],
  ["\\EE hidden : I(hidden)!Spec", "M:9"],
];

test.each(refused)("the property %s is refused by name and line", async (property, place) => {
  const directory = mkdtempSync(join(tmpdir(), "blixard-refused-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "M.tla"), `---- MODULE M ----\nEXTENDS Naturals\nVARIABLE x\nI(y) == INSTANCE N\nInit == x = 0\nNext == x' = 1 - x\n\nAsked ==\n  ${property}\n====\n`);
  writeFileSync(join(directory, "N.tla"), "---- MODULE N ----\nVARIABLE y\nSpec == y = 0 /\\ [][y' = y]_y\n====\n");
  writeFileSync(join(directory, "M.cfg"), "INIT Init NEXT Next PROPERTY Asked");
  const run = runModel({ file: join(directory, "M.tla"), workers: 1 });
  await expect(run).rejects.toMatchObject({ code: "SPEC_INVALID", message: expect.stringMatching(new RegExp(`^${place}: the property Asked asks for `)) as string });
  expect(await runModel({ file: join(directory, "M.tla"), workers: 1, safetyOnly: true })).toMatchObject({ distinct: 2, violation: undefined });
});
