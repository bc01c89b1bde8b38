import { describe, expect, test } from "vitest";
import { valuesOf } from "./specify.ts";

/** Pairs of an expression and its value, by the definition of TLA+. */
function check(title: string, cases: readonly (readonly [string, string])[], units = ""): void {
  test(title, () => {
    const values = valuesOf(cases.map(([expression]) => expression), units);
    expect(cases.map(([expression], index) => `${expression} = ${values[index]}`)).toEqual(cases.map(([expression, value]) => `${expression} = ${value}`));
  });
}

describe("expressions", () => {
  check("logic", [
    ["TRUE /\\ FALSE", "FALSE"],
    ["FALSE => (1 = 1 + 1)", "TRUE"],
    ["TRUE <=> ~FALSE", "TRUE"],
    ["~(1 = 2) /\\ 1 # 2 /\\ 1 /= 2", "TRUE"],
    ["\\A x \\in {} : FALSE", "TRUE"],
    ["\\E x, y \\in 1..3 : x + y = 6", "TRUE"],
    ["\\E x \\in 1..3, y \\in {10} : x * y = 30", "TRUE"],
    ["\\A <<a, b>> \\in {<<1, 2>>, <<3, 4>>} : a < b", "TRUE"],
    ["CHOOSE x \\in {3, 1, 2} : x > 1", "2"],
    ["CHOOSE <<a, b>> \\in {<<1, 2>>, <<3, 4>>} : a > 1", "<<3, 4>>"],
    ["IF 1 > 2 THEN 1 ELSE 2", "2"],
    ["CASE 1 > 2 -> 1 [] 2 > 1 -> 5 [] OTHER -> 3", "5"],
    ["CASE 1 > 2 -> 1 [] OTHER -> 3", "3"],
    ["LET a == 2 b(x) == x * a IN b(3)", "6"],
    ["FALSE /\\ (CHOOSE x \\in {} : TRUE) = 1", "FALSE"],
    ["{TRUE, FALSE} = BOOLEAN", "TRUE"],
    ["label :: 1 + 1", "2"],
  ]);

  check("numbers", [
    ["-3 + 5", "2"],
    ["7 - 2 - 1", "4"],
    ["1 + 2 * 3", "7"],
    ["(-7) \\div 2", "-4"],
    // Unary minus is weaker than division: p. 271.
    ["-7 \\div 2", "-3"],
    ["-7 % 2", "1"],
    ["7 % 2 = 1", "TRUE"],
    ["2 ^ 10", "1024"],
    ["-(2)", "-2"],
    ["\\b101 + \\hFF + \\o17", "275"],
    ["3 \\in Nat /\\ -3 \\notin Nat /\\ -3 \\in Int", "TRUE"],
    ["1 <= 2 /\\ 1 =< 2 /\\ 2 >= 1 /\\ 2 \\geq 1", "TRUE"],
    ["3..1", "{}"],
    ["2..4", "{2, 3, 4}"],
    ["+(1, 2)", "3"],
  ]);

  check("sets", [
    ["{1, 2, 1}", "{1, 2}"],
    ["{1, 2} \\cup {2, 3}", "{1, 2, 3}"],
    ["{1, 2} \\cap {2, 3}", "{2}"],
    ["{1, 2} \\ {2, 3}", "{1}"],
    ["{1, 2} \\subseteq 1..5", "TRUE"],
    ["SUBSET {1, 2}", "{{}, {1}, {2}, {1, 2}}"],
    ["UNION {{1}, {2, 3}}", "{1, 2, 3}"],
    ["{x \\in 1..5 : x % 2 = 1}", "{1, 3, 5}"],
    ["{x + y : x \\in 1..2, y \\in {10}}", "{11, 12}"],
    ["{x * x : x \\in -2..2}", "{0, 1, 4}"],
    ["{<<1>>, <<>>, <<0, 0>>}", "{<<>>, <<1>>, <<0, 0>>}"],
    ["{1, 2} \\X {3}", "{<<1, 3>>, <<2, 3>>}"],
    ["{1} \\X {2} \\X {3}", "{<<1, 2, 3>>}"],
    ["({1} \\X {2}) \\X {3}", "{<<<<1, 2>>, 3>>}"],
    ["Cardinality(SUBSET (1..10))", "1024"],
    ["1..3 = {3, 2, 1}", "TRUE"],
    ["SUBSET {1} = {{}, {1}}", "TRUE"],
    ["IsFiniteSet({1})", "TRUE"],
    ["{1} \\in SUBSET Nat", "TRUE"],
    ["{x \\in Nat : x > 3} \\cap 1..6", "{4, 5, 6}"],
    ["5 \\in Nat \\ {5}", "FALSE"],
    ["{s \\in SUBSET (1..3) : Cardinality(s) = 2}", "{{1, 2}, {1, 3}, {2, 3}}"],
  ]);

  check("functions, records, sequences", [
    ["[x \\in 1..3 |-> x * x]", "<<1, 4, 9>>"],
    ["[x \\in {2, 3} |-> x]", "(2 :> 2 @@ 3 :> 3)"],
    ["[x \\in 1..2, y \\in 1..2 |-> x + y][1, 2]", "3"],
    ["[<<x, y>> \\in {<<1, 2>>} |-> x + y]", "(<<1, 2>> :> 3)"],
    ["[a |-> 1, b |-> <<2>>]", "[a |-> 1, b |-> <<2>>]"],
    ["[b |-> 1, a |-> 2] = [a |-> 2, b |-> 1]", "TRUE"],
    ["[a |-> 1].a", "1"],
    ['[a |-> 1]["a"]', "1"],
    ['[x \\in {"a"} |-> 1] = [a |-> 1]', "TRUE"],
    ["DOMAIN [a |-> 1, b |-> 2]", '{"a", "b"}'],
    ["DOMAIN <<7, 8>>", "{1, 2}"],
    ["<<1, 2>> = [i \\in {1, 2} |-> i]", "TRUE"],
    ["<<>> = [i \\in {} |-> 1]", "TRUE"],
    ["[<<1, 2>> EXCEPT ![1] = @ + 10, ![2] = 5]", "<<11, 5>>"],
    ["[[a |-> <<1, 2>>] EXCEPT !.a[2] = 9]", "[a |-> <<1, 9>>]"],
    ["[[a |-> 1] EXCEPT !.b = 2]", "[a |-> 1]"],
    ["[{1, 2} -> {0}]", "{<<0, 0>>}"],
    ['[a : {1, 2}, b : {"x"}]', '{[a |-> 1, b |-> "x"], [a |-> 2, b |-> "x"]}'],
    ["[a |-> 3] \\in [a : Nat]", "TRUE"],
    ["<<1, 2>> \\in Seq(Nat)", "TRUE"],
    ["<<1>> \\o <<2, 3>>", "<<1, 2, 3>>"],
    ["Append(<<1>>, 2)", "<<1, 2>>"],
    ["Head(<<1, 2>>)", "1"],
    ["Tail(<<1, 2>>)", "<<2>>"],
    ["SubSeq(<<1, 2, 3>>, 2, 3)", "<<2, 3>>"],
    ["SubSeq(<<1, 2, 3>>, 2, 1)", "<<>>"],
    ["SelectSeq(<<1, 2, 3>>, LAMBDA e : e # 2)", "<<1, 3>>"],
    ["Len(<<1, 2>>)", "2"],
    ["1 :> 2 @@ 1 :> 3 @@ 5 :> 6", "(1 :> 2 @@ 5 :> 6)"],
    ["1 :> 2 @@ 2 :> 3", "<<2, 3>>"],
    ["Factorial[10]", "3628800"],
    ["Fibonacci(15)", "610"],
    ["Squares \\in Seq(Nat) /\\ Len(Squares) = 3", "TRUE"],
    ["Sums", "<<1, 3, 6>>"],
    ["Sums \\in Seq(Nat) /\\ <<1, 3, 6>> = Sums /\\ Append(Sums, 0) = <<1, 3, 6, 0>>", "TRUE"],
    ["[Sums EXCEPT ![2] = 0]", "<<1, 0, 6>>"],
    ['"a\\"b"', '"a\\"b"'],
    ["ToString(<<1, {2}>>)", '"<<1, {2}>>"'],
  ], "Squares[n \\in 1..3] == n * n\nSums[n \\in 1..3] == IF n = 1 THEN 1 ELSE n + Sums[n - 1]\nFactorial[n \\in Nat] == IF n = 0 THEN 1 ELSE n * Factorial[n - 1]\nRECURSIVE Fibonacci(_)\nFibonacci(n) == IF n < 2 THEN n ELSE Fibonacci(n - 1) + Fibonacci(n - 2)");

  check("operators", [
    ["1 \\prec 2", "TRUE"],
    ["5 ^+", "6"],
    ["Twice(LAMBDA x : x + 1, 3)", "5"],
    ["Twice(Increment, 3)", "5"],
    ["Fold2(+, 3, 4)", "7"],
    ["Fold2(Min2, 3, 4)", "3"],
    ["Lazy(TRUE, 1, CHOOSE x \\in {} : TRUE)", "1"],
    ["LET f[x \\in 0..5] == IF x = 0 THEN 0 ELSE x + f[x - 1] IN f[5]", "15"],
    ["LET RECURSIVE sum(_) sum(s) == IF s = {} THEN 0 ELSE LET x == CHOOSE x \\in s : TRUE IN x + sum(s \\ {x}) IN sum({1, 2, 3})", "6"],
    ["LET n == 5 IN LET g(x) == x + n IN Twice(g, 1)", "11"],
    ["{Twice(LAMBDA x : x + y, 0) : y \\in 1..3}", "{2, 4, 6}"],
    ["[i \\in 1..3 |-> LET sq == i * i IN sq]", "<<1, 4, 9>>"],
    ["Sum3(1, 2, 3)", "6"],
    ["Even(10)", "TRUE"],
  ], `a \\prec b == a < b
a ^+ == a + 1
Increment(x) == x + 1
Twice(F(_), x) == F(F(x))
Fold2(F(_, _), x, y) == F(x, y)
Min2(x, y) == IF x < y THEN x ELSE y
Lazy(p, x, y) == IF p THEN x ELSE y
Sum3(x, y, z) == x + y + z
RECURSIVE Even(_)
RECURSIVE Odd(_)
Even(n) == IF n = 0 THEN TRUE ELSE Odd(n - 1)
Odd(n) == IF n = 0 THEN FALSE ELSE Even(n - 1)`);

  check("community operators", [
    ["Max({3, 1, 2})", "3"],
    ["Min({3, 1, 2})", "1"],
    ["FoldSeq(LAMBDA e, acc : e + acc, 0, <<1, 2, 3>>)", "6"],
    ["FoldLeft(LAMBDA acc, e : Append(acc, e), <<>>, <<1, 2>>)", "<<1, 2>>"],
    ["FoldRight(LAMBDA e, acc : Append(acc, e), <<1, 2>>, <<>>)", "<<2, 1>>"],
    ["FoldSet(LAMBDA e, acc : e + acc, 0, {1, 2, 3})", "6"],
    ["FoldFunction(LAMBDA e, acc : e + acc, 0, <<1, 2, 3>>)", "6"],
    ["MapThenFoldSet(LAMBDA x, y : x + y, 0, LAMBDA x : x * x, LAMBDA s : CHOOSE x \\in s : TRUE, {1, 2})", "5"],
    ["ToSet(<<1, 2, 1>>)", "{1, 2}"],
    ["SetToSeq({2, 1})", "<<1, 2>>"],
    ["Range(<<5, 6>>)", "{5, 6}"],
    ["IsPrefix(<<1>>, <<1, 2>>)", "TRUE"],
    ["IsSuffix(<<2>>, <<1, 2>>)", "TRUE"],
    ["SelectInSeq(<<5, 6, 7>>, LAMBDA e : e > 5)", "2"],
    ["SelectLastInSeq(<<5, 6, 7>>, LAMBDA e : e > 5)", "3"],
    ["Reverse(<<1, 2>>)", "<<2, 1>>"],
    ["Last(<<1, 2>>)", "2"],
    ["Front(<<1, 2>>)", "<<1>>"],
    ["RemoveAt(<<1, 2, 3>>, 2)", "<<1, 3>>"],
    ["IsInjective(<<1, 1>>)", "FALSE"],
    ["Restrict([a |-> 1, b |-> 2], {\"a\"})", "[a |-> 1]"],
    ["SetToBag({1, 5}) (+) SetToBag({5})", "(1 :> 1 @@ 5 :> 2)"],
    ["(SetToBag({1, 5}) (+) SetToBag({5})) (-) SetToBag({1})", "(5 :> 2)"],
    ["BagAdd(EmptyBag, 4)", "(4 :> 1)"],
    ["BagCardinality(BagAdd(BagAdd(EmptyBag, 4), 4))", "2"],
    ["BagIn(4, BagAdd(EmptyBag, 4))", "TRUE"],
    ["Cardinality(Permutations({1, 2, 3}))", "6"],
    ["SortSeq(<<3, 1, 2>>, <)", "<<1, 2, 3>>"],
    ["BoundedSeq({1}, 2)", "{<<>>, <<1>>, <<1, 1>>}"],
    ["AllSubSeqs(<<1, 2>>)", "{<<>>, <<1>>, <<2>>, <<1, 2>>}"],
    ["Suffixes(<<1, 2>>)", "{<<>>, <<2>>, <<1, 2>>}"],
    ["Quantify({1, 2, 3}, LAMBDA x : x > 1)", "2"],
    ["kSubset(2, {1, 2, 3})", "{{1, 2}, {1, 3}, {2, 3}}"],
  ]);

  check("junction lists by column", [
    ["/\\ TRUE\n           /\\ \\/ FALSE\n              \\/ TRUE\n           /\\ TRUE", "TRUE"],
    ["\\/ /\\ TRUE\n              /\\ FALSE\n           \\/ /\\ TRUE\n              /\\ TRUE", "TRUE"],
  ]);
});
