import type { Failure } from "../tla/watch.ts";
import type { StepRules } from "./judge.ts";
import type { Law, LawRules } from "./laws.ts";
import type { State } from "../tla/state.ts";
import type { Value } from "../tla/values.ts";

/** A specification of traces, ready to be asked: `Step(line)`, the initial states, and the laws that its `.cfg` lists. */
export interface TraceSpecification extends StepRules, LawRules {
  readonly module: string;
  readonly invariants: readonly Law[];
  readonly properties: readonly Law[];
  /** Why `Step(line)` leads nowhere from `state`: the conjuncts that were false. */
  explain(state: State, line: Value): readonly Failure[];
}
