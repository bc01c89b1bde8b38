import { plain, integer } from "./builtin-arithmetic.ts";
import { fn, set, test } from "./builtin-sequences.ts";
import { moreOfBags, moreOfSets, subBags } from "./builtin-community.ts";
import { compare } from "./equality.ts";
import { Fault } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import { subsetsOfSize } from "./lazy-set.ts";
import { functionOver, merge } from "./mapping.ts";
import type { BuiltinModule } from "./module-loader.ts";
import type { Builtin } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, type SetValue, type Value } from "./value-kinds.ts";

type Fold = (a: Value, b: Value) => Value;

function extreme(values: SetValue, sign: number, name: string): Value {
  let best: Value | undefined;
  for (const value of values.iterate()) if (best === undefined || sign * compare(integer(value), best) > 0) best = value;
  if (best === undefined) throw new Fault(`${name}({}) has no value`);
  return best;
}

/** The bag that holds what `counts` says, without elements that occur no times. */
function bagOf(counts: FunctionValue, by: (element: Value) => number): FunctionValue {
  const keys = counts.keys().filter((key) => by(key) > 0);
  return functionOver(FiniteSet.of(keys), keys.map(by));
}

function count(bag: FunctionValue, element: Value): number {
  const found = bag.get(element);
  return found === undefined ? 0 : integer(found);
}

/** The bag in which each element of either bag occurs as often as `by` says. */
function combine(a: FunctionValue, b: FunctionValue, by: (element: Value) => number): FunctionValue {
  return bagOf(merge(a, b), by);
}

function isPositive(value: Value | undefined): boolean {
  return typeof value === "number" && value > 0;
}

const bags: readonly Builtin[] = [
  plain("EmptyBag", 0, () => Sequence.empty),
  plain("IsABag", 1, (b: Value) => b instanceof FunctionValue && b.keys().every((key) => isPositive(b.get(key)))),
  plain("SetToBag", 1, (s: Value) => functionOver(set(s), set(s).elements().map(() => 1))),
  plain("BagToSet", 1, (b: Value) => fn(b).domain()),
  plain("BagIn", 2, (e: Value, b: Value) => count(fn(b), e) > 0),
  plain("CopiesIn", 2, (e: Value, b: Value) => count(fn(b), e)),
  plain("BagCardinality", 1, (b: Value) => fn(b).keys().reduce((sum: number, key) => sum + count(fn(b), key), 0)),
  plain("\\oplus", 2, (a: Value, b: Value) => combine(fn(a), fn(b), (e) => count(fn(a), e) + count(fn(b), e))),
  plain("\\ominus", 2, (a: Value, b: Value) => combine(fn(a), fn(b), (e) => count(fn(a), e) - count(fn(b), e))),
  plain("\\sqsubseteq", 2, (a: Value, b: Value) => fn(a).keys().every((key) => count(fn(a), key) <= count(fn(b), key))),
  plain("SubBag", 1, (b: Value) => subBags(b)),
  plain("BagUnion", 1, (s: Value) =>
    set(s).elements().reduce((sum: FunctionValue, bag) => combine(sum, fn(bag), (e) => count(sum, e) + count(fn(bag), e)), Sequence.empty),
  ),
  {
    name: "BagOfAll",
    parameters: [1, 0],
    apply: (op: (e: Value) => Value, b: Value) => {
      let result: FunctionValue = Sequence.empty;
      for (const key of fn(b).keys()) {
        const image = op(key);
        result = merge(functionOver(FiniteSet.of([image]), [count(result, image) + count(fn(b), key)]), result);
      }
      return result;
    },
  },
];

const bagsMore: readonly Builtin[] = [
  plain("BagAdd", 2, (b: Value, e: Value) => merge(functionOver(FiniteSet.of([e]), [count(fn(b), e) + 1]), fn(b))),
  plain("BagRemove", 2, (b: Value, e: Value) => bagOf(fn(b), (key) => count(fn(b), key) - (compare(key, e) === 0 ? 1 : 0))),
  plain("BagRemoveAll", 2, (b: Value, e: Value) => bagOf(fn(b), (key) => (compare(key, e) === 0 ? 0 : count(fn(b), key)))),
  {
    name: "FoldBag",
    parameters: [2, 0, 0],
    apply: (op: Fold, base: Value, b: Value) => {
      let result = base;
      for (const key of fn(b).keys()) for (let i = count(fn(b), key); i > 0; i--) result = op(result, key);
      return result;
    },
  },
];

function fold(op: Fold, base: Value, elements: Iterable<Value>): Value {
  let result = base;
  for (const element of elements) result = op(element, result);
  return result;
}

function mapThenFold(op: Fold, base: Value, image: (e: Value) => Value, choose: (s: Value) => Value, from: SetValue): Value {
  let rest = FiniteSet.of(from.iterate());
  let result = base;
  while (rest.size > 0) {
    const element = choose(rest);
    result = op(image(element), result);
    rest = rest.without(element);
  }
  return result;
}

const more: readonly Builtin[] = [
  plain("Max", 1, (s: Value) => extreme(set(s), 1, "Max")),
  plain("Min", 1, (s: Value) => extreme(set(s), -1, "Min")),
  plain("Sum", 1, (s: Value) => set(s).elements().reduce((sum: number, e) => sum + integer(e), 0)),
  plain("Product", 1, (s: Value) => set(s).elements().reduce((product: number, e) => product * integer(e), 1)),
  plain("SymDiff", 2, (a: Value, b: Value) => FiniteSet.of([...set(a).elements().filter((e) => !set(b).contains(e)), ...set(b).elements().filter((e) => !set(a).contains(e))])),
  plain("kSubset", 2, (k: Value, s: Value) => FiniteSet.of(subsetsOfSize(set(s).elements(), integer(k)))),
  { name: "FoldSet", parameters: [2, 0, 0], apply: (op: Fold, base: Value, s: Value) => fold(op, base, set(s).elements()) },
  { name: "ReduceSet", parameters: [2, 0, 0], apply: (op: Fold, s: Value, base: Value) => fold(op, base, set(s).elements()) },
  { name: "Quantify", parameters: [0, 1], apply: (s: Value, p: (e: Value) => Value) => set(s).elements().filter((e) => test(p(e))).length },
  {
    name: "MapThenFoldSet",
    parameters: [2, 0, 1, 1, 0],
    apply: (op: Fold, base: Value, f: (e: Value) => Value, choose: (s: Value) => Value, s: Value) => mapThenFold(op, base, f, choose, set(s)),
  },
];

function isFinite(value: Value): boolean {
  return set(value).finite;
}

export const setModules: Readonly<Record<string, BuiltinModule>> = {
  FiniteSets: {
    extends: [],
    operators: [plain("Cardinality", 1, (s: Value) => set(s).size), plain("IsFiniteSet", 1, isFinite)],
  },
  FiniteSetsExt: { extends: [], operators: [...more, ...moreOfSets] },
  Folds: { extends: [], operators: more.filter(({ name }) => name === "MapThenFoldSet") },
  Bags: { extends: [], operators: bags },
  BagsExt: { extends: [], operators: [...bagsMore, ...moreOfBags] },
};
