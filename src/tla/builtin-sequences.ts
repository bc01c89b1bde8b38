import { plain, integer } from "./builtin-arithmetic.ts";
import { Fault } from "./fault.ts";
import { RuleSet } from "./lazy-set.ts";
import type { BuiltinModule } from "./module-loader.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, SetValue, type Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";
import { LazyFunction, settled } from "./lazy-function.ts";

/** `value` as a sequence. */
export function sequence(value: Value): Sequence {
  if (value instanceof Sequence) return value;
  if (value instanceof LazyFunction) return sequence(value.whole());
  throw new Fault(`a sequence expected, but the value is ${printShort(value)}`);
}

/** `value` as a set. */
export function set(value: Value): SetValue {
  if (value instanceof SetValue) return value;
  throw new Fault(`a set expected, but the value is ${printShort(value)}`);
}

/** `value` as a function. */
export function fn(value: Value): FunctionValue {
  if (value instanceof FunctionValue) return value;
  throw new Fault(`a function expected, but the value is ${printShort(value)}`);
}

/** `value` as a truth value, where an operator that was handed over must give one. */
export function test(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw new Fault(`TRUE or FALSE expected, but the value is ${printShort(value)}`);
}

/** `SubSeq(s, from, to)`: empty when `to < from`, a fault when it reaches beyond s. */
export function subSequence(s: Sequence, from: number, to: number): Sequence {
  if (to < from) return Sequence.empty;
  if (from < 1 || to > s.size) throw new Fault(`SubSeq(s, ${from}, ${to}) reaches beyond the ${s.size} elements of s`);
  return s.slice(from, to);
}

function head(s: Sequence): Value {
  if (s.size === 0) throw new Fault("Head(<<>>) has no value");
  return s.at(0);
}

function tail(s: Sequence): Value {
  if (s.size === 0) throw new Fault("Tail(<<>>) has no value");
  return s.slice(2, s.size);
}

function concat(a: Value, b: Value): Value {
  // TLC takes strings as sequences here.
  if (typeof a === "string" && typeof b === "string") return a + b;
  return sequence(a).concat(sequence(b));
}

/** `Seq(S)`. */
export function sequencesOver(elements: SetValue): SetValue {
  return new RuleSet("Seq(S)", (value) => {
    const whole = settled(value);
    return whole instanceof Sequence && whole.toArray().every((element) => elements.contains(element));
  });
}

export const sequenceModules: Readonly<Record<string, BuiltinModule>> = {
  Sequences: {
    extends: ["Naturals"],
    operators: [
      plain("Len", 1, (s: Value) => (typeof s === "string" ? s.length : sequence(s).size)),
      plain("Append", 2, (s: Value, e: Value) => sequence(s).append(e)),
      plain("Head", 1, (s: Value) => head(sequence(s))),
      plain("Tail", 1, (s: Value) => tail(sequence(s))),
      plain("SubSeq", 3, (s: Value, from: Value, to: Value) => subSequence(sequence(s), integer(from), integer(to))),
      plain("\\o", 2, concat),
      plain("Seq", 1, (s: Value) => sequencesOver(set(s))),
      {
        name: "SelectSeq",
        parameters: [0, 1],
        apply: (s: Value, keep: (e: Value) => Value) => Sequence.of(sequence(s).toArray().filter((element) => test(keep(element)))),
      },
    ],
  },
};
