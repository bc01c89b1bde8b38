import type { Apply } from "./compile-apply.ts";
import { compileExpression } from "./compile.ts";
import { compileCallable } from "./compile-operator.ts";
import { located, TlaError } from "./fault.ts";
import type { Code, Frame } from "./registers.ts";
import type { Builtin, Scope } from "./scope.ts";
import type { Value } from "./value-kinds.ts";

type Argument = (frame: Frame) => unknown;

/** A call of an operator of a standard module; its faults get the place of the call. */
export function compileBuiltin(builtin: Builtin, node: Apply, scope: Scope): Code {
  const { parameters } = builtin;
  if (parameters.length !== node.args.length) {
    throw new TlaError(`${node.name} takes ${parameters.length} arguments, ${node.args.length} given`, node.at);
  }
  const args = parameters.map((arity, index): Argument => {
    const arg = node.args[index]!;
    return arity === 0 ? compileExpression(arg, scope) : compileCallable(arg, arity, scope);
  });
  // The table of operators says what each one takes; see `Builtin`.
  const apply = builtin.apply as unknown as (...args: unknown[]) => Value;
  const { at } = node;
  const [first, second] = args;
  if (first === undefined) return guarded(() => apply(), node);
  if (second === undefined) return guarded((frame) => apply(first(frame)), node);
  if (args.length === 2) {
    return (frame) => {
      const left = first(frame);
      const right = second(frame);
      try {
        return apply(left, right);
      } catch (error) {
        throw located(error, at);
      }
    };
  }
  return guarded((frame) => apply(...args.map((arg) => arg(frame))), node);
}

function guarded(code: Code, node: Apply): Code {
  return (frame) => {
    try {
      return code(frame);
    } catch (error) {
      throw located(error, node.at);
    }
  };
}
