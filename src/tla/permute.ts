import { compare } from "./equality.ts";
import { FiniteSet } from "./finite-set.ts";
import { functionOf, SmallFunction } from "./mapping.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, ModelValue, SetValue, type Value } from "./value-kinds.ts";

/** A renaming of model values. */
export type Renaming = ReadonlyMap<ModelValue, ModelValue>;

/** The renaming that a permutation, given as a function of TLA+, stands for. */
export function renamingOf(permutation: Value): Renaming {
  const renaming = new Map<ModelValue, ModelValue>();
  if (!(permutation instanceof FunctionValue)) return renaming;
  for (const key of permutation.keys()) {
    const image = permutation.get(key);
    if (key instanceof ModelValue && image instanceof ModelValue && key !== image) renaming.set(key, image);
  }
  return renaming;
}

/** `value` with every model value renamed; itself when nothing changes. */
export function rename(value: Value, renaming: Renaming): Value {
  if (typeof value !== "object") return value;
  if (value instanceof ModelValue) return renaming.get(value) ?? value;
  if (value instanceof SetValue) {
    if (!value.finite) return value;
    const elements = value.elements();
    const renamed = elements.map((element) => rename(element, renaming));
    return same(elements, renamed) ? value : FiniteSet.of(renamed);
  }
  if (value instanceof SmallFunction) {
    const moved = moveWithin(value, renaming);
    if (moved !== undefined) return same(value.values, moved.values) ? value : moved;
  }
  const keys = value.keys();
  const values = keys.map((key) => value.get(key)!);
  const newValues = values.map((item) => rename(item, renaming));
  if (value instanceof Sequence) return same(values, newValues) ? value : Sequence.of(newValues);
  const newKeys = keys.map((key) => rename(key, renaming));
  if (same(keys, newKeys)) return same(values, newValues) ? value : functionOf(keys, newValues);
  const order = newKeys.map((_, index) => index).sort((a, b) => compare(newKeys[a]!, newKeys[b]!));
  return functionOf(order.map((index) => newKeys[index]!), order.map((index) => newValues[index]!));
}

/** A function over the things that are renamed, as over the set of processes, keeps its domain: only its values change places. */
function moveWithin({ shape, values }: SmallFunction, renaming: Renaming): SmallFunction | undefined {
  const moved = values.slice();
  for (let i = 0; i < values.length; i++) {
    const key = shape.keys[i]!;
    if (typeof key === "object" && !(key instanceof ModelValue)) return undefined;
    const place = shape.indexOf(rename(key, renaming));
    if (place < 0) return undefined;
    moved[place] = rename(values[i]!, renaming);
  }
  return new SmallFunction(shape, moved);
}

function same(a: readonly Value[], b: readonly Value[]): boolean {
  return a.every((value, index) => value === b[index]);
}
