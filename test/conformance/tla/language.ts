/**
 * Expressions and their values. The values follow from the definitions of TLA+ and of its standard and community modules, worked
 * out by hand. Each group has the definitions that its expressions use.
 */

export interface LanguageGroup {
  readonly name: string;
  readonly units?: string;
  readonly values: readonly (readonly [expression: string, value: string])[];
}

export const language: readonly LanguageGroup[] = [
  {
    name: "junction lists end where something stands further left",
    units: [
      "Nested(a, b) ==",
      "  IF a",
      "  THEN /\\ b",
      "       /\\ \\/ FALSE",
      "          \\/ LET c == b",
      "             IN  /\\ c",
      "                 /\\ TRUE",
      "  ELSE \\/ b",
      "       \\/ FALSE",
      "Follows == /\\ TRUE",
      "           /\\ \\A x \\in {1} : \\/ x = 2",
      "                             \\/ x = 1",
      "           /\\ TRUE",
      "Operators == /\\ 1 = 1 /\\ 2 = 2",
      "             /\\ 1 + 1",
      "                 = 2",
    ].join("\n"),
    values: [["Nested(TRUE, TRUE)", "TRUE"], ["Nested(TRUE, FALSE)", "FALSE"], ["Nested(FALSE, TRUE)", "TRUE"], ["Follows", "TRUE"], ["Operators", "TRUE"]],
  },
  {
    name: "functions of several arguments and of tuples",
    units: "f[x, y \\in 1..2] == 10 * x + y\ng[<<x, y>> \\in (1..2) \\X (3..4), z \\in {5}] == x + y + z\nfact[n \\in Nat] == IF n = 0 THEN 1 ELSE n * fact[n - 1]\nack[m \\in Nat, n \\in Nat] == IF m = 0 THEN n + 1 ELSE IF n = 0 THEN ack[m - 1, 1] ELSE ack[m - 1, ack[m, n - 1]]",
    values: [
      ["f[2, 1]", "21"], ["f[<<2, 1>>]", "21"], ["DOMAIN f = (1..2) \\X (1..2)", "TRUE"], ["g[<<1, 4>>, 5]", "10"], ["fact[10]", "3628800"], ["ack[2, 3]", "9"],
      ["[f EXCEPT ![1, 2] = 0][1, 2]", "0"], ["[f EXCEPT ![<<1, 2>>] = @ + 1][1, 2]", "13"],
    ],
  },
  {
    name: "EXCEPT along paths",
    units: "r == [a |-> <<1, 2>>, b |-> [c |-> [i \\in 0..1 |-> i]]]",
    values: [
      ["[r EXCEPT !.a[2] = @ + 5, !.b.c[0] = 7].a", "<<1, 7>>"], ["[r EXCEPT !.b.c[0] = 7].b.c[0]", "7"], ["[r EXCEPT !.a = <<>>, !.a = Append(@, 3)].a", "<<3>>"],
      ["[r EXCEPT ![\"a\"][1] = 0].a[1]", "0"], ["[[i \\in 1..2 |-> 0] EXCEPT ![3] = 1]", "<<0, 0>>"],
    ],
  },
  {
    name: "sets that have no end are membership tests",
    values: [
      ["3 \\in Nat", "TRUE"], ["-3 \\in Nat", "FALSE"], ["-3 \\in Int", "TRUE"], ["\"a\" \\in STRING", "TRUE"], ["<<1, \"a\">> \\in Nat \\X STRING", "TRUE"],
      ["<<1, 2>> \\in Seq(Nat)", "TRUE"], ["<<1, -2>> \\in Seq(Nat)", "FALSE"], ["[i \\in 1..3 |-> i] \\in [1..3 -> Nat]", "TRUE"], ["[i \\in 1..3 |-> -i] \\in [1..3 -> Nat]", "FALSE"],
      ["[a |-> 1, b |-> {}] \\in [a : Nat, b : SUBSET Nat]", "TRUE"], ["{1, 2} \\in SUBSET Nat", "TRUE"], ["{1, -2} \\subseteq Nat", "FALSE"], ["4 \\in {n \\in Nat : n % 2 = 0}", "TRUE"],
      ["5 \\in {n \\in Nat : n % 2 = 0}", "FALSE"], ["3 \\in Nat \\ {3}", "FALSE"], ["4 \\in Nat \\ {3}", "TRUE"], ["\"x\" \\in Nat \\cup STRING", "TRUE"], ["(1..3) \\cap Nat", "{1, 2, 3}"],
      ["{} \\in SUBSET Seq(Int)", "TRUE"], ["[n \\in Nat |-> n + 1][41]", "42"], ["{f \\in [{1} -> {1, 2}] : f[1] \\in Nat}", "{<<1>>, <<2>>}"],
    ],
  },
  {
    name: "operators with symbols of one's own",
    units: "a ++ b == a * 10 + b\na \\prec b == a < b\ns ^+ == s \\cup {0}\na ## b == IF a > b THEN a ELSE b\na \\odot b == <<a, b>>\na $ b == a - b\nOp(_(+)_, x) == x\nFold2(_\\oplus_, a, b) == a \\oplus b",
    values: [["1 ++ 2", "12"], ["1 ++ 2 ++ 3", "123"], ["1 \\prec 2", "TRUE"], ["{1}^+", "{0, 1}"], ["3 ## 4", "4"], ["1 \\odot 2", "<<1, 2>>"], ["7 $ 3", "4"], ["Fold2(+, 3, 4)", "7"], ["Fold2(LAMBDA x, y : x * y, 3, 4)", "12"]],
  },
  {
    name: "RECURSIVE with operators as parameters",
    units: "RECURSIVE Iterate(_, _, _)\nIterate(F(_), x, n) == IF n = 0 THEN x ELSE Iterate(F, F(x), n - 1)\nRECURSIVE Even(_), Odd(_)\nEven(n) == n = 0 \\/ Odd(n - 1)\nOdd(n) == n # 0 /\\ Even(n - 1)\nTwice(F(_)) == F(F(1))\nRECURSIVE Total(_)\nTotal(S) == IF S = {} THEN 0 ELSE LET x == CHOOSE x \\in S : TRUE IN x + Total(S \\ {x})",
    values: [["Iterate(LAMBDA x : 2 * x, 1, 10)", "1024"], ["LET inc(x) == x + 1 IN Iterate(inc, 0, 5)", "5"], ["Even(10)", "TRUE"], ["Odd(10)", "FALSE"], ["Twice(LAMBDA x : x + 3)", "7"], ["Total(1..10)", "55"]],
  },
  {
    name: "arguments are evaluated when they are wanted",
    units: [
      "Ignore(x) == 1",
      "First(a, b) == IF a <= 0 THEN 0 ELSE b",
      "RECURSIVE Deep(_)",
      "Under(n, r) == First(n, r.v)",
      "Deep(n) == [v |-> Under(n, Deep(n - 1))]",
      "down[n \\in Int] == [v |-> First(n, down[n - 1].v)]",
      "short == <<1, 2>>",
      "Reads(s, i) == Ignore(s[i + 1]) + First(0, s[i])",
    ].join("\n"),
    values: [
      ["Ignore(short[3])", "1"], ["Ignore(Head(<<>>))", "1"], ["Ignore([a |-> 1].b)", "1"], ["\\A i \\in 1..9 : Ignore(short[i]) = 1", "TRUE"], ["Reads(short, 7)", "1"],
      ["Deep(3).v", "0"], ["down[3].v", "0"], ["First(0, CHOOSE x \\in {} : TRUE)", "0"], ["LET never == Head(<<>>) IN First(0, never)", "0"],
    ],
  },
  {
    name: "LET inside bounds, and names bound anew inside",
    values: [
      ["{x \\in LET n == 3 IN 1..n : x > 1}", "{2, 3}"], ["\\E x \\in LET S == {1, 2} IN S \\cup {5} : x = 5", "TRUE"], ["{LET y == x * x IN y + 1 : x \\in 1..3}", "{2, 5, 10}"],
      ["[x \\in {LET k == 2 IN k} |-> x + 1][2]", "3"], ["LET f(x) == x + 1 g(x) == f(f(x)) IN g(1)", "3"], ["LET h[n \\in 0..5] == IF n = 0 THEN 0 ELSE n + h[n - 1] IN h[5]", "15"],
      ["{<<x, y>> \\in {1, 2} \\X {3} : x = 2}", "{<<2, 3>>}"], ["\\A <<x, y>> \\in {<<1, 2>>, <<2, 3>>} : y = x + 1", "TRUE"], ["{x + y : x \\in 1..2, y \\in {10, 20}}", "{11, 12, 21, 22}"],
      ["{x - y : <<x, y>> \\in {<<5, 2>>, <<9, 3>>}}", "{3, 6}"], ["\\E x, y \\in 1..3 : x + y = 6", "TRUE"],
    ],
  },
  {
    name: "CHOOSE is the same everywhere",
    values: [["CHOOSE x \\in {3, 1, 2} : x > 1", "2"], ["(CHOOSE x \\in {\"b\", \"a\"} : TRUE) = (CHOOSE x \\in {\"a\", \"b\"} : TRUE)", "TRUE"], ["CHOOSE s \\in SUBSET {1, 2} : s # {}", "{1}"], ["CHOOSE <<x, y>> \\in {1, 2} \\X {1, 2} : x > y", "<<2, 1>>"]],
  },
  {
    name: "CASE and IF",
    units: "Kind(x) == CASE x \\in Nat -> \"natural\" [] x \\in Int -> \"negative\" [] OTHER -> \"other\"\nShape(r) == CASE r.kind = \"a\" -> 1 [] r.kind = \"b\" -> 2 [] r.kind = \"c\" -> 3 [] r.kind = \"a\" -> 4 [] OTHER -> 0",
    values: [["Kind(3)", "\"natural\""], ["Kind(-3)", "\"negative\""], ["Shape([kind |-> \"a\"])", "1"], ["Shape([kind |-> \"c\"])", "3"], ["Shape([kind |-> \"d\"])", "0"], ["IF 1 = 2 THEN 3 ELSE IF TRUE THEN 4 ELSE 5", "4"]],
  },
  {
    name: "numbers",
    values: [["-7 \\div 2", "-3"], ["(-7) \\div 2", "-4"], ["-7 % 2", "1"], ["2 ^ 10", "1024"], ["- 3 + 5", "2"], ["3 - 2 - 1", "0"], ["2..1", "{}"], ["-1..1", "{-1, 0, 1}"], ["1..3 = {3, 2, 1}", "TRUE"], ["\\A n \\in 1..3 : n \\geq 1 /\\ n =< 3", "TRUE"], ["\\b101", "5"], ["\\hFF", "255"], ["\\o17", "15"]],
  },
  {
    name: "tuples, sequences, records and functions are one kind of thing",
    values: [
      ["[i \\in 1..2 |-> i] = <<1, 2>>", "TRUE"], ["(1 :> \"a\" @@ 2 :> \"b\") = <<\"a\", \"b\">>", "TRUE"], ["[a |-> 1] = (\"a\" :> 1)", "TRUE"], ["DOMAIN <<5, 6>>", "{1, 2}"], ["DOMAIN [a |-> 1, b |-> 2]", "{\"a\", \"b\"}"],
      ["<<>> = [x \\in {} |-> x]", "TRUE"], ["(1 :> 1) @@ (1 :> 2 @@ 2 :> 2)", "<<1, 2>>"], ["[{1, 2} -> {0}]", "{<<0, 0>>}"], ["[a : {1}, b : {2, 3}]", "{[a |-> 1, b |-> 2], [a |-> 1, b |-> 3]}"],
      ["Cardinality([1..3 -> 1..2])", "8"], ["Cardinality(SUBSET (1..5))", "32"], ["UNION {{1}, {2, 3}, {}}", "{1, 2, 3}"], ["Tail(<<1, 2, 3>>) \\o <<4>>", "<<2, 3, 4>>"], ["SubSeq(<<1, 2, 3>>, 2, 3)", "<<2, 3>>"],
      ["SelectSeq(<<1, 2, 3, 4>>, LAMBDA x : x % 2 = 0)", "<<2, 4>>"], ["{1, 2} \\X {3}", "{<<1, 3>>, <<2, 3>>}"], ["Len(<<{1}, {}>>)", "2"],
    ],
  },
  {
    name: "SequencesExt",
    values: [
      ["Zip(<<1, 3>>, <<2, 4, 5>>)", "<<<<1, 2>>, <<3, 4>>>>"], ["Interleave(<<1, 3>>, <<2, 4>>)", "<<<<1>>, <<2>>, <<3>>, <<4>>>>"], ["SubSeqs(<<1, 2>>)", "{<<>>, <<1>>, <<2>>, <<1, 2>>}"], ["AllSubSeqs(<<1, 2>>)", "{<<>>, <<1>>, <<2>>, <<1, 2>>}"],
      ["Snoc(3, <<1>>)", "<<1, 3>>"], ["Cons(3, <<1>>)", "<<3, 1>>"], ["SeqMod(6, 3)", "3"], ["SeqMod(7, 3)", "1"], ["ToBag(<<1, 2, 1>>)", "<<2, 1>>"], ["SetToAllKPermutations({1})", "{<<>>, <<1>>}"],
      ["Cardinality(SetToAllKPermutations({1, 2, 3}))", "16"], ["IndexFirstSubSeq(<<1>>, <<2, 1, 1>>)", "2"], ["IndexFirstSubSeq(<<>>, <<2>>)", "1"], ["ReplaceFirstSubSeq(<<9>>, <<1, 1>>, <<0, 1, 1, 1>>)", "<<0, 9, 1>>"],
      ["ReplaceAllSubSeqs(<<2, 2>>, <<1, 1>>, <<1, 1, 1>>)", "<<2, 2, 1>>"], ["ReplaceAllSubSeqs(<<2>>, <<3>>, <<1, 3>>)", "<<1, 2>>"], ["ReplaceAllSubSeqs(<<4>>, <<>>, <<>>)", "<<4>>"], ["ReplaceAllSubSeqs(<<9>>, <<>>, <<1, 2>>)", "<<9, 1, 9, 2>>"],
      ["IsSorted(<<1, 2, 2>>, LAMBDA a, b : a < b)", "FALSE"], ["IsSorted(<<1, 2, 2>>, LAMBDA a, b : a <= b)", "TRUE"], ["RemoveFirstMatch(<<1, 2, 4>>, LAMBDA x : x % 2 = 0)", "<<1, 4>>"], ["RemoveFirst(<<1, 2, 1>>, 1)", "<<2, 1>>"],
      ["FoldLeft(LAMBDA x, y : <<x, y>>, 0, <<3, 1>>)", "<<<<0, 3>>, 1>>"], ["FoldRight(LAMBDA x, y : <<x, y>>, <<3, 1>>, 0)", "<<3, <<1, 0>>>>"], ["FoldSeq(LAMBDA x, y : {x} \\cup y, {}, <<1, 2, 1>>)", "{1, 2}"],
      ["SelectInSeq(<<5, 6, 7>>, LAMBDA x : x > 5)", "2"], ["SelectLastInSeq(<<5, 6, 7>>, LAMBDA x : x < 7)", "2"], ["SelectInSeq(<<>>, LAMBDA x : TRUE)", "0"], ["Reverse(<<1, 2>>)", "<<2, 1>>"], ["FlattenSeq(<<<<1>>, <<2, 3>>>>)", "<<1, 2, 3>>"],
      ["Suffixes(<<1, 2>>)", "{<<>>, <<2>>, <<1, 2>>}"], ["LongestCommonPrefix({<<1, 2, 3>>, <<1, 2, 4>>})", "<<1, 2>>"], ["IsPrefix(<<1>>, <<1, 2>>)", "TRUE"], ["IsSuffix(<<>>, <<>>)", "TRUE"], ["InsertAt(<<1, 3>>, 2, 2)", "<<1, 2, 3>>"],
    ],
  },
  {
    name: "FiniteSetsExt, Functions",
    values: [
      ["Choices({{1, 2}, {2, 3}, {5}})", "{{2, 5}, {1, 2, 5}, {1, 3, 5}, {2, 3, 5}}"], ["ChooseUnique({2, 3, 4, 5}, LAMBDA x : x % 3 = 1)", "4"], ["FlattenSet({{1}, {2}})", "{1, 2}"], ["SumSet(0..10)", "55"], ["ProductSet(1..4)", "24"],
      ["MapThenSumSet(LAMBDA x : x * x, 1..3)", "14"], ["FoldSet(LAMBDA x, y : x + y, 0, 0..10)", "55"], ["Quantify(1..9, LAMBDA n : n % 2 = 0)", "4"], ["kSubset(2, 1..3)", "{{1, 2}, {1, 3}, {2, 3}}"], ["Max({1, 5, 3})", "5"], ["SymDiff({1, 2}, {2, 3})", "{1, 3}"],
      ["Restrict([i \\in 1..3 |-> i * i], {2, 3})[3]", "9"], ["Range(<<1, 2, 1>>)", "{1, 2}"], ["Inverse(<<\"a\", \"b\">>, {1, 2}, {\"b\"})[\"b\"]", "2"], ["Inverse(<<\"a\">>, {1, 2}, {\"z\"})[\"z\"]", "1"], ["IsInjective(<<1, 1>>)", "FALSE"],
      ["Cardinality(Injection({1, 2}, {1, 2, 3}))", "6"], ["Cardinality(Surjection(1..3, 1..2))", "6"], ["Cardinality(Bijection(1..3, 1..3))", "6"], ["FoldFunction(LAMBDA x, y : x + y, 0, <<1, 2, 3>>)", "6"], ["FoldFunctionOnSet(LAMBDA x, y : x + y, 0, <<1, 2, 3>>, {1, 3})", "4"],
      ["Pointwise(LAMBDA x, y : x + y, <<1, 2>>, <<10, 20>>)", "<<11, 22>>"], ["IsRestriction(<<1>>, <<1, 2>>)", "TRUE"],
    ],
  },
  {
    name: "Bags, BagsExt",
    units: "b == (\"x\" :> 2) @@ (\"y\" :> 1)",
    values: [
      ["BagCardinality(b (+) b)", "6"], ["(b (-) SetToBag({\"x\", \"y\"}))[\"x\"]", "1"], ["DOMAIN (b (-) SetToBag({\"y\"}))", "{\"x\"}"], ["SetToBag({\"x\"}) \\sqsubseteq b", "TRUE"], ["CopiesIn(\"z\", b)", "0"], ["Cardinality(SubBag(b))", "6"],
      ["BagRemove(b, \"y\") = (\"x\" :> 2)", "TRUE"], ["BagRemoveAll(b, \"x\") = (\"y\" :> 1)", "TRUE"], ["BagAdd(b, \"z\")[\"z\"]", "1"], ["SumBag((1 :> 2) @@ (3 :> 3))", "11"], ["ProductBag((2 :> 3) @@ (5 :> 1))", "40"], ["FoldBag(LAMBDA x, y : x + y, 0, (1 :> 2) @@ (2 :> 1) @@ (3 :> 3))", "13"],
      ["BagOfAll(LAMBDA e : 0, b)[0]", "3"], ["BagToSet(b)", "{\"x\", \"y\"}"], ["BagUnion({b, EmptyBag}) = b", "TRUE"], ["IsABag([i \\in {1} |-> 0])", "FALSE"],
    ],
  },
  {
    name: "TLC",
    values: [["SortSeq(<<3, 1, 2>>, LAMBDA a, b : a < b)", "<<1, 2, 3>>"], ["Cardinality(Permutations({1, 2, 3}))", "6"], ["ToString(<<1, \"a\">>)", "\"<<1, \\\"a\\\">>\""], ["TLCEval(1 + 1)", "2"], ["(1 :> 2)[1]", "2"]],
  },
];

/** Mistakes, and what is said about them; the place is that of the mistake. */
export const mistakes: readonly (readonly [expression: string, error: string])[] = [
  ["Restrict(<<1>>, {2})", "Restrict: 2 is not in the domain of <<1>>"],
  ["ChooseUnique({1, 2}, LAMBDA x : TRUE)", "ChooseUnique: more than one element of {1, 2} is such"],
  ["Interleave(<<1>>, <<>>)", "Interleave: the sequences have 1 and 0 elements, which must be as many"],
  ["IndexFirstSubSeq(<<5>>, <<1>>)", "IndexFirstSubSeq: <<5>> is no part of <<1>>"],
  ["CHOOSE x \\in {1, 2} : x > 2", "CHOOSE finds no such element in {1, 2}"],
  ["<<1, 2>>[3]", "the function <<1, 2>> is applied to 3, which is not in its domain"],
  ["[a |-> 1].b", "the record [a |-> 1] has no field b"],
  ["1 = \"1\"", "1 and \"1\" are of different kinds and cannot be compared"],
  ["CASE FALSE -> 1", "no arm of the CASE is true, and there is no OTHER"],
  ["CASE 1 = \"a\" -> 1 [] 1 = \"b\" -> 2 [] 1 = \"c\" -> 3 [] OTHER -> 0", "1 and \"a\" are of different kinds and cannot be compared"],
  ["LET k == [e |-> 1] IN CASE k.e = \"a\" -> 1 [] k.e = \"b\" -> 2 [] k.e = \"c\" -> 3 [] OTHER -> 0", "1 and \"a\" are of different kinds and cannot be compared"],
  ["Max({})", "Max({}) has no value"],
  ["Head(<<>>)", "Head(<<>>) has no value"],
  ["1 + TRUE", "an integer expected, but the value is TRUE"],
  ["CHOOSE x : x = 1", "CHOOSE without a set cannot be evaluated"],
  ["\\A x : x = 1", "the quantifier \\A without a set cannot be evaluated"],
];
