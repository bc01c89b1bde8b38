import { fn, set, test } from "./builtin-sequences.ts";
import { plain } from "./builtin-arithmetic.ts";
import { equal } from "./equality.ts";
import { Fault } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import { functionOver, restrict } from "./mapping.ts";
import { FunctionSet } from "./lazy-set.ts";
import type { BuiltinModule } from "./module-loader.ts";
import type { Builtin } from "./scope.ts";
import type { FunctionValue, SetValue, Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

function range(f: FunctionValue): SetValue {
  return FiniteSet.of(f.keys().map((key) => f.get(key)!));
}

function isInjective(f: FunctionValue): boolean {
  return range(f).size === f.size;
}

function inverse(f: FunctionValue, from: SetValue, to: SetValue): FunctionValue {
  return functionOver(
    to,
    to.elements().map((image) => {
      // What f does not take on may come from anywhere: CHOOSE s : FALSE => …
      const taken = range(f).contains(image);
      const source = from.elements().find((key) => !taken || equal(f.get(key) ?? f, image));
      if (source === undefined) throw new Fault(`Inverse: no element is taken to ${printShort(image)}`);
      return source;
    }),
  );
}

/** `[x \in S |-> f[x]]`. */
function restrictTo(f: FunctionValue, domain: SetValue): FunctionValue {
  const outside = domain.elements().find((key) => f.get(key) === undefined);
  if (outside !== undefined) throw new Fault(`Restrict: ${printShort(outside)} is not in the domain of ${printShort(f)}`);
  return restrict(f, (key) => domain.contains(key));
}

/** `[x \in DOMAIN f |-> op(f[x], g[x])]`. */
function pointwise(op: (a: Value, b: Value) => Value, f: FunctionValue, g: FunctionValue): FunctionValue {
  const values = f.keys().map((key) => {
    const other = g.get(key);
    if (other === undefined) throw new Fault(`Pointwise: ${printShort(key)} is not in the domain of ${printShort(g)}`);
    return op(f.get(key)!, other);
  });
  return functionOver(f.domain(), values);
}

function fold(op: (e: Value, acc: Value) => Value, base: Value, f: FunctionValue, keys: readonly Value[]): Value {
  let result = base;
  for (const key of keys) result = op(f.get(key)!, result);
  return result;
}

const isOnto = (f: Value, to: SetValue): boolean => range(fn(f)).size === to.size && to.elements().every((e) => range(fn(f)).contains(e));

const operators: readonly Builtin[] = [
  plain("Range", 1, (f: Value) => range(fn(f))),
  plain("Image", 2, (f: Value, s: Value) => range(restrict(fn(f), (key) => set(s).contains(key)))),
  plain("Restrict", 2, (f: Value, s: Value) => restrictTo(fn(f), set(s))),
  plain("IsRestriction", 2, (f: Value, g: Value) => fn(f).keys().every((key) => equal(fn(g).get(key) ?? g, fn(f).get(key)!))),
  { name: "Pointwise", parameters: [2, 0, 0], apply: (op: (a: Value, b: Value) => Value, f: Value, g: Value) => pointwise(op, fn(f), fn(g)) },
  {
    name: "RestrictDomain",
    parameters: [0, 1],
    apply: (f: Value, keep: (key: Value) => Value) => restrict(fn(f), (key) => test(keep(key))),
  },
  {
    name: "RestrictValues",
    parameters: [0, 1],
    apply: (f: Value, keep: (value: Value) => Value) => restrict(fn(f), (key) => test(keep(fn(f).get(key)!))),
  },
  plain("Inverse", 3, (f: Value, from: Value, to: Value) => inverse(fn(f), set(from), set(to))),
  plain("AntiFunction", 1, (f: Value) => inverse(fn(f), fn(f).domain(), range(fn(f)))),
  plain("IsInjective", 1, (f: Value) => isInjective(fn(f))),
  plain("Injection", 2, (s: Value, t: Value) => FiniteSet.of(new FunctionSet(set(s), set(t)).elements().filter((f) => isInjective(fn(f))))),
  plain("Surjection", 2, (s: Value, t: Value) => FiniteSet.of(new FunctionSet(set(s), set(t)).elements().filter((f) => isOnto(f, set(t))))),
  plain("Bijection", 2, (s: Value, t: Value) => FiniteSet.of(new FunctionSet(set(s), set(t)).elements().filter((f) => isInjective(fn(f)) && isOnto(f, set(t))))),
  plain("ExistsInjection", 2, (s: Value, t: Value) => set(s).size <= set(t).size),
  plain("ExistsSurjection", 2, (s: Value, t: Value) => set(s).size >= set(t).size && (set(t).size > 0 || set(s).size === 0)),
  plain("ExistsBijection", 2, (s: Value, t: Value) => set(s).size === set(t).size),
  {
    name: "FoldFunction",
    parameters: [2, 0, 0],
    apply: (op: (e: Value, acc: Value) => Value, base: Value, f: Value) => fold(op, base, fn(f), fn(f).keys()),
  },
  {
    name: "FoldFunctionOnSet",
    parameters: [2, 0, 0, 0],
    apply: (op: (e: Value, acc: Value) => Value, base: Value, f: Value, s: Value) => fold(op, base, fn(f), set(s).elements()),
  },
];

export const functionModules: Readonly<Record<string, BuiltinModule>> = {
  Functions: { extends: [], operators },
};
