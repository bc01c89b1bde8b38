import { compileAssignment, compileKept, type ActionPlan } from "./compile-assign.ts";
import { compileSome, compileEvery } from "./compile-branches.ts";
import { aliasedCall, resolve } from "./compile-apply.ts";
import { compileExpression, truth } from "./compile.ts";
import { compileComposition } from "./compile-compose.ts";
import { letScope } from "./compile-control.ts";
import { compileProcedureCall } from "./compile-procedure.ts";
import { compileArms, noArm } from "./compile-switch.ts";
import { TlaError } from "./fault.ts";
import { onlyChooses, type Labels } from "./labels.ts";
import { mentions } from "./mentions.ts";
import type { Frame } from "./registers.ts";
import { makeOperator, type Operator, type Scope } from "./scope.ts";
import type { Expression, Parameter } from "./syntax.ts";

/** Goes on with the search; true stops it. */
export type Run = (frame: Frame) => boolean;

type Kind<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

/**
 * Compiles an action to a search: `then` is called once for each way to satisfy `node`, with the registers holding the
 * values that it gives. What decides nothing about the next state is evaluated as an expression, without branching. Operators are
 * inlined, so that their parameters may be variables, and everything happens in one frame.
 */
export function compileAction(node: Expression, scope: Scope, then: Run, plan: ActionPlan): Run {
  if (!mentions(node, scope, plan.mode)) return compileGuard(node, scope, then, plan);
  switch (node.kind) {
    case "junction":
      return node.and ? compileAll(node.items, scope, then, plan) : compileAny(node.items, scope, then, plan);
    case "apply":
      return compileActionCall(node, scope, then, plan);
    case "unchanged":
      return plan.mode === "next" ? compileKept(node, scope, then, plan) : compileGuard(node, scope, then, plan);
    case "quantifier":
      return node.every ? compileEvery(node, scope, then, plan) : compileSome(node, scope, then, plan);
    case "if":
      return compileChoice(node, scope, then, plan);
    case "case":
      return compileCases(node, scope, then, plan);
    case "let": {
      const { inner, slots } = letScope(node.definitions, scope);
      const body = compileAction(node.body, inner, then, plan);
      return emptied(slots, body);
    }
    case "step": {
      const { at } = node;
      const unchanged: Expression = { kind: "unchanged", body: node.subscript, at };
      if (node.stutter) return compileAny([node.action, unchanged], scope, then, plan);
      const changed: Expression = { kind: "apply", path: [], name: "~", args: [unchanged], at };
      return compileAction(node.action, scope, compileGuard(changed, scope, then, plan), plan);
    }
    default:
      return compileGuard(node, scope, then, plan);
  }
}

/** A conjunct that is only tested. */
export function compileGuard(node: Expression, scope: Scope, then: Run, plan: ActionPlan): Run {
  const code = compileExpression(node, scope);
  const { at } = node;
  const { watch } = plan;
  if (watch === null) return (frame) => truth(code(frame), at) && then(frame);
  const probe = watch.probe(node, scope);
  return (frame) => {
    if (!truth(code(frame), at)) return watch.failed(probe, frame);
    watch.passed();
    const stop = then(frame);
    watch.left();
    return stop;
  };
}

function compileAll(items: readonly Expression[], scope: Scope, then: Run, plan: ActionPlan): Run {
  return items.reduceRight<Run>((next, item) => compileAction(item, scope, next, plan), then);
}

function compileAny(items: readonly Expression[], scope: Scope, then: Run, plan: ActionPlan): Run {
  const { labels } = plan;
  const runs = items.map((item) => {
    const run = compileAction(item, scope, then, plan);
    return labels === null ? run : (frame: Frame) => labels.among(item.at, () => run(frame));
  });
  return (frame) => {
    for (let i = 0; i < runs.length; i++) if (runs[i]!(frame)) return true;
    return false;
  };
}

export function emptied(slots: readonly number[], body: Run): Run {
  if (slots.length === 0) return body;
  return (frame) => {
    for (let i = 0; i < slots.length; i++) frame[slots[i]!] = undefined;
    return body(frame);
  };
}

function compileChoice(node: Kind<"if">, scope: Scope, then: Run, plan: ActionPlan): Run {
  const test = compileExpression(node.test, scope);
  const yes = compileAction(node.yes, scope, then, plan);
  const no = compileAction(node.no, scope, then, plan);
  const { at } = node.test;
  return (frame) => (truth(test(frame), at) ? yes(frame) : no(frame));
}

function compileCases(node: Kind<"case">, scope: Scope, then: Run, plan: ActionPlan): Run {
  const arm = compileArms(node, scope);
  const runs = node.arms.map((one) => compileAction(one.value, scope, then, plan));
  const other = node.other === null ? noArm(node) : compileAction(node.other, scope, then, plan);
  return (frame) => {
    const number = arm(frame);
    return (number < 0 ? other(frame) : runs[number]!(frame)) === true;
  };
}

function compileActionCall(node: Kind<"apply">, scope: Scope, then: Run, plan: ActionPlan): Run {
  const [left, right] = node.args;
  if (node.path.length === 0 && left !== undefined && right !== undefined) {
    if (node.name === "=" || node.name === "\\in") return compileAssignment(node, scope, then, plan) ?? compileGuard(node, scope, then, plan);
    if (node.name === "\\cdot") return compileComposition(left, right, node.at, scope, then, plan);
    if (node.name === "=>") return compileConditional(left, right, scope, then, plan);
  }
  if (node.path.length === 0 && scope.lookup(node.name) === undefined) return compileGuard(node, scope, then, plan);
  const binding = resolve(node, scope);
  switch (binding.kind) {
    case "operator":
      return compileInlined(binding.operator, node, scope, then, plan);
    case "alias":
      if (binding.expression.kind === "lambda") {
        const { parameters, body, at } = binding.expression;
        const operator = makeOperator({ kind: "operator", name: node.name, parameters, body, local: true, at }, binding.scope);
        return compileInlined(operator, node, scope, then, plan);
      }
      if (node.args.length > 0) {
        const call = aliasedCall(binding.expression, binding.scope.within(scope.layout), node, scope);
        return compileAction(call.node, call.scope, then, plan);
      }
      return compileAction(binding.expression, binding.scope.within(scope.layout), then, plan);
    case "let":
      return compileAction(binding.body, binding.scope.within(scope.layout), then, plan);
    default:
      return compileGuard(node, scope, then, plan);
  }
}

/** `P => A`, where P speaks of the present only. */
function compileConditional(left: Expression, right: Expression, scope: Scope, then: Run, plan: ActionPlan): Run {
  const test = compileExpression(left, scope);
  const yes = compileAction(right, scope, then, plan);
  return (frame) => (truth(test(frame), left.at) ? yes(frame) : then(frame));
}

/** Puts the body of `operator` in place of its call: each argument is evaluated when it is wanted, once per call. */
function compileInlined(operator: Operator, node: Kind<"apply">, scope: Scope, then: Run, plan: ActionPlan): Run {
  const { definition, home } = operator;
  if (definition.parameters.length !== node.args.length) {
    throw new TlaError(`${node.name} takes ${definition.parameters.length} arguments, ${node.args.length} given`, node.at);
  }
  if (plan.inlining.includes(definition)) return compileProcedureCall(operator, node, scope, then, plan);
  const inner = home.within(scope.layout).inside();
  const slots: number[] = [];
  definition.parameters.forEach((parameter, index) => bindArgument(parameter, node.args[index]!, inner, scope, slots));
  const deeper: ActionPlan = { ...plan, inlining: [...plan.inlining, definition] };
  const { watch, labels } = plan;
  if (labels !== null && !onlyChooses(operator)) return compileLabelled(labels, node, scope, emptied(slots, compileAction(definition.body, inner, then, deeper)));
  if (watch === null) return emptied(slots, compileAction(definition.body, inner, then, deeper));
  const leave: Run = (frame) => watch.outside(() => then(frame));
  const run = emptied(slots, compileAction(definition.body, inner, leave, deeper));
  return (frame) => watch.within(node.name, () => run(frame));
}

function compileLabelled(labels: Labels, node: Kind<"apply">, scope: Scope, run: Run): Run {
  const args = node.args.filter((arg) => arg.kind !== "lambda").map((arg) => compileExpression(arg, scope));
  return (frame) => labels.within(node.name, args, node.at, frame, () => run(frame));
}

function bindArgument(parameter: Parameter, arg: Expression, inner: Scope, scope: Scope, slots: number[]): void {
  const plain = parameter.arity > 0 || arg.kind === "literal" || arg.kind === "lambda" || (arg.kind === "apply" && arg.args.length === 0);
  if (plain) {
    inner.names.set(parameter.name, { kind: "alias", expression: arg, scope });
    return;
  }
  const slot = inner.layout.allot();
  slots.push(slot);
  inner.names.set(parameter.name, { kind: "let", frame: inner.layout, slot, body: arg, scope });
}
