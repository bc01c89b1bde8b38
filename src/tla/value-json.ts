import { Fault } from "./fault.ts";
import { functionOf, Shape, SmallFunction } from "./mapping.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, ModelValue, SetValue, type Value } from "./value-kinds.ts";

/** How the keys of an object, in the order written, become the fields of a record. */
interface Layout {
  readonly shape: Shape;
  /** `order[i]` is the key of the i-th field. */
  readonly order: readonly string[];
}

const layouts = new Map<string, Layout>();

/** The layouts met last, by the number of keys: nearly always one of them is meant. */
const recent: (Layout & { readonly keys: readonly string[] })[][] = [];
const mostRecent = 8;

function layoutOf(keys: readonly string[]): Layout {
  const candidates = (recent[keys.length] ??= []);
  for (const candidate of candidates) if (sameKeys(candidate.keys, keys)) return candidate;
  const layout = { ...knownLayout(keys), keys };
  candidates.unshift(layout);
  if (candidates.length > mostRecent) candidates.pop();
  return layout;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function knownLayout(keys: readonly string[]): Layout {
  const name = keys.join("\u0000");
  let layout = layouts.get(name);
  if (layout === undefined) {
    const order = [...keys].sort();
    // Objects used as tables have ever new keys: do not remember all of them.
    if (layouts.size > 4096) layouts.clear();
    layouts.set(name, (layout = { shape: new Shape(order), order }));
  }
  return layout;
}

/**
 * The value that TLC's Json module reads: objects become records, arrays sequences, strings, booleans and integers
 * themselves. TLA+ has no null and no fractions: both are a fault, which says where.
 */
export function fromJson(json: unknown): Value {
  switch (typeof json) {
    case "string":
    case "boolean":
      return json;
    case "number":
      if (!Number.isSafeInteger(json)) throw new Fault(`${json} is not an integer that TLA+ can hold`);
      return json === 0 ? 0 : json;
    case "object":
      if (json === null) throw new Fault("null has no counterpart in TLA+");
      return Array.isArray(json) ? Sequence.of(json.map(fromJson)) : fromObject(json as Readonly<Record<string, unknown>>);
    default:
      throw new Fault(`${typeof json} is not JSON`);
  }
}

function fromObject(json: Readonly<Record<string, unknown>>): Value {
  const keys = Object.keys(json);
  if (keys.length === 0) return Sequence.empty;
  if (keys.length > 16) {
    const order = keys.sort();
    return functionOf(order, order.map((key) => fromJson(json[key])));
  }
  const { shape, order } = layoutOf(keys);
  const values: Value[] = [];
  for (let i = 0; i < order.length; i++) values.push(fromJson(json[order[i]!]));
  return new SmallFunction(shape, values);
}

/** The JSON of `value`: records and functions over strings become objects, sequences and sets arrays, model values their names. */
export function toJson(value: Value): unknown {
  if (typeof value !== "object") return value;
  if (value instanceof ModelValue) return value.name;
  if (value instanceof SetValue) return value.elements().map(toJson);
  if (value instanceof Sequence) return value.toArray().map(toJson);
  const entries = value.keys().map((key): [string, unknown] => [jsonKey(key), toJson(value.get(key)!)]);
  return Object.fromEntries(entries);
}

function jsonKey(key: Value): string {
  if (typeof key === "object" && (key instanceof FunctionValue || key instanceof SetValue)) return JSON.stringify(toJson(key));
  return key instanceof ModelValue ? key.name : String(key);
}
