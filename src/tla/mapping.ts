import { compare, equal, hashOf, sameImages } from "./equality.ts";
import { FiniteSet } from "./finite-set.ts";
import { Entry, find, insert, visitEntries, type TrieNode } from "./hash-trie.ts";
import { hashPair } from "./hashing.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, SetValue, type Value } from "./value-kinds.ts";

/** Up to this many elements of the domain, a function is an array of values beside its shape. */
const smallSize = 16;
/** The same where the domain is there already, and its shape shared: the servers of a run in which many came and went. */
const sharedSize = 64;
/** With more keys than that a map finds the place of one sooner. */
const searchedSize = 8;

/** The domain of small functions, shared by all that have it: a record type, or the set of servers. */
export class Shape {
  readonly keys: readonly Value[];
  private hashes: readonly number[] | undefined;
  private readonly simple: boolean;
  private places: Map<Value, number> | undefined;
  private set: SetValue | undefined;

  /** `keys` in order. */
  constructor(keys: readonly Value[]) {
    this.keys = keys;
    this.simple = keys.every((key) => typeof key !== "object");
  }

  indexOf(key: Value): number {
    const { keys } = this;
    if (keys.length > searchedSize && this.simple) return (this.places ??= placesOf(keys)).get(key) ?? -1;
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return i;
    if (this.simple || typeof key !== "object") return -1;
    for (let i = 0; i < keys.length; i++) if (equal(keys[i]!, key)) return i;
    return -1;
  }

  entryHash(index: number, value: Value): number {
    this.hashes ??= this.keys.map(hashOf);
    return hashPair(this.hashes[index]!, hashOf(value));
  }

  domain(): SetValue {
    this.set ??= FiniteSet.ofSorted(this.keys);
    return this.set;
  }
}

function placesOf(keys: readonly Value[]): Map<Value, number> {
  return new Map(keys.map((key, place) => [key, place]));
}

/** A function over a small domain. */
export class SmallFunction extends FunctionValue {
  readonly shape: Shape;
  readonly values: readonly Value[];
  private sum: number | undefined;

  constructor(shape: Shape, values: readonly Value[]) {
    super();
    this.shape = shape;
    this.values = values;
  }

  override get size(): number {
    return this.values.length;
  }

  override get hash(): number {
    if (this.sum === undefined) {
      let sum = this.values.length;
      for (let i = 0; i < this.values.length; i++) sum = (sum + this.shape.entryHash(i, this.values[i]!)) | 0;
      this.sum = sum;
    }
    return this.sum;
  }

  override get(key: Value): Value | undefined {
    const index = this.shape.indexOf(key);
    return index < 0 ? undefined : this.values[index];
  }

  override with(key: Value, value: Value): FunctionValue {
    const index = this.shape.indexOf(key);
    if (this.values[index] === value) return this;
    const values = this.values.slice();
    values[index] = value;
    return new SmallFunction(this.shape, values);
  }

  override matches(other: FunctionValue): boolean {
    if (!(other instanceof SmallFunction) || other.shape !== this.shape) return sameImages(this, other);
    for (let i = 0; i < this.values.length; i++) if (!equal(this.values[i]!, other.values[i]!)) return false;
    return true;
  }

  override domain(): SetValue {
    return this.shape.domain();
  }

  override keys(): readonly Value[] {
    return this.shape.keys;
  }
}

/** A function over a large domain: a persistent map, so that changing or adding one key costs O(1) on average. */
export class LargeFunction extends FunctionValue {
  override readonly size: number;
  override readonly hash: number;
  readonly trie: TrieNode | undefined;
  /** How many keys are integers in 1 .. size: with all of them it would be a sequence. */
  readonly within: number;
  private sorted: readonly Value[] | undefined;
  private set: SetValue | undefined;

  constructor(size: number, hash: number, trie: TrieNode | undefined, within: number) {
    super();
    this.size = size;
    this.hash = hash;
    this.trie = trie;
    this.within = within;
  }

  override get(key: Value): Value | undefined {
    return find(this.trie, hashOf(key), key)?.value;
  }

  /** Also for a key outside the domain, if the result is no sequence. */
  override with(key: Value, value: Value): LargeFunction {
    const keyHash = hashOf(key);
    const old = find(this.trie, keyHash, key);
    if (old?.value === value) return this;
    const entry = new Entry(keyHash, key, value);
    const trie = insert(this.trie, 0, entry);
    const added = hashPair(keyHash, hashOf(value));
    if (old === undefined) return new LargeFunction(this.size + 1, (this.hash + added + 1) | 0, trie, this.withinAfter(key));
    const result = new LargeFunction(this.size, (this.hash + added - hashPair(keyHash, hashOf(old.value))) | 0, trie, this.within);
    result.sorted = this.sorted;
    result.set = this.set;
    return result;
  }

  private withinAfter(key: Value): number {
    const size = this.size + 1;
    const reached = key !== size && this.get(size) !== undefined ? 1 : 0;
    return this.within + reached + (isIn(key, size) ? 1 : 0);
  }

  override matches(other: FunctionValue): boolean {
    return sameImages(this, other);
  }

  override domain(): SetValue {
    this.set ??= new DomainSet(this);
    return this.set;
  }

  override keys(): readonly Value[] {
    if (this.sorted === undefined) {
      const keys: Value[] = [];
      visitEntries(this.trie, (entry) => keys.push(entry.key));
      this.sorted = keys.sort(compare);
    }
    return this.sorted;
  }
}

/** The domain of a large function: membership is asked of the function; the elements are built only if somebody wants them. */
class DomainSet extends SetValue {
  override readonly finite = true;
  private readonly of: LargeFunction;
  private built: FiniteSet | undefined;

  constructor(of: LargeFunction) {
    super();
    this.of = of;
  }

  override get size(): number {
    return this.of.size;
  }

  override get hash(): number {
    this.built ??= FiniteSet.ofSorted(this.of.keys());
    return this.built.hash;
  }

  override contains(value: Value): boolean {
    return this.of.get(value) !== undefined;
  }

  override elements(): readonly Value[] {
    return this.of.keys();
  }
}

function isIn(key: Value, size: number): boolean {
  return typeof key === "number" && key >= 1 && key <= size;
}

/** The shape of functions over `domain`; the same one for the same set object. */
export function shapeOf(domain: SetValue): Shape {
  domain.shape ??= new Shape(domain.elements());
  return domain.shape as Shape;
}

/** The values of `f` at `keys`, in that order; undefined when `f` is no function, or has none at one of them. For reading only. */
export function imagesAt(f: Value, keys: readonly Value[]): readonly Value[] | undefined {
  if (f instanceof SmallFunction && f.shape.keys === keys) return f.values;
  if (!(f instanceof FunctionValue)) return undefined;
  const images: Value[] = [];
  for (const key of keys) {
    const image = f.get(key);
    if (image === undefined) return undefined;
    images.push(image);
  }
  return images;
}

function isUpTo(keys: readonly Value[]): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] !== i + 1) return false;
  return true;
}

/** The function over `domain` whose values stand in `values`, in the order of the domain's elements. */
export function functionOver(domain: SetValue, values: Value[]): FunctionValue {
  const keys = domain.elements();
  if (isUpTo(keys)) return Sequence.of(values);
  if (keys.length <= sharedSize) return new SmallFunction(shapeOf(domain), values);
  return largeFunction(keys, values);
}

/** The function from `keys`, strictly increasing, to `values`. */
export function functionOf(keys: readonly Value[], values: Value[]): FunctionValue {
  if (isUpTo(keys)) return Sequence.of(values);
  return keys.length <= smallSize ? new SmallFunction(new Shape(keys), values) : largeFunction(keys, values);
}

function largeFunction(keys: readonly Value[], values: readonly Value[]): LargeFunction {
  let trie: TrieNode | undefined;
  let hash = keys.length;
  const owner = {};
  for (let i = 0; i < keys.length; i++) {
    const keyHash = hashOf(keys[i]!);
    trie = insert(trie, 0, new Entry(keyHash, keys[i]!, values[i]!), owner);
    hash = (hash + hashPair(keyHash, hashOf(values[i]!))) | 0;
  }
  const within = keys.reduce((count: number, key) => count + (isIn(key, keys.length) ? 1 : 0), 0);
  return new LargeFunction(keys.length, hash, trie, within);
}

/** `f @@ g`: where both are defined, f wins. */
export function merge(f: FunctionValue, g: FunctionValue): FunctionValue {
  if (f.size === 0) return g;
  if (g.size === 0) return f;
  if (g instanceof Sequence && f.size <= smallSize) {
    const grown = extended(g, f);
    if (grown !== undefined) return grown;
  }
  if (f instanceof Sequence && f.size > smallSize && g.size <= smallSize && g.keys().every((key) => f.get(key) !== undefined)) return f;
  if (g instanceof LargeFunction && f.size <= smallSize) return addAll(g, f, true);
  if (f instanceof LargeFunction && g.size <= smallSize) return addAll(f, g, false);
  const builder = FiniteSet.of([...f.keys(), ...g.keys()]);
  return functionOver(builder, builder.elements().map((key) => f.get(key) ?? g.get(key)!));
}

function addAll(large: LargeFunction, small: FunctionValue, overwrite: boolean): FunctionValue {
  let result = large;
  for (const key of small.keys()) if (overwrite || result.get(key) === undefined) result = result.with(key, small.get(key)!);
  return result.within < result.size ? result : Sequence.of(result.keys().map((key) => result.get(key)!));
}

/** `small @@ s`, where the result is a sequence still: keys that s has, or the next ones. */
function extended(s: Sequence, small: FunctionValue): Sequence | undefined {
  let result = s;
  for (const key of small.keys()) {
    if (key === result.size + 1) result = result.append(small.get(key)!);
    else if (result.get(key) !== undefined) result = result.with(key, small.get(key)!);
    else return undefined;
  }
  return result;
}

/** The function over the keys of `f` that `keep` accepts. */
export function restrict(f: FunctionValue, keep: (key: Value) => boolean): FunctionValue {
  const keys = f.keys().filter(keep);
  return keys.length === f.size ? f : functionOf(keys, keys.map((key) => f.get(key)!));
}

/** The record with these fields. */
export function recordOf(fields: Readonly<Record<string, Value>>): FunctionValue {
  const keys = Object.keys(fields).sort();
  return functionOf(keys, keys.map((key) => fields[key]!));
}

/** Whether `f` is a record: a function over strings, not empty. */
export function isRecord(f: FunctionValue): boolean {
  return f.size > 0 && !(f instanceof Sequence) && f.keys().every((key) => typeof key === "string");
}
