import type { Configuration } from "./configuration.ts";
import { TlaError } from "./fault.ts";
import type { Specification } from "./specification.ts";

/** What a configuration asks of a search, by the names of definitions. */
export interface Checks {
  readonly inits: readonly string[];
  readonly next: string | undefined;
  readonly invariants: readonly { readonly name: string; readonly definition: string; readonly reads: readonly number[] }[];
  /** Predicates that a property asks of initial states. */
  readonly initials: readonly Named[];
  /** Predicates over two states that a property asks of every step. */
  readonly steps: readonly Named[];
  /** Fairness of the specification itself: it says nothing about which states and steps there are. */
  readonly assumed: readonly string[];
  /** Parts of properties that speak of liveness, which is not checked. */
  readonly unchecked: readonly { readonly property: string; readonly text: string; readonly at: string }[];
}

/** A part of a property, under the name of the property. */
export interface Named {
  readonly name: string;
  readonly definition: string;
}

/** Takes the formulas of the configuration apart; throws `TlaError` when one of them is not there or cannot be evaluated. */
export function checksOf(specification: Specification, configuration: Configuration): Checks {
  const { specification: spec, init, next, properties } = configuration;
  const parts = spec === undefined ? undefined : specification.formula(spec);
  if (parts !== undefined && parts.actions.length > 1) throw new TlaError(`${spec} holds several next-state actions`, undefined);
  if (parts === undefined && init === undefined && specification.variables.length > 0) {
    throw new TlaError("the configuration names neither SPECIFICATION nor INIT and NEXT", undefined);
  }
  const formulas = properties.map((name) => ({ name, ...specification.formula(name) }));
  const named = (pick: (formula: (typeof formulas)[number]) => readonly string[]): Named[] =>
    formulas.flatMap((formula) => pick(formula).map((definition) => ({ name: formula.name, definition })));
  const invariants = [...configuration.invariants.map((name) => ({ name, definition: name })), ...named(({ always }) => always)];
  const checks: Checks = {
    inits: parts?.initial ?? (init === undefined ? [] : [init]),
    next: parts === undefined ? next : parts.actions[0],
    invariants: invariants.map((law) => ({ ...law, reads: placesOf(specification, law.definition) })),
    initials: named(({ initial }) => initial),
    steps: named(({ steps }) => steps),
    assumed: parts?.unchecked.map(({ text }) => text) ?? [],
    unchecked: formulas.flatMap(({ name, unchecked }) => unchecked.map(({ text, at }) => ({ property: name, text, at: `${at.source.module}:${at.line}` }))),
  };
  refuseUnsupported(specification, configuration, checks);
  return checks;
}

/** What cannot be evaluated is refused before the search begins, not when it gets there. */
function refuseUnsupported(specification: Specification, configuration: Configuration, checks: Checks): void {
  const { constraints, actionConstraints, view, alias, postcondition } = configuration;
  const laws = [...checks.invariants, ...checks.initials, ...checks.steps].map(({ definition }) => definition);
  const others = [checks.next, view, alias, postcondition].filter((name) => name !== undefined);
  for (const name of [...checks.inits, ...laws, ...constraints, ...actionConstraints, ...others]) {
    const refusal = specification.refusals(name)[0];
    if (refusal !== undefined) throw refusal;
  }
}

function placesOf(specification: Specification, definition: string): number[] {
  return [...specification.readSet(definition)].map((variable) => specification.variables.indexOf(variable));
}
