/** What the community modules have besides what stands with the operators of its kind; each follows the definition there. */

import { integer, plain } from "./builtin-arithmetic.ts";
import { fn, sequence, set, subSequence, test } from "./builtin-sequences.ts";
import { equal } from "./equality.ts";
import { Fault } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import { combinations } from "./lazy-set.ts";
import { functionOver } from "./mapping.ts";
import type { Builtin } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { SetValue, Value } from "./value-kinds.ts";
import { printShort } from "./value-print.ts";

type Op = (a: Value, b: Value) => Value;
type Unary = (a: Value) => Value;

function zip(s: Sequence, t: Sequence): Sequence {
  const size = Math.min(s.size, t.size);
  return Sequence.of(s.toArray().slice(0, size).map((item, index) => Sequence.of([item, t.at(index)])));
}

function interleave(s: Sequence, t: Sequence): Sequence {
  if (s.size !== t.size) throw new Fault(`Interleave: the sequences have ${s.size} and ${t.size} elements, which must be as many`);
  return Sequence.of(s.toArray().flatMap((item, index) => [Sequence.of([item]), Sequence.of([t.at(index)])]));
}

function subSequences(s: Sequence): SetValue {
  const all: Value[] = [Sequence.empty];
  for (let from = 1; from <= s.size; from++) for (let to = from; to <= s.size; to++) all.push(subSequence(s, from, to));
  return FiniteSet.of(all);
}

/** Where s first stands in t, from 1; 0 when nowhere. */
function indexOf(s: Sequence, t: Sequence, from = 1): number {
  for (let at = from; at + s.size - 1 <= t.size; at++) if (equal(s, subSequence(t, at, at + s.size - 1))) return at;
  return 0;
}

function replaceAt(at: number, r: Sequence, s: Sequence, t: Sequence): Sequence {
  return subSequence(t, 1, at - 1).concat(r).concat(subSequence(t, at + s.size, t.size));
}

/** The occurrences nearer the beginning count where they overlap. */
function replaceAll(r: Sequence, s: Sequence, t: Sequence): Sequence {
  if (equal(s, t)) return r;
  if (equal(r, s)) return t;
  if (s.size === 0) return Sequence.of(t.toArray().flatMap((item) => [...r.toArray(), item]));
  const items: Value[] = [];
  let from = 1;
  for (let at = indexOf(s, t); at > 0; at = indexOf(s, t, from)) {
    items.push(...subSequence(t, from, at - 1).toArray(), ...r.toArray());
    from = at + s.size;
  }
  return Sequence.of([...items, ...subSequence(t, from, t.size).toArray()]);
}

function arrangements(items: readonly Value[]): Value[][] {
  return [[], ...items.flatMap((item, index) => arrangements(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]))];
}

function isSorted(s: Sequence, before: Op): boolean {
  const items = s.toArray();
  return items.every((item, index) => items.slice(index + 1).every((later) => test(before(item, later))));
}

export const moreOfSequences: readonly Builtin[] = [
  plain("Zip", 2, (s: Value, t: Value) => zip(sequence(s), sequence(t))),
  plain("Interleave", 2, (s: Value, t: Value) => interleave(sequence(s), sequence(t))),
  plain("SubSeqs", 1, (s: Value) => subSequences(sequence(s))),
  plain("Snoc", 2, (e: Value, s: Value) => sequence(s).append(e)),
  plain("SeqMod", 2, (a: Value, b: Value) => {
    const [left, right] = [integer(a), integer(b)];
    if (right <= 0) throw new Fault(`SeqMod(${left}, ${right}) has no value`);
    return ((((left % right) + right) % right) || right);
  }),
  plain("ToBag", 1, (s: Value) => {
    const items = sequence(s).toArray();
    const domain = FiniteSet.of(items);
    return functionOver(domain, domain.elements().map((e) => items.filter((item) => equal(item, e)).length));
  }),
  plain("SetToAllKPermutations", 1, (s: Value) => FiniteSet.of(arrangements(set(s).elements()).map((items) => Sequence.of(items)))),
  plain("IndexFirstSubSeq", 2, (s: Value, t: Value) => {
    const index = indexOf(sequence(s), sequence(t));
    if (index === 0) throw new Fault(`IndexFirstSubSeq: ${printShort(s)} is no part of ${printShort(t)}`);
    return index;
  }),
  plain("ReplaceSubSeqAt", 4, (i: Value, r: Value, s: Value, t: Value) => replaceAt(integer(i), sequence(r), sequence(s), sequence(t))),
  plain("ReplaceFirstSubSeq", 3, (r: Value, s: Value, t: Value) => {
    const index = indexOf(sequence(s), sequence(t));
    return index === 0 ? t : replaceAt(index, sequence(r), sequence(s), sequence(t));
  }),
  plain("ReplaceAllSubSeqs", 3, (r: Value, s: Value, t: Value) => replaceAll(sequence(r), sequence(s), sequence(t))),
  { name: "IsSorted", parameters: [0, 2], apply: (s: Value, before: Op) => isSorted(sequence(s), before) },
  {
    name: "RemoveFirstMatch",
    parameters: [0, 1],
    apply: (s: Value, p: Unary) => {
      const items = sequence(s).toArray();
      const index = items.findIndex((item) => test(p(item)));
      return index < 0 ? s : Sequence.of(items.filter((_, at) => at !== index));
    },
  },
];

function sum(values: Iterable<Value>): number {
  let total = 0;
  for (const value of values) total += integer(value);
  return integer(total);
}

function chooseUnique(s: SetValue, p: Unary): Value {
  const [found, other] = s.elements().filter((e) => test(p(e)));
  if (found === undefined || other !== undefined) throw new Fault(`ChooseUnique: ${found === undefined ? "no" : "more than one"} element of ${printShort(s)} is such`);
  return found;
}

function choices(sets: readonly SetValue[]): SetValue {
  return FiniteSet.of([...combinations(sets)].map((chosen) => FiniteSet.of(chosen)));
}

export const moreOfSets: readonly Builtin[] = [
  plain("FlattenSet", 1, (s: Value) => FiniteSet.of(set(s).elements().flatMap((part) => [...set(part).elements()]))),
  plain("SumSet", 1, (s: Value) => sum(set(s).elements())),
  plain("ProductSet", 1, (s: Value) => integer(set(s).elements().reduce((product: number, e) => product * integer(e), 1))),
  plain("Choices", 1, (sets: Value) => choices(set(sets).elements().map(set))),
  { name: "ChooseUnique", parameters: [0, 1], apply: (s: Value, p: Unary) => chooseUnique(set(s), p) },
  { name: "MapThenSumSet", parameters: [1, 0], apply: (f: Unary, s: Value) => sum(set(s).elements().map(f)) },
];

const times = (bag: Value, e: Value): number => integer(fn(bag).get(e) ?? 0);

export const moreOfBags: readonly Builtin[] = [
  plain("SumBag", 1, (b: Value) => sum(fn(b).keys().map((e) => integer(e) * times(b, e)))),
  plain("ProductBag", 1, (b: Value) => integer(fn(b).keys().reduce((product: number, e) => product * integer(e) ** times(b, e), 1))),
];

/** `SubBag(B)`: the bags that hold no element more often than B. */
export function subBags(bag: Value): SetValue {
  const keys = fn(bag).keys();
  const counts = keys.map((key) => FiniteSet.of(Array.from({ length: times(bag, key) + 1 }, (_, n) => n)));
  const all = keys.length === 0 ? [[]] : [...combinations(counts)];
  return FiniteSet.of(all.map((chosen) => {
    const held = keys.filter((_, index) => chosen[index] !== 0);
    return functionOver(FiniteSet.of(held), FiniteSet.of(held).elements().map((key) => chosen[keys.indexOf(key)]!));
  }));
}
