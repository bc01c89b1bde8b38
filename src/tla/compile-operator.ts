import { resolve, type Apply } from "./compile-apply.ts";
import { compileExpression } from "./compile.ts";
import { TlaError } from "./fault.ts";
import { primesParameter } from "./mentions.ts";
import { newFrame, FrameLayout, Thunk, type Callable, type Code, type Frame } from "./registers.ts";
import { distance, makeOperator, outer, Scope, type CompiledOperator, type Operator } from "./scope.ts";
import type { Expression, OperatorDefinition, Parameter } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

/** Compiles an operator once; a recursive one finds itself half done and calls what will be there. */
export function operatorCode(operator: Operator): CompiledOperator {
  if (operator.compiled !== undefined) return operator.compiled;
  const { definition, home } = operator;
  const layout = new FrameLayout(home.frame);
  const scope = home.within(layout);
  bindParameters(definition.parameters, scope);
  const compiled: CompiledOperator = { layout, body: () => false };
  operator.compiled = compiled;
  const { compilation } = home;
  const before = compilation.dependencies;
  compilation.dependencies = operator.dependencies;
  try {
    compiled.body = compileExpression(definition.body, scope);
  } catch (error) {
    delete operator.compiled;
    throw error;
  } finally {
    compilation.dependencies = before;
  }
  return compiled;
}

function bindParameters(parameters: readonly Parameter[], scope: Scope): void {
  const { layout } = scope;
  for (const { name, arity } of parameters) {
    const slot = layout.allot();
    scope.names.set(name, arity === 0 ? { kind: "parameter", frame: layout, slot } : { kind: "operatorParameter", frame: layout, slot, arity });
  }
}

/** A call of a defined operator: a new frame with the arguments, evaluated when they are wanted. */
export function compileOperatorCall(operator: Operator, node: Apply, scope: Scope): Code {
  const { definition, home } = operator;
  const { parameters } = definition;
  if (parameters.length !== node.args.length) {
    throw new TlaError(`${node.name} takes ${parameters.length} arguments, ${node.args.length} given`, node.at);
  }
  scope.compilation.dependencies.operators.add(operator);
  const compiled = operatorCode(operator);
  if (parameters.length === 0 && home.frame === null) return keptValue(operator, compiled);
  const steps = home.frame === null ? -1 : distance(scope.layout, home.frame);
  const args = parameters.map((parameter, index) => compileArgument(operator, parameter, index, node.args[index]!, scope));
  const [first, second] = args;
  if (args.length === 1 && first !== undefined) {
    return (frame) => {
      const inner = calleeFrame(compiled, frame, steps);
      inner[1] = first(frame);
      return compiled.body(inner);
    };
  }
  if (args.length === 2 && first !== undefined && second !== undefined) {
    return (frame) => {
      const inner = calleeFrame(compiled, frame, steps);
      inner[1] = first(frame);
      inner[2] = second(frame);
      return compiled.body(inner);
    };
  }
  return (frame) => {
    const inner = calleeFrame(compiled, frame, steps);
    for (let i = 0; i < args.length; i++) inner[i + 1] = args[i]!(frame);
    return compiled.body(inner);
  };
}

function calleeFrame(compiled: CompiledOperator, frame: Frame, steps: number): Frame {
  const inner: Frame = newFrame(compiled.layout.size);
  if (steps >= 0) inner[0] = outer(frame, steps);
  return inner;
}

/**
 * A definition without parameters keeps its value: for ever when no variable was read, and for as long as the state is
 * the same otherwise.
 */
function keptValue(operator: Operator, compiled: CompiledOperator): Code {
  const { registers } = operator.home.compilation;
  let constant: Value | undefined;
  let kept: Value | undefined;
  let keptFor: unknown;
  return () => {
    if (constant !== undefined) return constant;
    const inState = registers.stable && !registers.elsewhere;
    if (inState && keptFor === registers.now && kept !== undefined) {
      registers.reads += 1;
      return kept;
    }
    const { reads, unstableReads } = registers;
    const value = compiled.body(newFrame(compiled.layout.size));
    if (registers.reads === reads) constant = value;
    else if (inState && registers.unstableReads === unstableReads) {
      kept = value;
      keptFor = registers.now;
    }
    return value;
  };
}

type Argument = (frame: Frame) => unknown;

/** The value of an argument, or a promise of it, where the operator wants a value; otherwise the operator. */
export function compileArgument(operator: Operator, parameter: Parameter, index: number, arg: Expression, scope: Scope): Argument {
  if (parameter.arity > 0) return compileCallable(arg, parameter.arity, scope);
  const code = compileExpression(arg, scope);
  if (arg.kind === "literal") return code;
  if (primesParameter(operator, index)) return (frame) => new Thunk(code, frame);
  if (isPlainName(arg, scope)) return code;
  const slot = ownParameter(arg, scope);
  // What is waiting already waits on.
  if (slot !== undefined) return (frame) => frame[slot];
  if (!isAtHand(arg, scope)) return (frame) => new Thunk(code, frame);
  return (frame) => {
    try {
      return code(frame);
    } catch {
      // Perhaps nobody wants it.
      return new Thunk(code, frame);
    }
  };
}

/** A name whose value is at hand: nothing is gained by waiting. */
function isPlainName(arg: Expression, scope: Scope): boolean {
  if (arg.kind !== "apply" || arg.args.length > 0 || arg.path.length > 0) return false;
  const kind = scope.lookup(arg.name)?.kind;
  return kind === "slot" || kind === "constant" || kind === "variable";
}

function ownParameter(arg: Expression, scope: Scope): number | undefined {
  if (arg.kind !== "apply" || arg.args.length > 0 || arg.path.length > 0) return undefined;
  const binding = scope.lookup(arg.name);
  return binding?.kind === "parameter" && binding.frame === scope.layout ? binding.slot : undefined;
}

/** A part of a variable, or a sum of such: evaluating it costs less than waiting for it, and comes to an end. */
function isAtHand(arg: Expression, scope: Scope): boolean {
  switch (arg.kind) {
    case "literal":
      return true;
    case "call":
      // The function must be a value, not a rule that works out one value after the other.
      return (isVariable(arg.fn, scope) || (arg.fn.kind !== "apply" && isAtHand(arg.fn, scope))) && arg.args.every((key) => isAtHand(key, scope));
    case "field":
      return isAtHand(arg.record, scope);
    case "apply":
      return isNameAtHand(arg, scope);
    default:
      return false;
  }
}

function isVariable(arg: Expression, scope: Scope): boolean {
  return arg.kind === "apply" && arg.args.length === 0 && arg.path.length === 0 && scope.lookup(arg.name)?.kind === "variable";
}

function isNameAtHand(arg: Apply, scope: Scope): boolean {
  if (arg.path.length > 0) return false;
  const binding = scope.lookup(arg.name);
  switch (binding?.kind) {
    case "slot":
      return binding.recursive !== true;
    case "constant":
    case "variable":
      return true;
    case "alias":
      return arg.args.length === 0 && isAtHand(binding.expression, binding.scope);
    case "let":
      return isAtHand(binding.body, binding.scope);
    case "builtin":
      return /^(\+|-|Len)$/.test(arg.name) && arg.args.every((part) => isAtHand(part, scope));
    default:
      return false;
  }
}

/** An operator as an argument: a LAMBDA, or the name of an operator. */
export function compileCallable(arg: Expression, arity: number, scope: Scope): (frame: Frame) => Callable {
  if (arg.kind === "lambda") {
    if (arg.parameters.length !== arity) throw new TlaError(`an operator with ${arity} parameters expected, this has ${arg.parameters.length}`, arg.at);
    return callableOf(arg.parameters, arg.body, scope, arg);
  }
  if (arg.kind !== "apply" || arg.args.length > 0) throw new TlaError(`an operator with ${arity} parameters expected`, arg.at);
  const binding = isLanguageName(arg) ? undefined : resolve(arg, scope);
  if (binding?.kind === "operatorParameter") {
    const steps = distance(scope.layout, binding.frame);
    return (frame) => outer(frame, steps)[binding.slot] as Callable;
  }
  if (binding?.kind === "alias" && binding.expression.kind === "lambda") return compileCallable(binding.expression, arity, binding.scope.within(scope.layout));
  // `+` as an argument is LAMBDA a, b : a + b.
  const parameters = Array.from({ length: arity }, (_, index): Parameter => ({ name: ` ${index}`, arity: 0 }));
  const args = parameters.map(({ name }): Expression => ({ kind: "apply", path: [], name, args: [], at: arg.at }));
  return callableOf(parameters, { ...arg, args }, scope, arg);
}

function isLanguageName(arg: Apply): boolean {
  return arg.path.length === 0 && /^(=|#|\/\\|\\\/|~|=>|\\equiv|\\(not)?in|\\subseteq|\\cup|\\cap|\\|SUBSET|UNION|DOMAIN)$/.test(arg.name);
}

function callableOf(parameters: readonly Parameter[], body: Expression, scope: Scope, node: Expression): (frame: Frame) => Callable {
  const definition: OperatorDefinition = { kind: "operator", name: "LAMBDA", parameters, body, local: true, at: node.at };
  const operator = makeOperator(definition, scope);
  scope.compilation.dependencies.operators.add(operator);
  const compiled = operatorCode(operator);
  return (frame) => {
    return (...values) => {
      const inner: Frame = newFrame(compiled.layout.size);
      inner[0] = frame;
      for (let i = 0; i < values.length; i++) inner[i + 1] = values[i];
      return compiled.body(inner);
    };
  };
}

