import { fc, test } from "@fast-check/vitest";
import { describe, expect, test as plainTest } from "vitest";
import { Sequence } from "../../../src/tla/sequence.ts";
import { FiniteSet, Interval } from "../../../src/tla/finite-set.ts";
import { difference, FunctionSet, intersection, isSubset, PowerSet, union } from "../../../src/tla/lazy-set.ts";
import { functionOver, merge } from "../../../src/tla/mapping.ts";
import { hashOf } from "../../../src/tla/equality.ts";
import { compare, equal, fromJson, functionFrom, modelValue, printValue, record, sequenceOf, setOf, toJson, type Value } from "../../../src/tla/values.ts";
import { valuesOf } from "./specify.ts";

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.integer({ min: -3, max: 20 }),
    fc.constantFrom("a", "b", "long text", 'with "quotes" \\ and\nlines'),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 12 }).map(setOf),
    fc.array(tie("value"), { maxLength: 24 }).map(sequenceOf),
    fc.dictionary(fc.constantFrom("x", "y", "z", "w"), tie("value")).map(record),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 20 }).map(functionFrom),
  ),
})).value;

/** One change, to the sequence and to the array beside it. */
function apply(edit: string, n: number, sequence: Sequence, array: readonly number[]): readonly [Sequence, readonly number[]] {
  const place = array.length === 0 ? 0 : n % array.length;
  if (edit === "append") {
    const more = Array.from({ length: n / 4 }, (_, i) => n + i);
    return [more.reduce((all, item) => all.append(item), sequence), [...array, ...more]];
  }
  if (array.length === 0) return [sequence, array];
  if (edit === "cut") return [sequence.slice(1, place), array.slice(0, place)];
  if (edit === "tail") return [sequence.slice(place + 1, array.length), array.slice(place)];
  return [sequence.with(place + 1, n), array.with(place, n)];
}

describe("the laws of values", () => {
  test.prop([value, value])("equal values have one hash and one order, different ones are ordered", (a, b) => {
    expect(compare(a, b) === 0).toBe(equal(a, b));
    expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0 || 0);
    if (equal(a, b)) expect(hashOf(a)).toBe(hashOf(b));
  });

  test.prop([fc.array(value, { maxLength: 30 }), fc.infiniteStream(fc.nat())])("a set has one identity whatever the order of its making", (items, chance) => {
    const shuffled = [...items].map((item) => ({ item, key: chance.next().value as number })).sort((a, b) => a.key - b.key);
    let grown = FiniteSet.empty;
    for (const { item } of shuffled) grown = grown.add(item);
    const made = FiniteSet.of(items);
    expect(equal(made, grown)).toBe(true);
    expect(made.hash).toBe(grown.hash);
    expect(printValue(made)).toBe(printValue(grown));
    let emptied = grown;
    for (const item of items) emptied = emptied.without(item);
    expect(emptied.size).toBe(0);
  });

  test.prop([fc.array(fc.nat(40)), fc.array(fc.nat(40)), fc.array(fc.nat(40))])("the algebra of sets", (x, y, z) => {
    const [a, b, c] = [setOf(x), setOf(y), setOf(z)];
    const same = (left: Value, right: Value): void => expect(printValue(left)).toBe(printValue(right));
    same(union(a, b), union(b, a));
    same(intersection(a, union(b, c)), union(intersection(a, b), intersection(a, c)));
    same(difference(a, union(b, c)), intersection(difference(a, b), difference(a, c)));
    same(union(difference(a, b), intersection(a, b)), a);
    expect(isSubset(intersection(a, b), a)).toBe(true);
    expect(isSubset(a, b)).toBe(equal(union(a, b), b));
    expect(new PowerSet(b).contains(a)).toBe(isSubset(a, b));
  });

  test.prop([fc.array(fc.tuple(fc.constantFrom("append", "cut", "set", "tail", "back"), fc.nat(400)), { maxLength: 400 })])(
    "sequences behave like arrays, also when one goes on from an older one",
    (edits) => {
      let now: readonly [Sequence, readonly number[]] = [Sequence.empty, []];
      const older = [now];
      for (const [edit, n] of edits) {
        now = edit === "back" ? older[n % older.length]! : apply(edit, n, ...now);
        if (n % 7 === 0) older.push(now);
      }
      for (const [old, copy] of [...older, now]) {
        expect(old.toArray()).toEqual(copy);
        expect(old.hash).toBe(Sequence.of([...copy]).hash);
        expect(equal(old, Sequence.of([...copy]))).toBe(true);
      }
    },
  );

  test.prop([fc.array(fc.tuple(fc.nat(60), fc.nat(5))), fc.array(fc.tuple(fc.nat(60), fc.nat(5)))])("functions behave like maps, small and large", (first, second) => {
    const f = functionFrom(first);
    const g = functionFrom(second);
    const table = new Map([...second, ...first]);
    const both = merge(f, g);
    expect(both.size).toBe(table.size);
    for (const [key, image] of table) expect(both.get(key)).toBe(image);
    expect(equal(both, functionFrom(table))).toBe(true);
    expect(hashOf(both)).toBe(hashOf(functionFrom(table)));
    const [one] = table.keys();
    if (one !== undefined) expect(equal(both.with(one, 99), functionFrom(new Map([...table, [one, 99]])))).toBe(true);
  });

  test.prop([fc.array(value, { minLength: 1, maxLength: 20 })], { numRuns: 5 })("printing and parsing give the value back", (values) => {
    expect(valuesOf(values.map(printValue))).toEqual(values.map(printValue));
  });
});

plainTest("a function over 1..n is a sequence, a record a function over strings, an interval a set", () => {
  const over = setOf([1, 2]);
  expect(equal(functionOver(over, ["a", "b"]), sequenceOf(["a", "b"]))).toBe(true);
  expect(equal(functionFrom([["a", 1]]), record({ a: 1 }))).toBe(true);
  expect(equal(Interval.of(1, 3), setOf([3, 2, 1]))).toBe(true);
  expect(hashOf(Interval.of(1, 30))).toBe(hashOf(setOf(Array.from({ length: 30 }, (_, i) => i + 1))));
  let large = functionFrom(Array.from({ length: 40 }, (_, i) => [i + 2, i] as const));
  large = merge(functionFrom([[1, -1]]), large);
  expect(equal(large, sequenceOf([-1, ...Array.from({ length: 40 }, (_, i) => i)]))).toBe(true);
  expect(new FunctionSet(setOf(["a", "b"]), setOf([0, 1, 2])).size).toBe(9);
});

plainTest("model values equal only themselves", () => {
  expect(equal(modelValue("n1"), modelValue("n1"))).toBe(true);
  expect(equal(modelValue("n1"), "n1")).toBe(false);
  expect(printValue(setOf([modelValue("b"), modelValue("a")]))).toBe("{a, b}");
});

plainTest("JSON comes in as TLC reads it, and goes out again", () => {
  const json = { b: [1, "x", true], a: { c: [] }, n: -5 };
  expect(printValue(fromJson(json))).toBe('[a |-> [c |-> <<>>], b |-> <<1, "x", TRUE>>, n |-> -5]');
  expect(toJson(fromJson(json))).toEqual(json);
  expect(() => fromJson({ a: null })).toThrow("null has no counterpart in TLA+");
  expect(() => fromJson(1.5)).toThrow("1.5 is not an integer that TLA+ can hold");
  expect(toJson(setOf(["b", "a"]))).toEqual(["a", "b"]);
});
