import { FiniteSet } from "./finite-set.ts";
import { functionOver, merge, recordOf } from "./mapping.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, ModelValue, SetValue, type Value } from "./value-kinds.ts";

// The one door to values for other rooms: how to make them, look into them, compare and print them.
export { compare, equal } from "./equality.ts";
export { imagesAt } from "./mapping.ts";
export { printValue } from "./value-print.ts";
export { fromJson, toJson } from "./value-json.ts";
export { FunctionValue, ModelValue, SetValue, type Value } from "./value-kinds.ts";

/** The model value of that name. */
export function modelValue(name: string): ModelValue {
  return ModelValue.of(name);
}

/** The set of these elements. */
export function setOf(elements: Iterable<Value>): SetValue {
  return FiniteSet.of(elements);
}

/** The sequence of these elements. */
export function sequenceOf(elements: Iterable<Value>): FunctionValue {
  return Sequence.of([...elements]);
}

/** The record with these fields. */
export function record(fields: Readonly<Record<string, Value>>): FunctionValue {
  return recordOf(fields);
}

/** The function that has these pairs of argument and value; of two with one argument the last counts. */
export function functionFrom(pairs: Iterable<readonly [Value, Value]>): FunctionValue {
  let result: FunctionValue = Sequence.empty;
  for (const [key, value] of pairs) result = merge(functionOver(FiniteSet.of([key]), [value]), result);
  return result;
}
