import type { Apply } from "./compile-apply.ts";
import { compileExpression } from "./compile.ts";
import { compileCallable } from "./compile-operator.ts";
import { located, TlaError, type Place } from "./fault.ts";
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
    const quick = Object.hasOwn(ofNumbers, node.name) && parameters.every((arity) => arity === 0) ? ofNumbers[node.name] : undefined;
    if (quick !== undefined) return compileNumeric(quick, first as Code, second as Code, apply, at);
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

type Numeric = (a: number, b: number) => Value | undefined;

const safe = (value: number): number | undefined => (Number.isSafeInteger(value) ? value : undefined);

/** What can be worked out at once when both arguments are numbers; undefined where the operator itself must speak. */
const ofNumbers: Readonly<Record<string, Numeric>> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "\\leq": (a, b) => a <= b,
  "\\geq": (a, b) => a >= b,
  "+": (a, b) => safe(a + b),
  "-": (a, b) => safe(a - b),
};

function compileNumeric(quick: Numeric, first: Code, second: Code, apply: (...args: unknown[]) => Value, at: Place): Code {
  return (frame) => {
    const left = first(frame);
    const right = second(frame);
    const value = typeof left === "number" && typeof right === "number" ? quick(left, right) : undefined;
    if (value !== undefined) return value;
    try {
      return apply(left, right);
    } catch (error) {
      throw located(error, at);
    }
  };
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
