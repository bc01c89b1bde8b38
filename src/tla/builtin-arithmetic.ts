import { cells } from "./registers.ts";
import { Fault } from "./fault.ts";
import { Interval } from "./finite-set.ts";
import { RuleSet } from "./lazy-set.ts";
import type { BuiltinModule } from "./module-loader.ts";
import type { Builtin } from "./scope.ts";
import type { SetValue, Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

/** An operator that takes values only. */
export function plain(name: string, arity: number, apply: (...args: never[]) => Value): Builtin {
  return { name, parameters: cells<number>(arity).fill(0), apply };
}

/** `value` as an integer. */
export function integer(value: Value): number {
  if (typeof value === "number") return value;
  throw new Fault(`an integer expected, but the value is ${printShort(value)}`);
}

/**
 * The result of arithmetic. TLC's integers end at 2^31; these end at 2^53, beyond which JavaScript would round, which is
 * a fault as well.
 */
function exact(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new Fault("the result of the arithmetic is beyond 2^53");
}

function power(base: number, exponent: number): number {
  if (exponent < 0) throw new Fault(`${base} ^ ${exponent} is not an integer`);
  return exact(base ** exponent);
}

/** Division rounds down, so that `a = b * (a \div b) + a % b` with `a % b` in 0 .. b-1. */
function divide(a: number, b: number): number {
  if (b === 0) throw new Fault("division by zero");
  return Math.floor(a / b);
}

function modulo(a: number, b: number): number {
  if (b <= 0) throw new Fault(`% needs a positive divisor, but it is ${b}`);
  return ((a % b) + b) % b;
}

const isInteger = (value: Value): boolean => typeof value === "number";
const naturalSet: SetValue = new RuleSet("Nat", (value) => typeof value === "number" && value >= 0);
const integerSet: SetValue = new RuleSet("Int", isInteger);
const realSet: SetValue = new RuleSet("Real", isInteger);

const naturals: readonly Builtin[] = [
  plain("+", 2, (a: Value, b: Value) => exact(integer(a) + integer(b))),
  plain("-", 2, (a: Value, b: Value) => exact(integer(a) - integer(b))),
  plain("*", 2, (a: Value, b: Value) => exact(integer(a) * integer(b))),
  plain("^", 2, (a: Value, b: Value) => power(integer(a), integer(b))),
  plain("<", 2, (a: Value, b: Value) => integer(a) < integer(b)),
  plain(">", 2, (a: Value, b: Value) => integer(a) > integer(b)),
  plain("\\leq", 2, (a: Value, b: Value) => integer(a) <= integer(b)),
  plain("\\geq", 2, (a: Value, b: Value) => integer(a) >= integer(b)),
  plain("..", 2, (a: Value, b: Value) => Interval.of(integer(a), integer(b))),
  plain("\\div", 2, (a: Value, b: Value) => divide(integer(a), integer(b))),
  plain("%", 2, (a: Value, b: Value) => modulo(integer(a), integer(b))),
  plain("Nat", 0, () => naturalSet),
];

export const arithmeticModules: Readonly<Record<string, BuiltinModule>> = {
  Naturals: { extends: [], operators: naturals },
  Integers: {
    extends: ["Naturals"],
    operators: [plain("Int", 0, () => integerSet), plain("-.", 1, (a: Value) => -integer(a) || 0)],
  },
  Reals: { extends: ["Integers"], operators: [plain("Real", 0, () => realSet)] },
};
