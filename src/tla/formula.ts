import { resolve } from "./compile-apply.ts";
import { textAt, type Place } from "./fault.ts";
import { mentions } from "./mentions.ts";
import { makeOperator, type Operator, type Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

/** A temporal formula taken apart, as far as its safety goes. */
export interface FormulaParts {
  /** Predicates on the initial state. */
  readonly initial: readonly Operator[];
  /** `[]P`: predicates on every state. */
  readonly always: readonly Operator[];
  /** `[][A]_v`: predicates on every step, A or v unchanged. */
  readonly steps: readonly Operator[];
  /** The A of `[][A]_v`. */
  readonly actions: readonly Operator[];
  /** The rest, liveness and fairness: not checked. As written. */
  readonly unchecked: readonly { readonly text: string; readonly at: Place }[];
}

interface Collected {
  initial: Operator[];
  always: Operator[];
  steps: Operator[];
  actions: Operator[];
  unchecked: { text: string; at: Place }[];
}

/** Takes the definition apart at its conjunctions, seen through the names of other definitions. */
export function takeApart(operator: Operator): FormulaParts {
  const parts: Collected = { initial: [], always: [], steps: [], actions: [], unchecked: [] };
  collect(operator.definition.body, operator.home, parts);
  if (parts.initial.length > 1) parts.initial = [conjunction(parts.initial, operator)];
  return parts;
}

/** One predicate for several, which may come from different modules. */
function conjunction(operators: readonly Operator[], from: Operator): Operator {
  const scope = from.home.inside();
  const { at } = from.definition;
  const items = operators.map((operator, index): Expression => {
    const name = ` part ${index}`;
    scope.names.set(name, { kind: "operator", operator });
    return { kind: "apply", path: [], name, args: [], at: operator.definition.at };
  });
  return named({ kind: "junction", and: true, items, at }, scope);
}

function named(body: Expression, scope: Scope): Operator {
  return makeOperator({ kind: "operator", name: textAt(body.at), parameters: [], body, local: true, at: body.at }, scope);
}

function isTemporal(node: Expression, scope: Scope): boolean {
  if (node.kind === "temporal" || node.kind === "fairness") return true;
  if (node.kind === "unbounded") return true;
  if (node.kind === "junction") return node.items.some((item) => isTemporal(item, scope));
  if (node.kind === "quantifier") return isTemporal(node.body, scope);
  if (node.kind === "apply") {
    const target = definitionOf(node, scope);
    return target === undefined ? node.args.some((arg) => isTemporal(arg, scope)) : isTemporal(target.definition.body, target.home);
  }
  return false;
}

/** The definition behind a name that takes no arguments; undefined where something else stands. */
export function definitionOf(node: Expression, scope: Scope): Operator | undefined {
  if (node.kind !== "apply" || node.args.length > 0) return undefined;
  if (node.path.length === 0 && scope.lookup(node.name) === undefined) return undefined;
  const binding = resolve(node, scope);
  return binding.kind === "operator" ? binding.operator : undefined;
}

function collect(node: Expression, scope: Scope, parts: Collected): void {
  if (!isTemporal(node, scope)) {
    parts.initial.push(named(node, scope));
    return;
  }
  if (node.kind === "junction" && node.and) {
    for (const item of node.items) collect(item, scope, parts);
    return;
  }
  const target = definitionOf(node, scope);
  if (target !== undefined) {
    collect(target.definition.body, target.home, parts);
    return;
  }
  const body = node.kind === "temporal" && node.operator === "[]" ? node.args[0] : undefined;
  if (body === undefined || isTemporal(body, scope)) {
    parts.unchecked.push({ text: textAt(node.at), at: node.at });
    return;
  }
  collectAlways(body, scope, parts);
}

function collectAlways(body: Expression, scope: Scope, parts: Collected): void {
  const target = definitionOf(body, scope);
  if (body.kind === "step" && body.stutter) {
    parts.steps.push(named(body, scope));
    parts.actions.push(named(body.action, scope));
  } else if (target !== undefined) {
    collectAlways(target.definition.body, target.home, parts);
  } else if (mentions(body, scope, "next")) {
    parts.steps.push(named(body, scope));
  } else {
    parts.always.push(named(body, scope));
  }
}

/** Of `[A]_v`, also behind names: the conjuncts of A. Where all of them hold, so does the whole. */
export function conjunctsOfStep(operator: Operator): readonly Operator[] {
  const { body } = operator.definition;
  const target = definitionOf(body, operator.home);
  if (target !== undefined) return conjunctsOfStep(target);
  return body.kind === "step" && body.stutter ? conjuncts(body.action, operator.home) : [];
}

function conjuncts(node: Expression, scope: Scope): readonly Operator[] {
  if (node.kind === "junction" && node.and) return node.items.flatMap((item) => conjuncts(item, scope));
  const target = definitionOf(node, scope);
  return target === undefined ? [named(node, scope)] : conjuncts(target.definition.body, target.home);
}
