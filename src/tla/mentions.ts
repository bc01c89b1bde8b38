import { resolve } from "./compile-apply.ts";
import type { Binding, Operator, Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import { visitParts } from "./walk.ts";

/** What is looked for: anything about the next state, or any variable. */
export type Level = "next" | "state";

const none: ReadonlySet<string> = new Set();

/** Whether `node` speaks of `level`, directly or through definitions. A name bound inside `node` is not looked up. */
export function mentions(node: Expression, scope: Scope, level: Level, hidden: ReadonlySet<string> = none): boolean {
  if (node.kind === "prime" || node.kind === "unchanged" || node.kind === "step") return true;
  // ENABLED A speaks of the present state only.
  if (node.kind === "enabled" && level === "next") return false;
  if (node.kind === "apply" && !hidden.has(node.path[0]?.name ?? node.name) && bindingMentions(node, scope, level)) return true;
  let found = false;
  visitParts(node, (part, bound) => {
    found ||= mentions(part, scope, level, bound.length === 0 ? hidden : new Set([...hidden, ...bound]));
  });
  return found;
}

function bindingMentions(node: Extract<Expression, { kind: "apply" }>, scope: Scope, level: Level): boolean {
  if (node.path.length === 0 && scope.lookup(node.name) === undefined) return false;
  return bound(resolve(node, scope), level);
}

function bound(binding: Binding, level: Level): boolean {
  switch (binding.kind) {
    case "variable":
      return level === "state";
    case "operator":
      return operatorMentions(binding.operator, level);
    case "alias":
      return mentions(binding.expression, binding.scope, level);
    case "let":
      return mentions(binding.body, binding.scope, level);
    default:
      return false;
  }
}

function operatorMentions(operator: Operator, level: Level): boolean {
  const key = level === "next" ? "mentionsNext" : "mentionsState";
  const known = operator[key];
  if (known !== undefined) return known;
  // A recursive definition mentions what its body does besides calling itself.
  operator[key] = false;
  const { definition, home } = operator;
  const hidden = new Set(definition.parameters.map((parameter) => parameter.name));
  const result = mentions(definition.body, home, level, hidden);
  operator[key] = result;
  return result;
}

/** Whether one of `names` occurs in `node`; a name bound again inside counts too, which only loses speed. */
export function mentionsName(node: Expression, names: ReadonlySet<string>): boolean {
  if (node.kind === "apply" && names.has(node.name)) return true;
  let found = false;
  visitParts(node, (part) => {
    found ||= mentionsName(part, names);
  });
  return found;
}

/** `A \\cdot B`, where B begins in another state. */
export function isComposition(node: Expression): boolean {
  return node.kind === "apply" && node.name === "\\cdot";
}

const primed = new WeakMap<Operator, boolean[]>();

/** Whether the operator takes its parameter at `index` into the next state: then its argument must stay an expression. */
export function primesParameter(operator: Operator, index: number): boolean {
  let known = primed.get(operator);
  if (known === undefined) primed.set(operator, (known = []));
  if (known[index] !== undefined) return known[index];
  known[index] = false;
  const { definition, home } = operator;
  const name = definition.parameters[index]?.name ?? "";
  known[index] = primes(definition.body, home, name, false);
  return known[index];
}

/** Names bound again inside are not told apart: the answer may be yes without need, which costs time only. */
function primes(node: Expression, scope: Scope, name: string, under: boolean): boolean {
  if (node.kind === "apply" && node.name === name && under) return true;
  const next = under || node.kind === "prime" || node.kind === "unchanged" || node.kind === "step" || node.kind === "enabled" || isComposition(node);
  const binding = node.kind === "apply" && node.path.length === 0 ? scope.lookup(node.name) : undefined;
  const callee = binding?.kind === "operator" ? binding.operator : undefined;
  const indirect = node.kind === "apply" && node.path.length > 0;
  let found = false;
  let place = 0;
  visitParts(node, (part) => {
    const passed = callee !== undefined && primesParameter(callee, place++);
    found ||= primes(part, scope, name, next || passed || indirect);
  });
  return found;
}
