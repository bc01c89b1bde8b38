import { hashInteger, hashText } from "./hashing.ts";
import { FunctionValue, ModelValue, SetValue, type Value } from "./value-kinds.ts";

/** A 32-bit hash: equal for equal values. Composite values keep theirs. */
export function hashOf(value: Value): number {
  switch (typeof value) {
    case "number":
      return hashInteger(value);
    case "string":
      return hashText(value, 0x811c9dc5);
    case "boolean":
      return value ? 0x3c6ef372 : 0x1b873593;
    default:
      return value.hash;
  }
}

/** Whether `a` and `b` are one value. Values of different kinds are different. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a instanceof FunctionValue) return b instanceof FunctionValue && sameFunction(a, b);
  if (a instanceof SetValue) return b instanceof SetValue && sameSet(a, b);
  return false;
}

function sameSet(a: SetValue, b: SetValue): boolean {
  if (a.finite !== b.finite) return false;
  if (a.size !== b.size || a.hash !== b.hash) return false;
  for (const element of a.iterate()) if (!b.contains(element)) return false;
  return true;
}

function sameFunction(a: FunctionValue, b: FunctionValue): boolean {
  return a.size === b.size && a.hash === b.hash && a.matches(b);
}

/** Whether `b` has the value of `a` at every key of `a`. */
export function sameImages(a: FunctionValue, b: FunctionValue): boolean {
  for (const key of a.keys()) {
    const left = a.get(key);
    const right = b.get(key);
    if (left === undefined || right === undefined || !equal(left, right)) return false;
  }
  return true;
}

function rank(value: Value): number {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
      return 2;
    case "string":
      return 3;
    default:
      return value instanceof ModelValue ? 0 : value instanceof SetValue ? 4 : 5;
  }
}

/**
 * A total order, after TLC's: integers by value, strings and model values by text, sets and functions by size first and
 * then element by element. TLC refuses to order values of different kinds; here they have a fixed order too.
 */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  const kind = rank(a);
  const difference = kind - rank(b);
  if (difference !== 0) return difference;
  switch (kind) {
    case 0:
      return compareText((a as ModelValue).name, (b as ModelValue).name);
    case 4:
      return compareSets(a as SetValue, b as SetValue);
    case 5:
      return compareFunctions(a as FunctionValue, b as FunctionValue);
    default:
      return a < b ? -1 : a > b ? 1 : 0;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareSets(a: SetValue, b: SetValue): number {
  if (a.size !== b.size) return a.size - b.size;
  const left = a.elements();
  const right = b.elements();
  for (let i = 0; i < left.length; i++) {
    const order = compare(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function compareFunctions(a: FunctionValue, b: FunctionValue): number {
  if (a.size !== b.size) return a.size - b.size;
  const left = a.keys();
  const right = b.keys();
  for (let i = 0; i < left.length; i++) {
    const order = compare(left[i]!, right[i]!) || compare(a.get(left[i]!)!, b.get(right[i]!)!);
    if (order !== 0) return order;
  }
  return 0;
}
