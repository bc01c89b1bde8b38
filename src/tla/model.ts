import { present } from "../assert.ts";
import type { Configuration } from "./configuration.ts";
import { TlaError } from "./fault.ts";
import { leastRenamed, renamingOf, type Renaming } from "./permute.ts";
import { State, type Specification } from "./specification.ts";
import { StateStore } from "./state-store.ts";
import { SetValue, type Value } from "./value-kinds.ts";

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
  | { readonly kind: "deadlock"; readonly trace: readonly State[] }
  | { readonly kind: "error"; readonly error: TlaError; readonly trace: readonly State[] };

export interface ModelResult extends ModelProgress {
  /** Undefined when every reachable state is as it should be. */
  readonly violation: Violation | undefined;
  /** Parts of properties that were not checked: liveness. */
  readonly unchecked: readonly string[];
}

/** What to check, by the names of definitions. */
interface Checks {
  readonly inits: readonly string[];
  readonly next: string | undefined;
  readonly invariants: readonly { readonly name: string; readonly reads: readonly number[] }[];
  readonly initials: readonly string[];
  readonly steps: readonly string[];
  readonly unchecked: readonly string[];
}

function checksOf(specification: Specification, configuration: Configuration): Checks {
  const { specification: spec, init, next, properties } = configuration;
  const parts = spec === undefined ? undefined : specification.formula(spec);
  const formulas = properties.map((name) => specification.formula(name));
  if (parts !== undefined && parts.actions.length > 1) throw new TlaError(`${spec} holds several next-state actions`, undefined);
  const names = [...configuration.invariants, ...formulas.flatMap((formula) => formula.always)];
  return {
    inits: parts?.initial ?? (init === undefined ? [] : [init]),
    next: parts === undefined ? next : parts.actions[0],
    invariants: names.map((name) => ({ name, reads: [...specification.readSet(name)].map((variable) => specification.variables.indexOf(variable)) })),
    initials: formulas.flatMap((formula) => formula.initial),
    steps: formulas.flatMap((formula) => formula.steps),
    unchecked: [...(parts?.unchecked ?? []), ...formulas.flatMap((formula) => formula.unchecked)],
  };
}

/**
 * Explores all reachable states breadth first, so that a counterexample is as short as can be. The caller drives it: every
 * `next()` explores about `batch` states and tells how far it has come; the last one gives the result.
 */
export function* checkModel(specification: Specification, configuration: Configuration, batch = 1000): Generator<ModelProgress, ModelResult> {
  const search = new Search(specification, configuration);
  const assumption = specification.violatedAssumption();
  if (assumption !== undefined) return search.result({ kind: "error", error: assumption, trace: [] });
  let violation = search.begin();
  for (let count = 1; violation === undefined && search.waiting > 0; count++) {
    violation = search.expand();
    if (count % batch === 0) yield search.progress();
  }
  return search.result(violation);
}

class Search {
  private readonly specification: Specification;
  private readonly configuration: Configuration;
  private readonly checks: Checks;
  private readonly renamings: readonly Renaming[];
  private readonly store = new StateStore();
  private readonly states: State[] = [];
  private readonly parents: number[] = [];
  private readonly depths: number[] = [];
  private generated = 0;
  private explored = 0;

  constructor(specification: Specification, configuration: Configuration) {
    this.specification = specification;
    this.configuration = configuration;
    this.checks = checksOf(specification, configuration);
    this.renamings = configuration.symmetry.flatMap((name) => {
      const permutations = specification.evaluate(name);
      return permutations instanceof SetValue ? permutations.elements().map(renamingOf).filter((renaming) => renaming.size > 0) : [];
    });
  }

  get waiting(): number {
    return this.states.length - this.explored;
  }

  progress(): ModelProgress {
    return { generated: this.generated, distinct: this.store.size, depth: this.depths.at(-1) ?? 0, waiting: this.waiting };
  }

  result(violation: Violation | undefined): ModelResult {
    return { ...this.progress(), violation, unchecked: this.checks.unchecked };
  }

  /** Finds the initial states. */
  begin(): Violation | undefined {
    const { inits } = this.checks;
    const [first, ...others] = inits;
    if (first === undefined) return undefined;
    return this.guarded([], () => {
      for (const state of this.specification.initialStates(first)) {
        if (!others.every((name) => this.specification.holds(name, state))) continue;
        this.generated += 1;
        const violation = this.found(state, -1);
        if (violation !== undefined) return violation;
      }
      return undefined;
    });
  }

  /** Explores the next state that waits. */
  expand(): Violation | undefined {
    const index = this.explored++;
    const state = present(this.states[index], "a state that waits has been found");
    const { next } = this.checks;
    if (next === undefined) return undefined;
    return this.guarded([index], () => {
      const successors = this.specification.successors(state, next);
      if (successors.length === 0 && this.configuration.checkDeadlock) return { kind: "deadlock", trace: this.trace(index) };
      for (const successor of successors) {
        this.generated += 1;
        const violation = this.stepViolation(state, successor, index) ?? this.found(successor, index);
        if (violation !== undefined) return violation;
      }
      return undefined;
    });
  }

  private guarded(from: readonly number[], run: () => Violation | undefined): Violation | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof TlaError)) throw error;
      return { kind: "error", error, trace: from.flatMap((index) => this.trace(index)) };
    }
  }

  private stepViolation(before: State, after: State, index: number): Violation | undefined {
    for (const name of this.checks.steps) {
      if (!this.specification.holdsAction(name, before, after)) return { kind: "property", name, trace: [...this.trace(index), after] };
    }
    return undefined;
  }

  /** Takes a state in if it is new and allowed. As in TLC, a state outside the constraints is still checked, but goes no further. */
  private found(state: State, parent: number): Violation | undefined {
    const before = this.states[parent];
    const interned = new State(state.table, this.store.intern(state.values));
    const inside = this.isAllowed(interned, before);
    if (inside && !this.store.add(this.keyOf(interned)).isNew) return undefined;
    if (inside) {
      this.states.push(interned);
      this.parents.push(parent);
      this.depths.push(parent < 0 ? 1 : this.depths[parent]! + 1);
    }
    const name = this.violated(interned, before);
    if (name === undefined) return undefined;
    const trace = [...(parent < 0 ? [] : this.trace(parent)), interned];
    return { kind: "invariant", name, trace };
  }

  private isAllowed(state: State, before: State | undefined): boolean {
    const { constraints, actionConstraints } = this.configuration;
    if (!constraints.every((name) => this.specification.holds(name, state))) return false;
    return before === undefined || actionConstraints.every((name) => this.specification.holdsAction(name, before, state));
  }

  private keyOf(state: State): readonly Value[] {
    const { view } = this.configuration;
    const values = view === undefined ? state.values : [this.specification.evaluate(view, [], state)];
    if (this.renamings.length > 0) return this.store.intern(leastRenamed(values, this.renamings));
    return view === undefined ? values : this.store.intern(values);
  }

  /** An invariant is evaluated again only if a variable that it reads is another value than in the state before. */
  private violated(state: State, before: State | undefined): string | undefined {
    for (const { name, reads } of this.checks.invariants) {
      if (before !== undefined && reads.every((index) => state.values[index] === before.values[index])) continue;
      if (!this.specification.holds(name, state)) return name;
    }
    if (before !== undefined) return undefined;
    return this.checks.initials.find((name) => !this.specification.holds(name, state));
  }

  private trace(index: number): State[] {
    const trace: State[] = [];
    for (let at = index; at >= 0; at = this.parents[at]!) trace.unshift(this.states[at]!);
    return trace;
  }
}
