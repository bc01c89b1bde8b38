import { compare } from "./equality.ts";
import { FiniteSet } from "./finite-set.ts";
import { functionOf } from "./mapping.ts";
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
  const keys = value.keys();
  const values = keys.map((key) => value.get(key)!);
  const newValues = values.map((item) => rename(item, renaming));
  if (value instanceof Sequence) return same(values, newValues) ? value : Sequence.of(newValues);
  const newKeys = keys.map((key) => rename(key, renaming));
  if (same(keys, newKeys)) return same(values, newValues) ? value : functionOf(keys, newValues);
  const order = newKeys.map((_, index) => index).sort((a, b) => compare(newKeys[a]!, newKeys[b]!));
  return functionOf(order.map((index) => newKeys[index]!), order.map((index) => newValues[index]!));
}

function same(a: readonly Value[], b: readonly Value[]): boolean {
  return a.every((value, index) => value === b[index]);
}
