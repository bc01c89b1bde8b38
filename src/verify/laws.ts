import { TlaError } from "../tla/fault.ts";
import type { State } from "../tla/state.ts";
import type { Value } from "../tla/values.ts";
import { ElementwiseCheck, type LawByElement } from "./law-by-element.ts";

/** What the laws ask of a specification. */
export interface LawRules {
  readonly variables: readonly string[];
  holds(invariant: string, state: State): boolean;
  /** The variables that a definition reads, through all that it uses. */
  readSet(definition: string): Iterable<string>;
  holdsAction(property: string, before: State, after: State): boolean;
  /** Predicates over two states that together imply the property, which is a `[A]_v`; none where it has another form. */
  conjunctsOfStep?(property: string): readonly string[];
  /** The parts of a law, or of such a predicate, that says the same of every element of a constant set. */
  pointwise?(definition: string): LawByElement | undefined;
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
  readonly byElement: ElementwiseCheck | undefined;
}

/** One of the predicates that together imply a property. */
interface Conjunct {
  readonly definition: string;
  readonly reads: readonly number[];
  /** What it read when it last held of a step that changed none of that. */
  calm: readonly Value[] | undefined;
  readonly byElement: ElementwiseCheck | undefined;
}

interface Property extends Law {
  readonly conjuncts: readonly Conjunct[];
}

/** The invariants and the properties of steps, held against every state and step that is reached. */
export class Laws {
  evaluations = 0;
  readonly #rules: LawRules;
  readonly #invariants: readonly Invariant[];
  readonly #properties: readonly Property[];

  constructor(rules: LawRules, invariants: readonly Law[], properties: readonly Law[]) {
    this.#rules = rules;
    this.#invariants = invariants.map((law) => ({ ...law, ...partsOf(rules, law.definition) }));
    this.#properties = properties.map((law) => {
      const names = rules.conjunctsOfStep?.(law.definition) ?? [];
      return { ...law, conjuncts: names.map((definition) => ({ definition, ...partsOf(rules, definition), calm: undefined })) };
    });
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
    for (const { name, definition, reads, byElement } of this.#invariants) {
      if (before !== undefined && unchanged(reads, before, after)) continue;
      if (before !== undefined && byElement !== undefined && this.#isTrue(() => byElement.holdsStill(before, after))) continue;
      const breach = this.#evaluate(name, () => this.#rules.holds(definition, after));
      if (breach !== undefined) return breach;
    }
    if (before === undefined) return undefined;
    for (const { name, definition, conjuncts } of this.#properties) {
      if (conjuncts.length > 0 && this.#allHold(name, conjuncts, before, after)) continue;
      const breach = this.#evaluate(name, () => this.#rules.holdsAction(definition, before, after));
      if (breach !== undefined) return breach;
    }
    return undefined;
  }

  /**
   * Whether every conjunct holds. One that held of a step which left everything that it reads as it was holds of every other
   * such step, too. An error is no answer: then the property itself must speak.
   */
  #allHold(law: string, conjuncts: readonly Conjunct[], before: State, after: State): boolean {
    for (const conjunct of conjuncts) {
      const { definition, reads, calm, byElement } = conjunct;
      const still = unchanged(reads, before, after);
      if (still && calm !== undefined && reads.every((place, index) => calm[index] === after.values[place])) continue;
      const byParts = byElement !== undefined && this.#isTrue(() => byElement.holdsOfStep(before, after));
      if (!byParts && this.#evaluate(law, () => this.#rules.holdsAction(definition, before, after)) !== undefined) return false;
      if (still) conjunct.calm = reads.map((place) => after.values[place] as Value);
    }
    return true;
  }

  /** Anything but a clear yes, an error too, is for the law as a whole to tell. */
  #isTrue(evaluate: () => boolean): boolean {
    try {
      const result = evaluate();
      if (result) this.evaluations++;
      return result;
    } catch (error) {
      if (error instanceof TlaError) return false;
      throw error;
    }
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

function unchanged(reads: readonly number[], before: State, after: State): boolean {
  for (const place of reads) if (before.values[place] !== after.values[place]) return false;
  return true;
}

function partsOf(rules: LawRules, definition: string): Pick<Invariant, "reads" | "byElement"> {
  const reads = new Set(rules.readSet(definition));
  const law = rules.pointwise?.(definition);
  return {
    reads: rules.variables.flatMap((variable, place) => (reads.has(variable) ? [place] : [])),
    byElement: law === undefined ? undefined : new ElementwiseCheck(law, (variable) => rules.variables.indexOf(variable)),
  };
}
