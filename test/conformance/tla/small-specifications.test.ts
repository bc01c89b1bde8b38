import { expect, test } from "vitest";
import { parseConfiguration } from "../../../src/tla/configuration.ts";
import { showViolation } from "../../../src/tla/counterexample.ts";
import { checkModel, type Violation } from "../../../src/tla/model.ts";
import { loadSpecification } from "../../../src/tla/specification.ts";
import { loadGrammar } from "../../../src/verify/grammar.ts";
import { smallSpecifications } from "./small-specifications.ts";

const parse = await loadGrammar();

function nameOf(violation: Violation | undefined): string | undefined {
  if (violation === undefined) return undefined;
  if (violation.kind === "error") return violation.error.message;
  return violation.kind === "deadlock" ? "deadlock" : violation.name;
}

test.each(smallSpecifications)("$name: $because", ({ modules, configuration: text, distinct, generated, depth, violation, actions }) => {
  const configuration = parseConfiguration(text);
  const { constants, overrides, moduleOverrides } = configuration;
  const specification = loadSpecification({ root: "M", modules: new Map(Object.entries(modules)), constants, overrides, moduleOverrides, parse });
  const search = checkModel(specification, configuration, { batch: 1 });
  let step = search.next();
  while (!step.done) step = search.next();
  const result = step.value;
  expect(nameOf(result.violation)).toBe(violation);
  for (const [name, value] of Object.entries({ distinct, generated, depth })) if (value !== undefined) expect({ [name]: result[name as "distinct"] }).toEqual({ [name]: value });
  if (actions !== undefined) expect(showViolation(specification, configuration, result.violation!).trace.map(({ action }) => action)).toEqual(actions);
});
