import { hashText } from "./hashing.ts";

/**
 * A value of TLA+. Booleans, integers and strings are JavaScript's own; the rest are immutable objects. A function with
 * domain 1..n is always a sequence, and a record is a function over strings, so equal values have one kind.
 */
export type Value = boolean | number | string | ModelValue | SetValue | FunctionValue;

/** A value that equals only itself, as `CONSTANT Nil = Nil` in a configuration makes. */
export class ModelValue {
  readonly name: string;
  readonly hash: number;
  private static readonly known = new Map<string, ModelValue>();

  private constructor(name: string) {
    this.name = name;
    this.hash = hashText(name, 0x51ed270b);
  }

  /** The model value of that name; the same object each time. */
  static of(name: string): ModelValue {
    let value = ModelValue.known.get(name);
    if (value === undefined) ModelValue.known.set(name, (value = new ModelValue(name)));
    return value;
  }
}

/** A set. Those that are not enumerable (`Nat`) know membership only; asking them for more is a fault. */
export abstract class SetValue {
  /** Kept here by `mapping.ts`: what functions over this set have in common. A map beside would burden the garbage collector. */
  shape: object | undefined = undefined;
  /** Kept here by `fingerprint.ts`. */
  secondHash: number | undefined = undefined;
  /** Whether the elements can be enumerated. */
  abstract readonly finite: boolean;
  /** The number of elements; a fault when not enumerable. */
  abstract readonly size: number;
  /** Equal for equal sets, whatever their representation. */
  abstract readonly hash: number;
  abstract contains(value: Value): boolean;
  /** Each element once, always in the same order (see `compare`). */
  abstract elements(): readonly Value[];
  /** The elements one by one, for sets too large to build when the reader may stop early. */
  iterate(): Iterable<Value> {
    return this.elements();
  }
}

/** A function: a sequence, a record, or any other. */
export abstract class FunctionValue {
  /** Kept here by `fingerprint.ts`. */
  secondHash: number | undefined = undefined;
  /** The number of elements of the domain. */
  abstract readonly size: number;
  abstract readonly hash: number;
  /** The value at `key`, or undefined outside the domain. */
  abstract get(key: Value): Value | undefined;
  /** The function that differs at `key`, which is in the domain. */
  abstract with(key: Value, value: Value): FunctionValue;
  /** Whether it equals `other`, which has the same size and hash. */
  abstract matches(other: FunctionValue): boolean;
  abstract domain(): SetValue;
  /** The elements of the domain in order. */
  abstract keys(): readonly Value[];
}
