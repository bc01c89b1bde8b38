import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../errors.ts";
import { type Configuration, ConfigurationError, parseConfiguration } from "../tla/configuration.ts";
import { loadSpecification, type Specification, type State, type SyntaxNode, TlaError } from "../tla/specification.ts";
import type { Failure } from "../tla/watch.ts";
import { printValue, type Value } from "../tla/values.ts";
import { loadGrammar } from "./grammar.ts";
import type { LawByElement } from "./law-by-element.ts";
import type { Law } from "./laws.ts";
import type { TraceSpecification } from "./trace-specification.ts";

/** The operator that says which steps a line may be. */
const step = "Step";

/** The specification that comes with the program. */
export function ownSpecDirectory(): string {
  return fileURLToPath(new URL("../../spec", import.meta.url));
}

/** Trees by text: the modules are the same for every run, only the constants differ. */
const trees = new Map<string, SyntaxNode>();

/** The specification loaded last, and everything that it depends on: one run after another has the same nodes often. */
let latest: { readonly key: string; readonly specification: TraceSpecification } | undefined;

/**
 * Loads `module` and its `.cfg` from `directory`. `constants` are what the trace says, as the set of its nodes; the
 * others stand in the `.cfg`. Everything that is wrong with the specification is `SPEC_INVALID`.
 */
export async function loadTraceSpecification(
  directory: string,
  module: string,
  constants: ReadonlyMap<string, Value>,
): Promise<TraceSpecification> {
  const grammar = await loadGrammar();
  const parse = (text: string): SyntaxNode => {
    let tree = trees.get(text);
    if (tree === undefined) trees.set(text, (tree = grammar(text)));
    return tree;
  };
  try {
    const modules = readModules(directory, module);
    const configurationText = readFileSync(join(directory, `${module}.cfg`), "utf8");
    const key = JSON.stringify([module, configurationText, ...modules, ...[...constants].map(([name, value]) => [name, printValue(value)])]);
    if (latest?.key === key) return latest.specification;
    const configuration = parseConfiguration(configurationText);
    const { overrides, moduleOverrides } = configuration;
    const all = new Map([...configuration.constants, ...constants]);
    const specification = loadSpecification({ root: module, modules, constants: all, overrides, moduleOverrides, parse });
    const loaded = new LoadedTraceSpecification(specification, module, configuration);
    loaded.check();
    latest = { key, specification: loaded };
    return loaded;
  } catch (error) {
    if (error instanceof TlaError || error instanceof ConfigurationError || (error as NodeJS.ErrnoException).code === "ENOENT") throw invalid(directory, (error as Error).message);
    throw error;
  }
}

function readModules(directory: string, module: string): ReadonlyMap<string, string> {
  const files = readdirSync(directory).filter((name) => name.endsWith(".tla"));
  if (!files.includes(`${module}.tla`)) throw invalid(directory, `there is no ${module}.tla`);
  return new Map(files.map((name) => [basename(name, ".tla"), readFileSync(join(directory, name), "utf8")]));
}

function invalid(directory: string, what: string): UserError {
  return new UserError("SPEC_INVALID", `The specification in ${directory} cannot be used: ${what}`, {
    next: "Name the directory of a specification of traces; without one the program's own is used.",
  });
}

class LoadedTraceSpecification implements TraceSpecification {
  readonly module: string;
  readonly invariants: readonly Law[];
  readonly properties: readonly Law[];
  readonly #specification: Specification;
  readonly #init: string;

  constructor(specification: Specification, module: string, configuration: Configuration) {
    this.#specification = specification;
    this.module = module;
    const { init, specification: formula } = configuration;
    this.#init = init ?? (formula === undefined ? undefined : specification.formula(formula).initial[0]) ?? "Init";
    const parts = configuration.properties.map((name) => ({ name, ...this.#partsOf(name) }));
    const always = parts.flatMap((part) => part.always.map((definition) => ({ name: part.name, definition })));
    this.invariants = [...configuration.invariants.map((name) => ({ name, definition: name })), ...always];
    this.properties = parts.flatMap((part) => part.steps.map((definition) => ({ name: part.name, definition })));
  }

  get variables(): readonly string[] {
    return this.#specification.variables;
  }

  /** Throws when something that will be evaluated is not there or is not supported. */
  check(): void {
    const definitions = [...this.invariants, ...this.properties].map(({ definition }) => definition);
    for (const name of [step, this.#init, ...definitions]) {
      const refusal = this.#specification.refusals(name)[0];
      if (refusal !== undefined) throw refusal;
    }
    const assumption = this.#specification.violatedAssumption();
    if (assumption !== undefined) throw assumption;
  }

  /** A trace ends somewhere: of a property only what speaks of every state and every step can be held against it. */
  #partsOf(name: string): { readonly always: readonly string[]; readonly steps: readonly string[] } {
    const { always, steps, initial, unchecked } = this.#specification.formula(name);
    if (initial.length + unchecked.length > 0) {
      throw new TlaError(`the property ${name} says more than []P and [][A]_v, which is not checked of traces`, undefined);
    }
    return { always, steps };
  }

  initialStates(): Iterable<State> {
    return this.#specification.initialStates(this.#init);
  }

  successors(state: State, line: Value, most?: number): Iterable<State> {
    return this.#specification.successors(state, step, [line], most);
  }

  explain(state: State, line: Value): readonly Failure[] {
    return this.#specification.explain(state, step, [line]).failures;
  }

  holds(invariant: string, state: State): boolean {
    return this.#specification.holds(invariant, state);
  }

  readSet(definition: string): Iterable<string> {
    return this.#specification.readSet(definition);
  }

  conjunctsOfStep(property: string): readonly string[] {
    return this.#specification.conjunctsOfStep(property);
  }

  pointwise(definition: string): LawByElement | undefined {
    const law = this.#specification.pointwise(definition);
    if (law === undefined) return undefined;
    return { ...law, holds: (elements, state, after) => this.#specification.holdsOf(law, elements, state, after) };
  }

  holdsAction(property: string, before: State, after: State): boolean {
    return this.#specification.holdsAction(property, before, after);
  }
}
