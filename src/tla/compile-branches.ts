import { compileBounds, type CompiledBound } from "./bounds.ts";
import { compileAction, compileGuard, type Run } from "./compile-action.ts";
import type { ActionPlan } from "./compile-assign.ts";
import { compileExpression, placed } from "./compile.ts";
import { mentions, mentionsName } from "./mentions.ts";
import type { Frame } from "./registers.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import type { SetValue, Value } from "./value-kinds.ts";

type Quantifier = Extract<Expression, { kind: "quantifier" }>;

interface Parts {
  /** Conjuncts at the front that do not depend on the names: tested once, before any branch is opened. */
  readonly before: readonly Expression[];
  /** `x = e` at the front of the rest, where x is the only name: then no search is needed. */
  readonly value: Expression | undefined;
  readonly body: Expression;
}

function partsOf(node: Quantifier, scope: Scope, plan: ActionPlan): Parts {
  const names = new Set(node.bounds.flatMap((bound) => bound.names));
  const items = node.body.kind === "junction" && node.body.and ? node.body.items : [node.body];
  const free = (item: Expression): boolean => !mentionsName(item, names) && !mentions(item, scope, plan.mode, names);
  const end = items.findIndex((item) => !free(item));
  if (end < 0 || node.bounds.length === 0) return { before: [], value: undefined, body: node.body };
  const rest = items.slice(end);
  const body: Expression = end === 0 ? node.body : { kind: "junction", and: true, items: rest, at: node.body.at };
  return { before: items.slice(0, end), value: soleValue(node, rest[0], free), body };
}

function soleValue(node: Quantifier, first: Expression | undefined, free: (item: Expression) => boolean): Expression | undefined {
  const [bound] = node.bounds;
  if (node.bounds.length !== 1 || bound === undefined || bound.tuple) return undefined;
  if (first?.kind !== "apply" || first.name !== "=" || first.path.length > 0) return undefined;
  const [left, right] = first.args;
  const isName = (side: Expression | undefined): boolean => side?.kind === "apply" && side.name === bound.names[0] && side.args.length === 0;
  if (right !== undefined && isName(left) && free(right)) return right;
  return left !== undefined && isName(right) && free(left) ? left : undefined;
}

/** `\E x \in S : A`, a branch for each element, in order. */
export function compileSome(node: Quantifier, scope: Scope, then: Run, plan: ActionPlan): Run {
  const { before, value, body } = partsOf(node, scope, plan);
  const inside = scope.inside();
  const bounds = compileBounds(node.bounds, scope, inside);
  const branch = compileAction(body, inside, then, plan);
  const [only] = bounds;
  const search = value !== undefined && only !== undefined ? oneValue(only, compileExpression(value, scope), branch) : eachBinding(bounds, branch);
  if (before.length === 0) return search;
  const guarded = before.reduceRight<Run>((next, item) => compileGuard(item, scope, next, plan), search);
  return (frame) => {
    // As written, a guard is not evaluated when there is nothing to choose from.
    for (const bound of bounds) if (isEmpty(bound.set(frame))) return false;
    return guarded(frame);
  };
}

function isEmpty(set: SetValue): boolean {
  return set.finite && set.size === 0;
}

function oneValue(bound: CompiledBound, value: (frame: Frame) => Value, branch: Run): Run {
  return (frame) => {
    const set = bound.set(frame);
    if (isEmpty(set)) return false;
    const element = value(frame);
    if (!set.contains(element)) return false;
    bound.bind(frame, element);
    return branch(frame);
  };
}

function eachBinding(bounds: readonly CompiledBound[], branch: Run): Run {
  const nested = (frame: Frame, sets: readonly SetValue[], index: number): boolean => {
    const bound = bounds[index];
    const set = sets[index];
    if (bound === undefined || set === undefined) return branch(frame);
    for (const element of placed(bound.at, () => set.iterate())) {
      bound.bind(frame, element);
      if (nested(frame, sets, index + 1)) return true;
    }
    return false;
  };
  return (frame) => nested(frame, bounds.map((bound) => bound.set(frame)), 0);
}

/** What one element of `\A x \in S : A` must know to hand on to the next one. */
interface Turn {
  readonly outer: Frame;
  readonly bindings: readonly (readonly Value[])[];
  readonly index: number;
}

/** `\A x \in S : A`: the conjunction of A for every element, each in a copy of the frame, since all of them are open at once. */
export function compileEvery(node: Quantifier, scope: Scope, then: Run, plan: ActionPlan): Run {
  const inside = scope.inside();
  const bounds = compileBounds(node.bounds, scope, inside);
  const slot = inside.layout.allot();
  const step = (turn: Turn): boolean => {
    const binding = turn.bindings[turn.index];
    if (binding === undefined) return then(turn.outer);
    const frame = turn.outer.slice();
    bounds.forEach((bound, index) => bound.bind(frame, binding[index]!));
    frame[slot] = turn;
    return body(frame);
  };
  const body = compileAction(
    node.body,
    inside,
    (frame) => {
      const turn = frame[slot] as Turn;
      return step({ ...turn, index: turn.index + 1 });
    },
    plan,
  );
  return (frame) => {
    let bindings: Value[][] = [[]];
    for (const bound of bounds) {
      const elements = placed(bound.at, () => bound.set(frame).elements());
      bindings = bindings.flatMap((binding) => elements.map((element) => [...binding, element]));
    }
    return step({ outer: frame, bindings, index: 0 });
  };
}
