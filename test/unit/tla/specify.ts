import { loadGrammar } from "../../../src/verify/grammar.ts";
import { loadSpecification, type Specification, type SpecificationInput } from "../../../src/tla/specification.ts";
import { printValue, type Value } from "../../../src/tla/values.ts";

const parse = await loadGrammar();

export type Rest = Omit<SpecificationInput, "root" | "modules" | "parse">;

/** A specification of one module M with these units, which extends all the standard modules; further modules by name. */
export function specify(units: string, others: Readonly<Record<string, string>> = {}, rest: Rest = {}): Specification {
  const text = `---- MODULE M ----\nEXTENDS Integers, Sequences, FiniteSets, Bags, TLC, SequencesExt, FiniteSetsExt, Functions, BagsExt\n${units}\n====\n`;
  return load("M", { M: text, ...others }, rest);
}

/** A specification of these modules. */
export function load(root: string, modules: Readonly<Record<string, string>>, rest: Rest = {}): Specification {
  return loadSpecification({ root, modules: new Map(Object.entries(modules)), parse, ...rest });
}

/** The values, printed, of many expressions, which may use `units`. */
export function valuesOf(expressions: readonly string[], units = ""): string[] {
  const definitions = expressions.map((expression, index) => `Value${index} == ${expression}`);
  const specification = specify(`${units}\n${definitions.join("\n")}`);
  return expressions.map((_, index) => printed(() => specification.evaluate(`Value${index}`)));
}

/** The value printed, or the message of the error. */
export function printed(evaluate: () => Value): string {
  try {
    return printValue(evaluate());
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}
