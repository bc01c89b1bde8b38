import { checksOf, type Checks } from "./checks.ts";
import type { Configuration } from "./configuration.ts";
import { TlaError } from "./fault.ts";
import { FoundStates } from "./found-states.ts";
import type { ModelProgress, Violation } from "./model.ts";
import type { SharedStates } from "./shared-states.ts";
import type { Specification, State } from "./specification.ts";

/** A search through all reachable states, breadth first and level by level, so that a counterexample is as short as can be. */
export class Search {
  readonly checks: Checks;
  private readonly specification: Specification;
  private readonly configuration: Configuration;
  private readonly states: FoundStates;
  private generated = 0;
  private ownDistinct = 0;
  private depth = 0;
  /** The states of the level that is being explored; `place` is the next one. */
  private level: Int32Array | readonly number[] = [];
  private place = 0;
  private next: number[] = [];
  private readonly before: Int32Array;
  private readonly after: Int32Array;
  private inHand: State | undefined;
  private origin: State | undefined;

  constructor(specification: Specification, configuration: Configuration) {
    this.specification = specification;
    this.configuration = configuration;
    this.checks = checksOf(specification, configuration);
    this.states = new FoundStates(specification, configuration);
    this.before = new Int32Array(specification.variables.length);
    this.after = new Int32Array(specification.variables.length);
    specification.session.statistics = () => {
      const { generated, distinct, waiting, depth } = this.progress();
      return { generated, distinct, queue: waiting, diameter: depth };
    };
  }

  /** States of this level and the next one that are still to be explored. */
  get waiting(): number {
    return this.level.length - this.place + this.next.length;
  }

  progress(): ModelProgress {
    return { generated: this.generated, distinct: this.ownDistinct, depth: this.depth, waiting: this.waiting };
  }

  /** Finds the initial states; the search stands before the first level then. */
  begin(): Violation | undefined {
    const [first, ...others] = this.checks.inits;
    if (first === undefined) return undefined;
    this.specification.session.level = 1;
    return this.guarded(-1, () => {
      for (const state of this.specification.initialStates(first)) {
        if (!others.every((name) => this.specification.holds(name, state))) continue;
        this.generated += 1;
        const violation = this.found(state, undefined, -1);
        if (violation !== undefined) return violation;
      }
      return undefined;
    });
  }

  /** Whether the level is explored to its end. */
  get levelDone(): boolean {
    return this.place >= this.level.length;
  }

  /** Goes on to the states that the last level led to. */
  descend(): void {
    this.level = this.next;
    this.next = [];
    this.place = 0;
    if (this.level.length > 0) this.depth += 1;
    this.specification.session.level = this.depth + 1;
  }

  /** Of several searches that have come to the same point, this one goes on with its share; the others see what it finds. */
  share(states: SharedStates, index: number, count: number): void {
    this.states.share(states);
    this.next = this.next.filter((_, place) => place % count === index);
    if (index === 0) return;
    this.generated = 0;
    this.ownDistinct = 0;
  }

  /** Explores up to `count` states of the level. */
  expand(count: number): Violation | undefined {
    const end = Math.min(this.level.length, this.place + count);
    while (this.place < end) {
      const violation = this.expandOne(this.level[this.place++]!);
      if (violation !== undefined || this.specification.session.exit) return violation;
    }
    return undefined;
  }

  private expandOne(index: number): Violation | undefined {
    const { next } = this.checks;
    if (next === undefined) return undefined;
    return this.guarded(index, () => {
      this.states.read(index, this.before);
      const state = this.states.stateOf(this.before, this.origin!);
      const successors = this.specification.successors(state, next);
      if (successors.length === 0 && this.configuration.checkDeadlock) return { kind: "deadlock", trace: this.trace(index) };
      for (const successor of successors) {
        this.generated += 1;
        const violation = this.stepViolation(state, successor, index) ?? this.found(successor, state, index);
        if (violation !== undefined) return violation;
      }
      return undefined;
    });
  }

  private guarded(from: number, run: () => Violation | undefined): Violation | undefined {
    this.inHand = undefined;
    try {
      return run();
    } catch (error) {
      if (!(error instanceof TlaError)) throw error;
      const last = this.inHand === undefined ? [] : [this.inHand];
      return { kind: "error", error, trace: [...this.trace(from), ...last] };
    }
  }

  private stepViolation(before: State, after: State, index: number): Violation | undefined {
    for (const { name, definition } of this.checks.steps) {
      this.inHand = after;
      if (!this.specification.holdsAction(definition, before, after)) return { kind: "property", name, trace: [...this.trace(index), after] };
    }
    return undefined;
  }

  /** Takes a state in if it is new and allowed. As in TLC, a state outside the constraints is still checked, but goes no further. */
  private found(state: State, before: State | undefined, parent: number): Violation | undefined {
    const { states, after } = this;
    this.origin ??= state;
    states.numbers(state, before, this.before, after);
    this.inHand = state;
    if (states.has(after, state)) return undefined;
    if (this.isAllowed(state, before) && states.add(after, parent)) {
      this.ownDistinct += 1;
      this.next.push(states.size - 1);
    }
    const broken = this.violated(state, before);
    if (broken === undefined) return undefined;
    return { ...broken, trace: [...this.trace(parent), state] };
  }

  private isAllowed(state: State, before: State | undefined): boolean {
    const { constraints, actionConstraints } = this.configuration;
    if (!constraints.every((name) => this.specification.holds(name, state))) return false;
    return before === undefined || actionConstraints.every((name) => this.specification.holdsAction(name, before, state));
  }

  /** An invariant is evaluated again only if a variable that it reads is another value than in the state before. */
  private violated(state: State, before: State | undefined): { readonly kind: "invariant" | "property"; readonly name: string } | undefined {
    for (const { name, definition, reads } of this.checks.invariants) {
      if (before !== undefined && reads.every((index) => this.after[index] === this.before[index])) continue;
      if (!this.specification.holds(definition, state)) return { kind: "invariant", name };
    }
    if (before !== undefined) return undefined;
    const initial = this.checks.initials.find(({ definition }) => !this.specification.holds(definition, state));
    return initial === undefined ? undefined : { kind: "property", name: initial.name };
  }

  private trace(index: number): State[] {
    const trace: State[] = [];
    const numbers = new Int32Array(this.before.length);
    for (let at = index; at >= 0; at = this.states.parentOf(at)) {
      this.states.read(at, numbers);
      trace.unshift(this.states.stateOf(numbers, this.origin!));
    }
    return trace;
  }
}
