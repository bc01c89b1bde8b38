import { Fault } from "./fault.ts";
import { enumerated, FiniteSet } from "./finite-set.ts";
import { settled } from "./lazy-function.ts";
import { functionOf, functionOver } from "./mapping.ts";
import { Sequence } from "./sequence.ts";
import { FunctionValue, SetValue, type Value } from "./value-kinds.ts";

/** A set that is described by a rule: it knows membership at once, and is enumerated only when it must be. */
export abstract class DescribedSet extends SetValue {
  private built: FiniteSet | undefined;

  protected abstract generate(): Iterable<Value>;

  private build(): FiniteSet {
    if (!this.finite) throw new Fault(`${this.describe()} cannot be enumerated`);
    this.built ??= FiniteSet.of(this.generate());
    return this.built;
  }

  abstract describe(): string;

  override get size(): number {
    return this.build().size;
  }

  override get hash(): number {
    return this.build().hash;
  }

  override elements(): readonly Value[] {
    return this.build().elements();
  }

  override iterate(): Iterable<Value> {
    if (!this.finite) throw new Fault(`${this.describe()} cannot be enumerated`);
    return this.built === undefined ? this.generate() : this.built.elements();
  }
}

/** A set that is not enumerable, such as `Nat`: two of them are equal only when they are one. */
export class RuleSet extends DescribedSet {
  override readonly finite = false;
  private readonly text: string;
  private readonly rule: (value: Value) => boolean;

  constructor(text: string, rule: (value: Value) => boolean) {
    super();
    this.text = text;
    this.rule = rule;
  }

  override contains(value: Value): boolean {
    return this.rule(value);
  }

  override describe(): string {
    return this.text;
  }

  protected override generate(): Iterable<Value> {
    return [];
  }
}

/** `SUBSET base`, smallest subsets first. */
export class PowerSet extends DescribedSet {
  readonly base: SetValue;

  constructor(base: SetValue) {
    super();
    this.base = base;
  }

  override get finite(): boolean {
    return this.base.finite;
  }

  override get size(): number {
    return 2 ** this.base.size;
  }

  override contains(value: Value): boolean {
    if (!(value instanceof SetValue)) return false;
    for (const element of value.iterate()) if (!this.base.contains(element)) return false;
    return true;
  }

  override describe(): string {
    return "the set of all subsets of a set without enumeration";
  }

  protected override *generate(): Iterable<Value> {
    const items = this.base.elements();
    for (let size = 0; size <= items.length; size++) yield* subsetsOfSize(items, size);
  }
}

/** The subsets of `items` (in order) that have `size` elements, in order. */
export function* subsetsOfSize(items: readonly Value[], size: number): Iterable<FiniteSet> {
  const chosen = Array.from({ length: size }, (_, index) => index);
  if (size > items.length) return;
  for (;;) {
    yield FiniteSet.ofSorted(chosen.map((index) => items[index]!));
    let place = size - 1;
    while (place >= 0 && chosen[place] === items.length - size + place) place -= 1;
    if (place < 0) return;
    chosen[place] = chosen[place]! + 1;
    for (let next = place + 1; next < size; next++) chosen[next] = chosen[next - 1]! + 1;
  }
}

/** One value from each of `sets`, all ways, the last one varying fastest. */
export function* combinations(sets: readonly SetValue[]): Iterable<Value[]> {
  const columns = sets.map((set) => set.elements());
  if (columns.some((column) => column.length === 0)) return;
  const places = columns.map(() => 0);
  for (;;) {
    yield places.map((place, index) => columns[index]![place]!);
    let turn = places.length - 1;
    while (turn >= 0 && places[turn] === columns[turn]!.length - 1) places[turn--] = 0;
    if (turn < 0) return;
    places[turn] = places[turn]! + 1;
  }
}

/** `[domain -> range]`. */
export class FunctionSet extends DescribedSet {
  readonly from: SetValue;
  readonly to: SetValue;

  constructor(from: SetValue, to: SetValue) {
    super();
    this.from = from;
    this.to = to;
  }

  override get finite(): boolean {
    return this.from.finite && this.to.finite;
  }

  override get size(): number {
    return this.to.size ** this.from.size;
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionValue) || value.size !== this.from.size) return false;
    for (const key of this.from.iterate()) {
      const image = value.get(key);
      if (image === undefined || !this.to.contains(image)) return false;
    }
    return true;
  }

  override describe(): string {
    return "the set of functions between sets without enumeration";
  }

  protected override *generate(): Iterable<Value> {
    const { from, to } = this;
    for (const values of combinations(from.elements().map(() => to))) yield functionOver(from, values);
  }
}

/** `[a : S, b : T]`. */
export class RecordSet extends DescribedSet {
  private readonly names: readonly string[];
  private readonly sets: readonly SetValue[];

  /** `names` in order. */
  constructor(names: readonly string[], sets: readonly SetValue[]) {
    super();
    this.names = names;
    this.sets = sets;
  }

  override get finite(): boolean {
    return this.sets.every((set) => set.finite);
  }

  override get size(): number {
    return this.sets.reduce((product, set) => product * set.size, 1);
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionValue) || value.size !== this.names.length) return false;
    return this.names.every((name, index) => {
      const field = value.get(name);
      return field !== undefined && this.sets[index]!.contains(field);
    });
  }

  override describe(): string {
    return "a set of records with a field from a set without enumeration";
  }

  protected override *generate(): Iterable<Value> {
    for (const values of combinations(this.sets)) yield functionOf(this.names, values);
  }
}

/** `S \X T \X U`. */
export class ProductSet extends DescribedSet {
  private readonly sets: readonly SetValue[];

  constructor(sets: readonly SetValue[]) {
    super();
    this.sets = sets;
  }

  override get finite(): boolean {
    return this.sets.every((set) => set.finite);
  }

  override get size(): number {
    return this.sets.reduce((product, set) => product * set.size, 1);
  }

  override contains(value: Value): boolean {
    const whole = settled(value);
    if (!(whole instanceof Sequence) || whole.size !== this.sets.length) return false;
    return this.sets.every((set, index) => set.contains(whole.at(index)));
  }

  override describe(): string {
    return "a product with a set without enumeration";
  }

  protected override *generate(): Iterable<Value> {
    for (const values of combinations(this.sets)) yield Sequence.of(values);
  }
}

/** `S \cup T`; itself described when one of them is. */
export function union(a: SetValue, b: SetValue): SetValue {
  if (a.finite && b.finite) return addAll(a, b);
  return new RuleSet("a union with a set without enumeration", (value) => a.contains(value) || b.contains(value));
}

function addAll(a: SetValue, b: SetValue): SetValue {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  const [large, small] = a.size >= b.size ? [enumerated(a), b] : [enumerated(b), a];
  let result = large;
  if (small.size > 4 && small.size > large.size / 4) return FiniteSet.of([...large.unordered(), ...enumerated(small).unordered()]);
  for (const element of small.iterate()) result = result.add(element);
  return result === large && small === b && a instanceof FiniteSet ? a : result;
}

/** The elements of `a` for which `keep` holds; `a` itself when all are kept. */
export function filterSet(a: SetValue, keep: (value: Value) => boolean): SetValue {
  const from = a instanceof FiniteSet ? a.unordered() : a.elements();
  const kept = from.filter(keep);
  return kept.length === from.length ? a : FiniteSet.of(kept);
}

/** `S \cap T`. */
export function intersection(a: SetValue, b: SetValue): SetValue {
  if (a.finite) return filterSet(a, (value) => b.contains(value));
  if (b.finite) return filterSet(b, (value) => a.contains(value));
  return new RuleSet("an intersection of sets without enumeration", (value) => a.contains(value) && b.contains(value));
}

/** `S \ T`. */
export function difference(a: SetValue, b: SetValue): SetValue {
  if (!a.finite) return new RuleSet("a difference of sets without enumeration", (value) => a.contains(value) && !b.contains(value));
  if (a instanceof FiniteSet && b.finite && b.size <= 4) {
    let result = a;
    for (const element of b.iterate()) result = result.without(element);
    return result;
  }
  return filterSet(a, (value) => !b.contains(value));
}

/** `S \subseteq T`. */
export function isSubset(a: SetValue, b: SetValue): boolean {
  if (a === b) return true;
  for (const element of a.iterate()) if (!b.contains(element)) return false;
  return true;
}
