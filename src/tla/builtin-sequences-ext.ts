import { cells } from "./registers.ts";
import { integer, plain } from "./builtin-arithmetic.ts";
import { sequence, set, subSequence, test } from "./builtin-sequences.ts";
import { moreOfSequences } from "./builtin-community.ts";
import { equal } from "./equality.ts";
import { Fault } from "./fault.ts";
import { FiniteSet } from "./finite-set.ts";
import { combinations } from "./lazy-set.ts";
import type { BuiltinModule } from "./module-loader.ts";
import type { Builtin } from "./scope.ts";
import { Sequence } from "./sequence.ts";
import type { SetValue, Value } from "./value-kinds.ts";

type Op = (a: Value, b: Value) => Value;
type Test = (a: Value) => Value;

function find(s: Sequence, from: number, to: number, step: number, accept: Test): number {
  for (let i = from; step > 0 ? i <= to : i >= to; i += step) if (test(accept(s.at(i - 1)))) return i;
  return 0;
}

function isPrefix(s: Sequence, t: Sequence): boolean {
  return s.size <= t.size && equal(s, t.slice(1, s.size));
}

function isSuffix(s: Sequence, t: Sequence): boolean {
  return s.size <= t.size && equal(s, s.size === 0 ? s : t.slice(t.size - s.size + 1, t.size));
}

function parts(s: Sequence, from: (i: number) => readonly [number, number]): SetValue {
  return FiniteSet.of(Array.from({ length: s.size + 1 }, (_, i) => subSequence(s, ...from(i))));
}

function element(s: Sequence, index: number, name: string): Value {
  if (index < 0 || index >= s.size) throw new Fault(`${name}(<<>>) has no value`);
  return s.at(index);
}

function permutationsOf(items: readonly Value[]): Value[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutationsOf(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]));
}

function bounded(s: SetValue, length: number): SetValue {
  const all: Value[] = [];
  for (let n = 0; n <= length; n++) for (const items of n === 0 ? [[]] : combinations(cells<SetValue>(n).fill(s))) all.push(Sequence.of(items));
  return FiniteSet.of(all);
}

function edit(s: Sequence, change: (items: Value[]) => void): Sequence {
  const items = s.toArray();
  change(items);
  return Sequence.of(items);
}

function commonPrefix(all: readonly Value[]): Sequence {
  let prefix = sequence(all[0] ?? Sequence.empty);
  for (const other of all) while (!isPrefix(prefix, sequence(other))) prefix = prefix.slice(1, prefix.size - 1);
  return prefix;
}

const values: readonly Builtin[] = [
  plain("ToSet", 1, (s: Value) => FiniteSet.of(sequence(s).toArray())),
  plain("SetToSeq", 1, (s: Value) => Sequence.of([...set(s).elements()])),
  plain("SetToSeqs", 1, (s: Value) => FiniteSet.of(permutationsOf(set(s).elements()).map((items) => Sequence.of(items)))),
  plain("TupleOf", 2, (s: Value, n: Value) => FiniteSet.of([...combinations(cells<SetValue>(integer(n)).fill(set(s)))].map((items) => Sequence.of(items)))),
  plain("SeqOf", 2, (s: Value, n: Value) => bounded(set(s), integer(n))),
  plain("BoundedSeq", 2, (s: Value, n: Value) => bounded(set(s), integer(n))),
  plain("Contains", 2, (s: Value, e: Value) => sequence(s).toArray().some((item) => equal(item, e))),
  plain("Reverse", 1, (s: Value) => edit(sequence(s), (items) => items.reverse())),
  plain("Remove", 2, (s: Value, e: Value) => Sequence.of(sequence(s).toArray().filter((item) => !equal(item, e)))),
  plain("ReplaceAll", 3, (s: Value, old: Value, e: Value) => Sequence.of(sequence(s).toArray().map((item) => (equal(item, old) ? e : item)))),
  plain("ReplaceAt", 3, (s: Value, i: Value, e: Value) => edit(sequence(s), (items) => items.splice(integer(i) - 1, 1, e))),
  plain("InsertAt", 3, (s: Value, i: Value, e: Value) => edit(sequence(s), (items) => items.splice(integer(i) - 1, 0, e))),
  plain("RemoveAt", 2, (s: Value, i: Value) => edit(sequence(s), (items) => items.splice(integer(i) - 1, 1))),
  plain("RemoveFirst", 2, (s: Value, e: Value) =>
    edit(sequence(s), (items) => {
      const index = items.findIndex((item) => equal(item, e));
      if (index >= 0) items.splice(index, 1);
    }),
  ),
  plain("Cons", 2, (e: Value, s: Value) => Sequence.of([e, ...sequence(s).toArray()])),
  plain("Front", 1, (s: Value) => (sequence(s).size === 0 ? Sequence.empty : sequence(s).slice(1, sequence(s).size - 1))),
  plain("Last", 1, (s: Value) => element(sequence(s), sequence(s).size - 1, "Last")),
  plain("IsPrefix", 2, (s: Value, t: Value) => isPrefix(sequence(s), sequence(t))),
  plain("IsStrictPrefix", 2, (s: Value, t: Value) => sequence(s).size < sequence(t).size && isPrefix(sequence(s), sequence(t))),
  plain("IsSuffix", 2, (s: Value, t: Value) => isSuffix(sequence(s), sequence(t))),
  plain("IsStrictSuffix", 2, (s: Value, t: Value) => sequence(s).size < sequence(t).size && isSuffix(sequence(s), sequence(t))),
  plain("Prefixes", 1, (s: Value) => parts(sequence(s), (i) => [1, i])),
  plain("Suffixes", 1, (s: Value) => parts(sequence(s), (i) => [i + 1, sequence(s).size])),
  plain("CommonPrefixes", 1, (all: Value) => parts(commonPrefix(set(all).elements()), (i) => [1, i])),
  plain("LongestCommonPrefix", 1, (all: Value) => commonPrefix(set(all).elements())),
  plain("FlattenSeq", 1, (s: Value) => sequence(s).toArray().reduce((all: Sequence, part) => all.concat(sequence(part)), Sequence.empty)),
  plain("AllSubSeqs", 1, (s: Value) => allSubSequences(sequence(s))),
];

function allSubSequences(s: Sequence): SetValue {
  return FiniteSet.of(Array.from({ length: 2 ** s.size }, (_, mask) => Sequence.of(s.toArray().filter((_item, index) => ((mask >> index) & 1) === 1))));
}

function orderedSequence(s: SetValue, before: Op): Sequence {
  return Sequence.of([...s.elements()].sort((a, b) => (equal(a, b) ? 0 : test(before(a, b)) ? -1 : 1)));
}

const withOperators: readonly Builtin[] = [
  { name: "SetToSortSeq", parameters: [0, 2], apply: (s: Value, before: Op) => orderedSequence(set(s), before) },
  // The element comes first, the result so far second.
  { name: "FoldSeq", parameters: [2, 0, 0], apply: (op: Op, base: Value, s: Value) => sequence(s).toArray().reduce((acc: Value, e) => op(e, acc), base) },
  { name: "FoldLeft", parameters: [2, 0, 0], apply: (op: Op, base: Value, s: Value) => sequence(s).toArray().reduce((acc: Value, e) => op(acc, e), base) },
  { name: "FoldRight", parameters: [2, 0, 0], apply: (op: Op, s: Value, base: Value) => sequence(s).toArray().reduceRight((acc: Value, e) => op(e, acc), base) },
  { name: "FoldLeftDomain", parameters: [2, 0, 0], apply: (op: Op, base: Value, s: Value) => sequence(s).keys().reduce((acc: Value, i) => op(acc, i), base) },
  { name: "FoldRightDomain", parameters: [2, 0, 0], apply: (op: Op, s: Value, base: Value) => sequence(s).keys().reduceRight((acc: Value, i) => op(i, acc), base) },
  { name: "SelectInSeq", parameters: [0, 1], apply: (s: Value, p: Test) => find(sequence(s), 1, sequence(s).size, 1, p) },
  { name: "SelectLastInSeq", parameters: [0, 1], apply: (s: Value, p: Test) => find(sequence(s), sequence(s).size, 1, -1, p) },
  {
    name: "SelectInSubSeq",
    parameters: [0, 0, 0, 1],
    apply: (s: Value, from: Value, to: Value, p: Test) => find(sequence(s), integer(from), integer(to), 1, p),
  },
  {
    name: "SelectLastInSubSeq",
    parameters: [0, 0, 0, 1],
    apply: (s: Value, from: Value, to: Value, p: Test) => find(sequence(s), integer(to), integer(from), -1, p),
  },
];

export const sequenceExtModules: Readonly<Record<string, BuiltinModule>> = {
  SequencesExt: { extends: [], operators: [...values, ...withOperators, ...moreOfSequences] },
};
