import { resolve } from "./compile-apply.ts";
import type { Place } from "./fault.ts";
import { mentions } from "./mentions.ts";
import type { Code, Frame } from "./registers.ts";
import type { Operator, Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/** Which action a step is: the definition that Next chooses there, and its arguments. */
export interface StepName {
  /** Undefined where Next itself holds the action; `at` says where. */
  readonly name: string | undefined;
  readonly args: readonly Value[];
  readonly at: Place;
}

/** Follows a search for one step and remembers which action each branch belongs to. */
export class Labels {
  current: StepName | undefined;
  /** The disjunct that the branch stands in, as long as no action has a name. */
  place: Place | undefined;

  /** Runs `body`, which is the action called `name` unless the branch has a name already. */
  within(name: string, args: readonly Code[], at: Place, frame: Frame, body: () => boolean): boolean {
    if (this.current !== undefined) return body();
    this.current = { name, args: args.map((arg) => arg(frame)), at };
    const stop = body();
    this.current = undefined;
    return stop;
  }

  /** Runs a disjunct. */
  among(at: Place, body: () => boolean): boolean {
    const before = this.place;
    if (this.current === undefined) this.place = at;
    const stop = body();
    this.place = before;
    return stop;
  }
}

/** Whether the definition only chooses among other actions, so that theirs are the names to tell. */
export function onlyChooses(operator: Operator): boolean {
  const { body } = operator.definition;
  const inner = withoutBinders(body);
  if (inner.kind === "junction" && inner.and) return inner.items.some((item) => isCallOfChoice(item, operator.home));
  return inner !== body || isChoice(inner) ? chooses(inner, operator.home) : isCallOfChoice(inner, operator.home);
}

function isChoice(node: Expression): boolean {
  return (node.kind === "junction" && !node.and) || node.kind === "case" || node.kind === "if";
}

function withoutBinders(node: Expression): Expression {
  if (node.kind === "quantifier" && !node.every) return withoutBinders(node.body);
  return node.kind === "let" ? withoutBinders(node.body) : node;
}

function chooses(node: Expression, scope: Scope): boolean {
  const inner = withoutBinders(node);
  switch (inner.kind) {
    case "junction":
      return inner.and ? inner.items.some((item) => isCall(item, scope)) : inner.items.every((item) => chooses(item, scope));
    case "case":
      return inner.arms.every((arm) => chooses(arm.value, scope));
    case "if":
      return chooses(inner.yes, scope) && chooses(inner.no, scope);
    default:
      return isCall(inner, scope);
  }
}

function calledBy(node: Expression, scope: Scope): Operator | undefined {
  if (node.kind !== "apply" || (node.path.length === 0 && scope.lookup(node.name) === undefined)) return undefined;
  const binding = resolve(node, scope);
  return binding.kind === "operator" ? binding.operator : undefined;
}

function isCall(node: Expression, scope: Scope): boolean {
  const callee = calledBy(node, scope);
  return callee !== undefined && mentions(callee.definition.body, callee.home, "next", new Set(callee.definition.parameters.map(({ name }) => name)));
}

function isCallOfChoice(node: Expression, scope: Scope): boolean {
  const callee = isCall(node, scope) ? calledBy(node, scope) : undefined;
  return callee !== undefined && onlyChooses(callee);
}
