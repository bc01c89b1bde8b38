import { TlaError } from "../tla/fault.ts";
import type { State } from "../tla/state.ts";
import type { Value } from "../tla/values.ts";
import type { Laws } from "./laws.ts";

/** What the judge asks of a specification of traces. */
export interface StepRules {
  initialStates(): Iterable<State>;
  /** The states that the step in `line` may lead to, up to `most` of them; a state may come more than once. */
  successors(state: State, line: Value, most?: number): Iterable<State>;
}

/** Why a line does not fit. `states` are those before the line. */
export type Objection =
  | { readonly kind: "refused"; readonly states: readonly State[]; readonly error?: TlaError }
  | { readonly kind: "broken"; readonly law: string; readonly before: State | undefined; readonly after: State; readonly error?: TlaError }
  | { readonly kind: "undecided"; readonly states: readonly State[]; readonly found: number };

const fewestWays = 4096;

/**
 * Follows one group through its lines. Where the trace does not tell all, several states may explain it: they are all
 * followed, up to a bound. A trace is in order as long as one explanation remains in which every law held.
 */
export class GroupJudge {
  widest = 1;
  readonly #rules: StepRules;
  readonly #laws: Laws;
  readonly #bound: number;
  /** So many ways to take one step are looked at, be they to one state or to many. */
  readonly #ways: number;
  #frontier: readonly State[] = [];
  #begun = false;

  /** With `from` the judge goes on where another one stood, see `frontier`. */
  constructor(rules: StepRules, laws: Laws, bound: number, from?: readonly State[]) {
    this.#rules = rules;
    this.#laws = laws;
    this.#bound = bound;
    this.#ways = Math.max(fewestWays, bound * 64);
    if (from !== undefined) {
      this.#frontier = from;
      this.#begun = true;
    }
  }

  /** The states that explain the lines taken so far; none before the first. */
  get frontier(): readonly State[] {
    return this.#frontier;
  }

  /** Takes the next line; undefined when it fits. After an objection the judge is done. */
  take(line: Value): Objection | undefined {
    if (!this.#begun) {
      this.#begun = true;
      const objection = this.#advance([undefined], () => this.#rules.initialStates());
      if (objection !== undefined) return objection;
    }
    return this.#advance(this.#frontier, (state) => this.#rules.successors(state as State, line, this.#ways));
  }

  #advance(from: readonly (State | undefined)[], next: (state: State | undefined) => Iterable<State>): Objection | undefined {
    const reached: State[] = [];
    let broken: Objection | undefined;
    let error: TlaError | undefined;
    for (const before of from) {
      try {
        let ways = 0;
        for (const after of next(before)) {
          ways += 1;
          if (ways >= this.#ways) return { kind: "undecided", states: states(from), found: ways };
          if (reached.length > 0 && isAmong(after, reached)) continue;
          const breach = this.#laws.breach(before, after);
          if (breach !== undefined) {
            broken ??= { kind: "broken", law: breach.law, before, after, ...(breach.error && { error: breach.error }) };
            continue;
          }
          reached.push(after);
          if (reached.length > this.#bound) return { kind: "undecided", states: states(from), found: reached.length };
        }
      } catch (thrown) {
        // TLA+ gives the step no value, as where a function is applied to a node that it does not know.
        if (!(thrown instanceof TlaError)) throw thrown;
        error ??= thrown;
      }
    }
    if (reached.length === 0) return broken ?? { kind: "refused", states: states(from), ...(error && { error }) };
    this.#frontier = reached;
    this.widest = Math.max(this.widest, reached.length);
    return undefined;
  }
}

function states(from: readonly (State | undefined)[]): readonly State[] {
  return from.filter((state) => state !== undefined);
}

function isAmong(state: State, others: readonly State[]): boolean {
  return others.some((other) => other.equals(state));
}
