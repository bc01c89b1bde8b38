import { Fault } from "./fault.ts";
import { Interval } from "./finite-set.ts";
import { DescribedSet } from "./lazy-set.ts";
import { isRecord } from "./mapping.ts";
import { LazyFunction } from "./lazy-function.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, ModelValue, type Value } from "./value-kinds.ts";

const identifier = /^[A-Za-z0-9_]*[A-Za-z][A-Za-z0-9_]*$/;

/** `value` in TLA+ syntax, on one line; equal values print alike. */
export function printValue(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "number") return String(value);
  if (value instanceof ModelValue) return value.name;
  if (value instanceof FunctionValue) return printFunction(value);
  if (value instanceof Interval && value.size > 3) return `${value.low}..${value.high}`;
  if (value instanceof DescribedSet && !value.finite) return value.describe();
  return `{${value.elements().map(printValue).join(", ")}}`;
}

function quote(text: string): string {
  const special: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\" };
  return `"${text.replace(/["\\\n\t\r\f]/g, (letter) => special[letter]!)}"`;
}

function printFunction(value: FunctionValue): string {
  if (value instanceof LazyFunction) return value.domain().finite ? printFunction(value.whole()) : "a function whose domain has no enumeration";
  if (value instanceof Sequence) return value.size === 0 ? "<<>>" : `<<${value.toArray().map(printValue).join(", ")}>>`;
  const keys = value.keys();
  if (isRecord(value) && keys.every((key) => identifier.test(key as string))) {
    return `[${keys.map((key) => `${key as string} |-> ${printValue(value.get(key)!)}`).join(", ")}]`;
  }
  return `(${keys.map((key) => `${printValue(key)} :> ${printValue(value.get(key)!)}`).join(" @@ ")})`;
}

/** `value` printed, cut to `limit` characters for a message. */
export function printShort(value: Value, limit = 200): string {
  let text: string;
  try {
    text = printValue(value);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    text = "a value that cannot be printed";
  }
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
