import type { Configuration } from "./configuration.ts";
import { TlaError } from "./fault.ts";
import { Search } from "./search.ts";
import type { SharedStates } from "./shared-states.ts";
import type { Specification, State } from "./specification.ts";

/** How far the search has come; counted as TLC counts. */
export interface ModelProgress {
  /** States found, repetitions counted. */
  readonly generated: number;
  readonly distinct: number;
  /** The length of the longest shortest path, the initial state counted. */
  readonly depth: number;
  /** States that are found but not yet explored. */
  readonly waiting: number;
}

export type Violation =
  | { readonly kind: "invariant" | "property"; readonly name: string; readonly trace: readonly State[] }
  | { readonly kind: "postcondition"; readonly name: string; readonly trace: readonly State[] }
  | { readonly kind: "deadlock"; readonly trace: readonly State[] }
  | { readonly kind: "error"; readonly error: TlaError; readonly trace: readonly State[] };

export interface ModelResult extends ModelProgress {
  /** Undefined when every state that was reached is as it should be. */
  readonly violation: Violation | undefined;
  /** Whether all reachable states were explored: no violation, no limit and no `TLCSet("exit", TRUE)` ended it before. */
  readonly complete: boolean;
  /** Fairness that the specification assumes, and parts of properties that speak of liveness: not checked. */
  readonly unchecked: readonly string[];
}

export interface ModelOptions {
  /** How many states are explored between two reports. */
  readonly batch?: number;
  /** No more distinct states than that. */
  readonly maxStates?: number;
}

/**
 * Explores all reachable states breadth first, so that a counterexample is as short as can be. The caller drives it: every
 * `next()` explores about `batch` states and tells how far it has come; the last one gives the result.
 */
export function* checkModel(specification: Specification, configuration: Configuration, options: ModelOptions = {}): Generator<ModelProgress, ModelResult> {
  const { batch = 1000, maxStates = Number.POSITIVE_INFINITY } = options;
  const search = new Search(specification, configuration);
  const assumption = specification.violatedAssumption();
  let violation: Violation | undefined = assumption === undefined ? search.begin() : { kind: "error", error: assumption, trace: [] };
  let stopped = false;
  while (violation === undefined && search.waiting > 0 && !stopped) {
    if (search.levelDone) search.descend();
    violation = search.expand(batch);
    const progress = search.progress();
    stopped = specification.session.exit || (progress.distinct > maxStates && search.waiting > 0);
    yield progress;
  }
  violation ??= failedPostcondition(specification, configuration);
  const { assumed, unchecked } = search.checks;
  const notes = [...assumed, ...unchecked.map(({ text }) => text)];
  return { ...search.progress(), violation, complete: violation === undefined && !stopped, unchecked: notes };
}

/** POSTCONDITION is evaluated once, without a state, when the search is over. */
export function failedPostcondition(specification: Specification, { postcondition }: Configuration): Violation | undefined {
  if (postcondition === undefined) return undefined;
  try {
    return specification.evaluate(postcondition) === true ? undefined : { kind: "postcondition", name: postcondition, trace: [] };
  } catch (error) {
    if (error instanceof TlaError) return { kind: "error", error, trace: [] };
    throw error;
  }
}

/** One of several searches that share what they find. The levels are explored together: the caller waits for all at the end of each. */
export class SharedSearch {
  private readonly search: Search;
  private readonly specification: Specification;

  constructor(specification: Specification, configuration: Configuration) {
    this.specification = specification;
    this.search = new Search(specification, configuration);
  }

  /** Explores the first levels, as every one of the searches does, until there is enough to share. The violation, if there is one. */
  begin(states: SharedStates, index: number, count: number, enough: number): Violation | undefined {
    const { search } = this;
    let violation = search.begin();
    while (violation === undefined && search.waiting > 0 && search.waiting < enough) {
      search.descend();
      violation = search.expand(Number.POSITIVE_INFINITY);
    }
    if (violation === undefined) search.share(states, index, count);
    return violation;
  }

  /** Explores one level; `pause` is asked now and then, and true ends it. */
  level(pause: (progress: ModelProgress) => boolean): Violation | undefined {
    const { search } = this;
    search.descend();
    while (!search.levelDone) {
      const violation = search.expand(256);
      if (violation !== undefined) return violation;
      if (pause(search.progress()) || this.specification.session.exit) return undefined;
    }
    return undefined;
  }

  get progress(): ModelProgress {
    return this.search.progress();
  }
}
