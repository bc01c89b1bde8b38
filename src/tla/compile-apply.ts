import { compileExpression } from "./compile.ts";
import { compileBuiltin } from "./compile-builtin.ts";
import { compileLanguageOperator } from "./compile-language.ts";
import { compileOperatorCall } from "./compile-operator.ts";
import { TlaError } from "./fault.ts";
import { Thunk, type Callable, type Code, type Frame } from "./registers.ts";
import { distance, outer, type Binding, type Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";
import type { Value } from "./value-kinds.ts";

export type Apply = Extract<Expression, { kind: "apply" }>;

/** Finds what the name of `node` is bound to; undefined for operators of the language itself. */
export function resolve(node: Apply, scope: Scope): Binding {
  const home = node.path.reduce<Scope>((at, step) => instanceScope(step, at, scope, node), scope);
  const binding = home.lookup(node.name);
  if (binding !== undefined) return binding;
  const hint = /^[A-Za-z]/.test(node.name) ? "" : " (is the module that defines it extended?)";
  throw new TlaError(`${node.name} is not defined${hint}`, node.at);
}

function instanceScope(step: { name: string; args: readonly Expression[] }, at: Scope, caller: Scope, node: Apply): Scope {
  const binding = at.lookup(step.name);
  if (binding === undefined) throw new TlaError(`${step.name} is not defined`, node.at);
  if (binding.kind !== "instance") throw new TlaError(`${step.name} is not an instance of a module`, node.at);
  const { definition, scope } = binding;
  if (definition.parameters.length !== step.args.length) {
    throw new TlaError(`${step.name} takes ${definition.parameters.length} arguments, ${step.args.length} given`, node.at);
  }
  if (step.args.length === 0) {
    binding.resolved ??= scope.compilation.instantiate(definition, scope, scope.frame);
    return binding.resolved;
  }
  const inner = caller.frame === null ? scope.inside() : scope.within(caller.frame);
  definition.parameters.forEach((parameter, index) => {
    inner.names.set(parameter.name, { kind: "alias", expression: step.args[index]!, scope: caller });
  });
  return scope.compilation.instantiate(definition, inner, caller.frame);
}

/** A name or operator symbol with its arguments. */
export function compileApply(node: Apply, scope: Scope): Code {
  if (node.path.length === 0) {
    const code = compileLanguageOperator(node, scope);
    if (code !== undefined) return code;
  }
  return compileBinding(resolve(node, scope), node, scope);
}

/** `binding` applied to the arguments of `node`, which stand in `scope`. */
export function compileBinding(binding: Binding, node: Apply, scope: Scope): Code {
  switch (binding.kind) {
    case "operator":
      return compileOperatorCall(binding.operator, node, scope);
    case "builtin":
      return compileBuiltin(binding.builtin, node, scope);
    case "alias":
      return compileAlias(binding.expression, binding.scope, node, scope);
    case "operatorParameter":
      return compileParameterCall(binding, node, scope);
    case "instance":
      throw new TlaError(`${node.name} is an instance, not a value`, node.at);
    default:
      if (node.args.length > 0) throw new TlaError(`${node.name} takes no arguments, ${node.args.length} given`, node.at);
      return compileReference(binding, node, scope);
  }
}

function compileReference(binding: Binding, node: Apply, scope: Scope): Code {
  switch (binding.kind) {
    case "slot": {
      const { slot } = binding;
      const steps = distance(scope.layout, binding.frame);
      if (steps === 0) return (frame) => frame[slot] as Value;
      if (steps === 1) return (frame) => (frame[0] as Frame)[slot] as Value;
      return (frame) => outer(frame, steps)[slot] as Value;
    }
    case "parameter":
      return compileParameter(binding.slot, distance(scope.layout, binding.frame), scope);
    case "let":
      return compileLetReference(binding, scope);
    case "variable":
      return compileVariable(binding.name, binding.index, node, scope);
    case "constant": {
      const { value } = binding;
      if (value === undefined) {
        return () => {
          throw new TlaError(`the constant ${binding.name} has no value`, node.at);
        };
      }
      return () => value;
    }
    default:
      throw new TlaError(`${node.name} is not a value`, node.at);
  }
}

function compileParameter(slot: number, steps: number, scope: Scope): Code {
  const { registers } = scope.compilation;
  if (steps === 0) {
    return (frame) => {
      const value = frame[slot];
      return value instanceof Thunk ? value.force(registers) : (value as Value);
    };
  }
  return (frame) => {
    const value = outer(frame, steps)[slot];
    return value instanceof Thunk ? value.force(registers) : (value as Value);
  };
}

/** A definition of a LET is evaluated when first used; the slot keeps the value until the LET is entered again. */
function compileLetReference(binding: Extract<Binding, { kind: "let" }>, scope: Scope): Code {
  const { slot } = binding;
  const { registers } = scope.compilation;
  const steps = distance(scope.layout, binding.frame);
  if (binding.code === undefined) {
    binding.code = (frame) => code(frame);
    const code = compileExpression(binding.body, binding.scope.within(binding.frame));
    binding.code = code;
  }
  const code = binding.code;
  return (from) => {
    const frame = steps === 0 ? from : outer(from, steps);
    if (registers.elsewhere) return code(frame);
    const known = frame[slot] as Value | undefined;
    if (known !== undefined) return known;
    const before = registers.unstableReads;
    const value = code(frame);
    if (registers.unstableReads === before) frame[slot] = value;
    return value;
  };
}

function compileVariable(name: string, index: number, node: Apply, scope: Scope): Code {
  const { registers, dependencies } = scope.compilation;
  dependencies.variables.add(name);
  return () => {
    registers.reads += 1;
    if (!registers.stable) registers.unstableReads += 1;
    const value = registers.now[index];
    if (value === undefined) throw new TlaError(`${name}${registers.primed ? "'" : ""} is read before it has a value`, node.at);
    return value;
  };
}

/** A name that stands for an expression of another scope: a substitution of an instance, or an argument. */
function compileAlias(expression: Expression, home: Scope, node: Apply, scope: Scope): Code {
  const there = home.within(scope.layout);
  if (expression.kind === "lambda") {
    if (node.args.length === 0) throw new TlaError(`${node.name} is an operator and needs arguments`, node.at);
    return compileInline(expression, there, node, scope);
  }
  if (node.args.length === 0) return compileExpression(expression, there);
  const call = aliasedCall(expression, there, node, scope);
  return compileExpression(call.node, call.scope);
}

/** The call of the operator that `expression` names in `there`, with arguments that stand in `scope`. */
export function aliasedCall(expression: Expression, there: Scope, node: Apply, scope: Scope): { readonly node: Expression; readonly scope: Scope } {
  if (expression.kind !== "apply") throw new TlaError(`${node.name} is not an operator`, node.at);
  const inner = there.inside();
  const args = node.args.map((arg, index): Expression => {
    const name = ` ${index}`;
    inner.names.set(name, { kind: "alias", expression: arg, scope });
    return { kind: "apply", path: [], name, args: [], at: arg.at };
  });
  return { node: { ...expression, args, at: node.at }, scope: inner };
}

function compileInline(lambda: Extract<Expression, { kind: "lambda" }>, home: Scope, node: Apply, scope: Scope): Code {
  if (lambda.parameters.length !== node.args.length) {
    throw new TlaError(`${node.name} takes ${lambda.parameters.length} arguments, ${node.args.length} given`, node.at);
  }
  const inner = home.inside();
  lambda.parameters.forEach((parameter, index) => {
    inner.names.set(parameter.name, { kind: "alias", expression: node.args[index]!, scope });
  });
  return compileExpression(lambda.body, inner);
}

function compileParameterCall(binding: Extract<Binding, { kind: "operatorParameter" }>, node: Apply, scope: Scope): Code {
  if (node.args.length !== binding.arity) throw new TlaError(`${node.name} takes ${binding.arity} arguments, ${node.args.length} given`, node.at);
  const steps = distance(scope.layout, binding.frame);
  const { slot } = binding;
  const codes = node.args.map((arg) => compileExpression(arg, scope));
  const [first] = codes;
  if (codes.length === 1 && first !== undefined) return (frame) => (outer(frame, steps)[slot] as Callable)(first(frame));
  return (frame) => (outer(frame, steps)[slot] as Callable)(...codes.map((code) => code(frame)));
}

