import { TlaError } from "../tla/fault.ts";
import type { State } from "../tla/state.ts";

/** What the laws ask of a specification. */
export interface LawRules {
  readonly variables: readonly string[];
  holds(invariant: string, state: State): boolean;
  /** The variables that a definition reads, through all that it uses. */
  readSet(definition: string): Iterable<string>;
  holdsAction(property: string, before: State, after: State): boolean;
}

export interface Breach {
  readonly law: string;
  /** Set when the law has no value in that state. */
  readonly error?: TlaError;
}

/** A law under the name by which the configuration calls it, and the definition that is evaluated. */
export interface Law {
  readonly name: string;
  readonly definition: string;
}

interface Invariant extends Law {
  /** Places of the variables that it reads. */
  readonly reads: readonly number[];
}

/** The invariants and the properties of steps, held against every state and step that is reached. */
export class Laws {
  evaluations = 0;
  readonly #rules: LawRules;
  readonly #invariants: readonly Invariant[];
  readonly #properties: readonly Law[];

  constructor(rules: LawRules, invariants: readonly Law[], properties: readonly Law[]) {
    this.#rules = rules;
    this.#invariants = invariants.map((law) => ({ ...law, reads: placesOf(rules, law.definition) }));
    this.#properties = properties;
  }

  get invariants(): readonly string[] {
    return this.#invariants.map(({ name }) => name);
  }

  get properties(): readonly string[] {
    return this.#properties.map(({ name }) => name);
  }

  /**
   * The first law that the step breaks. `before` is a state in which every invariant holds, or undefined for an initial
   * state: an invariant is not evaluated again when the step left everything that it reads as it was.
   */
  breach(before: State | undefined, after: State): Breach | undefined {
    for (const { name, definition, reads } of this.#invariants) {
      if (before !== undefined && reads.every((place) => before.values[place] === after.values[place])) continue;
      const breach = this.#evaluate(name, () => this.#rules.holds(definition, after));
      if (breach !== undefined) return breach;
    }
    if (before === undefined) return undefined;
    for (const { name, definition } of this.#properties) {
      const breach = this.#evaluate(name, () => this.#rules.holdsAction(definition, before, after));
      if (breach !== undefined) return breach;
    }
    return undefined;
  }

  #evaluate(law: string, evaluate: () => boolean): Breach | undefined {
    this.evaluations++;
    try {
      return evaluate() ? undefined : { law };
    } catch (error) {
      if (error instanceof TlaError) return { law, error };
      throw error;
    }
  }
}

function placesOf(rules: LawRules, definition: string): readonly number[] {
  const reads = new Set(rules.readSet(definition));
  return rules.variables.flatMap((variable, place) => (reads.has(variable) ? [place] : []));
}
