/** Laws of TLA+ held against random values: each law is written in TLA+ and must be TRUE. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { equal, functionFrom, modelValue, printValue, record, sequenceOf, setOf, type Value } from "../../../src/tla/values.ts";
import { specify } from "./specify.ts";

const text = fc.constantFrom("", "a", "b", "quote\"s", "back\\slash", "line\nbreak");
const atom: fc.Arbitrary<Value> = fc.oneof(fc.integer({ min: -3, max: 5 }), text, fc.boolean());
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.array(tie("value"), { maxLength: 4 }).map(setOf),
    fc.array(tie("value"), { maxLength: 4 }).map(sequenceOf),
    fc.dictionary(fc.constantFrom("from", "to", "term"), tie("value"), { minKeys: 1 }).map((fields) => record(fields)),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), tie("value")), { maxLength: 4 }).map(functionFrom),
  ),
}));
const numbers = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 14 }).map(setOf);
const table = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 3 })), { maxLength: 40 }).map(functionFrom);
const sequence = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }).map(sequenceOf);

function holds(laws: Readonly<Record<string, string>>, parameters: string, values: readonly fc.Arbitrary<Value>[]): void {
  const names = Object.keys(laws);
  const specification = specify(names.map((name) => `${name}(${parameters}) == ${laws[name]}`).join("\n"));
  fc.assert(
    fc.property(fc.tuple(...values), (args) => {
      for (const name of names) expect({ [name]: specification.evaluate(name, args) }).toEqual({ [name]: true });
    }),
    { numRuns: 150 },
  );
}

test("sets", () => {
  holds(
    {
      Commutes: "a \\cup b = b \\cup a /\\ a \\cap b = b \\cap a",
      Associates: "(a \\cup b) \\cup c = a \\cup (b \\cup c) /\\ (a \\cap b) \\cap c = a \\cap (b \\cap c)",
      Distributes: "a \\cap (b \\cup c) = (a \\cap b) \\cup (a \\cap c)",
      DeMorgan: "a \\ (b \\cup c) = (a \\ b) \\cap (a \\ c)",
      Absorbs: "a \\cup (a \\cap b) = a",
      Difference: "a \\ b = {x \\in a : x \\notin b}",
      Inclusion: "(a \\subseteq b) <=> (a \\cup b = b)",
      Extension: "(a = b) <=> \\A x \\in a \\cup b : (x \\in a <=> x \\in b)",
      Counting: "Cardinality(a \\cup b) + Cardinality(a \\cap b) = Cardinality(a) + Cardinality(b)",
      Flattening: "UNION {a, b, c} = a \\cup b \\cup c",
      Mapping: "{x + 1 : x \\in a} = {y \\in 1..13 : y - 1 \\in a}",
      Parts: "Cardinality(a) <= 6 => (Cardinality(SUBSET a) = 2 ^ Cardinality(a) /\\ UNION SUBSET a = a)",
    },
    "a, b, c",
    [numbers, numbers, numbers],
  );
});

test("functions", () => {
  holds(
    {
      Merging: "DOMAIN (f @@ g) = DOMAIN f \\cup DOMAIN g",
      LeftWins: "\\A x \\in DOMAIN (f @@ g) : (f @@ g)[x] = IF x \\in DOMAIN f THEN f[x] ELSE g[x]",
      Extension: "f = [x \\in DOMAIN f |-> f[x]]",
      Equality: "(f = g) <=> (DOMAIN f = DOMAIN g /\\ \\A x \\in DOMAIN f : f[x] = g[x])",
      OneAtATime: "LET RECURSIVE Grow(_, _) Grow(S, h) == IF S = {} THEN h ELSE LET x == CHOOSE y \\in S : TRUE IN Grow(S \\ {x}, (x :> f[x]) @@ h) IN Grow(DOMAIN f, g) = f @@ g",
      FromTheTop: "LET RECURSIVE Grow(_, _) Grow(n, h) == IF n < 0 THEN h ELSE Grow(n - 1, IF n \\in DOMAIN f THEN (n :> f[n]) @@ h ELSE h) IN Grow(30, <<>>) = f",
      Except: "\\A x \\in DOMAIN f : [f EXCEPT ![x] = @ + 1][x] = f[x] + 1 /\\ DOMAIN [f EXCEPT ![x] = 9] = DOMAIN f",
      Set: "f \\in [DOMAIN f -> 0..3]",
    },
    "f, g",
    [table, table],
  );
});

test("sequences", () => {
  holds(
    {
      Joining: "Len(s \\o t) = Len(s) + Len(t) /\\ SubSeq(s \\o t, 1, Len(s)) = s /\\ SubSeq(s \\o t, Len(s) + 1, Len(s) + Len(t)) = t",
      Functions: "s = [i \\in 1..Len(s) |-> s[i]] /\\ DOMAIN s = 1..Len(s)",
      Equality: "(s = t) <=> (Len(s) = Len(t) /\\ \\A i \\in 1..Len(s) : s[i] = t[i])",
      Appending: "Append(s, 7) = s \\o <<7>>",
      Prefixes: "\\A n \\in 0..Len(s) : IsPrefix(SubSeq(s, 1, n), s) /\\ SubSeq(s, 1, n) \\o SubSeq(s, n + 1, Len(s)) = s",
      Changing: "\\A i \\in 1..Len(s) : [s EXCEPT ![i] = 9] = SubSeq(s, 1, i - 1) \\o <<9>> \\o SubSeq(s, i + 1, Len(s))",
      Selecting: "SelectSeq(s, LAMBDA x : x > 1) = FoldSeq(LAMBDA x, all : IF x > 1 THEN Append(all, x) ELSE all, <<>>, s)",
      Twice: "Reverse(Reverse(s)) = s",
    },
    "s, t",
    [sequence, sequence],
  );
});

test("what is printed reads as the same value", () => {
  fc.assert(
    fc.property(value, (printed) => {
      const read = specify(`Value == ${printValue(printed)}`).evaluate("Value");
      expect(printValue(read)).toBe(printValue(printed));
      expect(equal(read, printed)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("a model value equals itself only", () => {
  fc.assert(fc.property(value, (other) => !equal(modelValue("m"), other)));
});
