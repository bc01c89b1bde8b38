import { hashOf } from "./equality.ts";
import { hashPair, mix } from "./hashing.ts";
import { FunctionValue, ModelValue, type Value } from "./value-kinds.ts";

/**
 * A second hash, worked out in another way than `hashOf`: the two together are the 64 bits by which states are told apart
 * where they cannot be compared, because each thread has values of its own.
 */
export function secondHash(value: Value): number {
  switch (typeof value) {
    case "number":
      return mix(Math.imul(value | 0, 0x27d4eb2f) ^ Math.floor(value / 4294967296) ^ 0x165667b1);
    case "string":
      return secondOfText(value, 0x6b79);
    case "boolean":
      return value ? 0x7ed55d16 : 0x4761c23c;
    default:
      return secondOfObject(value);
  }
}

function secondOfObject(value: Exclude<Value, number | string | boolean>): number {
  if (value instanceof ModelValue) return workedOut(value);
  value.secondHash ??= workedOut(value);
  return value.secondHash;
}

function workedOut(value: Exclude<Value, number | string | boolean>): number {
  if (value instanceof ModelValue) return secondOfText(value.name, 0x3d0b);
  let sum = 0;
  if (value instanceof FunctionValue) {
    for (const key of value.keys()) sum = (sum + mix(Math.imul(secondHash(key), 0x85ebca77) ^ (secondHash(value.get(key)!) + 0x2c1b3c6d))) | 0;
    return mix(sum ^ 0x297a2d39);
  }
  for (const element of value.elements()) sum = (sum + mix(secondHash(element) ^ 0x52dce729)) | 0;
  return mix(sum ^ 0x38495ab5);
}

function secondOfText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 0x1f35a7bd) + text.charCodeAt(i) + 1) | 0;
  return mix(hash);
}

/** The two halves of a fingerprint; the second is never 0. */
export interface Fingerprint {
  first: number;
  second: number;
}

/** The fingerprint of the values with these numbers, each of which keeps its own. */
export class Fingerprints {
  private firsts: number[] = [];
  private seconds: number[] = [];
  private readonly valueAt: (number: number) => Value;

  constructor(valueAt: (number: number) => Value) {
    this.valueAt = valueAt;
  }

  of(tuple: Int32Array, into: Fingerprint): void {
    let first = tuple.length;
    let second = 0;
    for (let i = 0; i < tuple.length; i++) {
      const number = tuple[i]!;
      if (this.seconds[number] === undefined) this.learn(number);
      first = hashPair(first, this.firsts[number]!);
      second = hashPair(Math.imul(second, 0x3c6ef35f) ^ i, this.seconds[number]!);
    }
    into.first = first === 0 ? 1 : first;
    into.second = second === 0 ? 1 : second;
  }

  private learn(number: number): void {
    const value = this.valueAt(number);
    // In order, so that the arrays stay dense.
    while (this.firsts.length <= number) {
      this.firsts.push(0);
      this.seconds.push(undefined as unknown as number);
    }
    this.firsts[number] = hashOf(value);
    // Kept here by number; only the parts of values are remembered by object.
    this.seconds[number] = typeof value === "object" ? workedOut(value) : secondHash(value);
  }
}
