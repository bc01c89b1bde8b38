/**
 * Small specifications whose values and counts follow from the definition of TLA+ by hand; each says how. `generated` counts
 * initial states and every way to take a step, as TLC does.
 */

export interface SmallSpecification {
  readonly name: string;
  /** How the expected figures come about. */
  readonly because: string;
  readonly modules: Readonly<Record<string, string>>;
  readonly configuration: string;
  readonly distinct?: number;
  readonly generated?: number;
  readonly depth?: number;
  /** Name of the law, `deadlock`, or the error. */
  readonly violation?: string;
  /** Actions of the counterexample. */
  readonly actions?: readonly string[];
}

const unit = (extending: string, body: string): Readonly<Record<string, string>> => ({ M: `---- MODULE M ----\nEXTENDS ${extending}\n${body}\n====\n` });
const run = "INIT Init NEXT Next";

export const smallSpecifications: readonly SmallSpecification[] = [
  {
    name: "a clock",
    because: "12 hours, one step each: 12 initial states, 12 steps; all are initial, so the depth is 1",
    modules: unit("Naturals", "VARIABLE hr\nInit == hr \\in 1..12\nNext == hr' = IF hr = 12 THEN 1 ELSE hr + 1\nOK == hr \\in 1..12"),
    configuration: `${run} INVARIANT OK`,
    distinct: 12, generated: 24, depth: 1,
  },
  {
    name: "subsets that only grow",
    because: "2^4 subsets; each of its 4 - k missing elements is a step: 4 * 2^3 steps and one initial state; the largest is 4 steps away",
    modules: unit("Naturals", "VARIABLE s\nInit == s = {}\nNext == \\E x \\in (1..4) \\ s : s' = s \\cup {x}"),
    configuration: `${run} CHECK_DEADLOCK FALSE`,
    distinct: 16, generated: 33, depth: 5,
  },
  {
    name: "composition of actions",
    because: "Add adds 1 and Double doubles: from x < 8, Add \\cdot Double gives 2x + 2: 0, 2, 6, 14; at 14 no action is enabled",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nAdd == x < 8 /\\ x' = x + 1\nDouble == x' = 2 * x\nNext == Add \\cdot Double\nSmall == x # 14"),
    configuration: `${run} INVARIANT Small`,
    distinct: 4, generated: 4, depth: 3, violation: "Small",
  },
  {
    name: "composition where the first action branches",
    because: "x + 1 or x + 2, then times 10: from 0 the states 10 and 20, from which nothing leads on: 1 + 2 states",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nSome == x = 0 /\\ \\E d \\in 1..2 : x' = x + d\nNext == Some \\cdot (LET by == 10 IN x' = x * by)"),
    configuration: `${run} CHECK_DEADLOCK FALSE`,
    distinct: 3, generated: 3, depth: 2,
  },
  {
    name: "composition as a property of steps",
    because: "every step of x' = x + 2 is two steps of x' = x + 1, and x' = x + 1 is not",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nOne == x' = x + 1\nNext == x < 6 /\\ x' = x + 2\nTwice == [][One \\cdot One]_x"),
    configuration: `${run} PROPERTY Twice CHECK_DEADLOCK FALSE`,
    distinct: 4, generated: 4, depth: 4,
  },
  {
    name: "composition that a step is not",
    because: "the step by 1 is not two steps by 1",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nOne == x' = x + 1\nNext == x' = x + 1\nTwice == [][One \\cdot One]_x"),
    configuration: `${run} PROPERTY Twice`,
    violation: "Twice", actions: ["Init", "Next"],
  },
  {
    name: "a recursive action",
    because: "Up(n) takes any of n, n-1, .. 1 as the next value: from 0 the states 1, 2, 3; each leads to the same three: 1 + 4 * 3",
    modules: unit("Naturals", "VARIABLE x\nRECURSIVE Up(_)\nUp(n) == n > 0 /\\ (x' = n \\/ Up(n - 1))\nInit == x = 0\nNext == Up(3)"),
    configuration: run,
    distinct: 4, generated: 13, depth: 2,
  },
  {
    name: "a recursive action that sets a variable of a function each",
    because: "All(S) lets each of S choose 0 or 1 and nothing else: 2^3 states, each reached from each: 1 + 8 * 8 generated",
    modules: unit("Naturals, FiniteSets", "VARIABLES a, b, c\nRECURSIVE All(_)\nAll(n) == CASE n = 1 -> a' \\in {0, 1} /\\ All(2) [] n = 2 -> b' \\in {0, 1} /\\ All(3) [] OTHER -> c' \\in {0, 1}\nInit == a = 0 /\\ b = 0 /\\ c = 0\nNext == All(1)"),
    configuration: run,
    distinct: 8, generated: 65, depth: 2,
  },
  {
    name: "junction lists nested by column",
    because: "the second list belongs to the first disjunct: A is y' = 1 with x' 1 or 2, B is x' = 3 and y' = 0; from (0,0): 3 states; Next is enabled only there",
    modules: unit("Naturals", "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext ==\n  /\\ x = 0\n  /\\ \\/ /\\ \\/ x' = 1\n           \\/ x' = 2\n        /\\ y' = 1\n     \\/ /\\ x' = 3\n        /\\ y' = 0"),
    configuration: `${run} CHECK_DEADLOCK FALSE`,
    distinct: 4, generated: 4, depth: 2,
  },
  {
    name: "the actions of a trace have names",
    because: "Fill leads to 3, Move(1) to 2, Move(2) to 0 as the shortest way to 0 with full set",
    modules: unit("Naturals", "VARIABLES n, full\nInit == n = 0 /\\ full = FALSE\nFill == ~full /\\ n' = 3 /\\ full' = TRUE\nMove(k) == full /\\ n >= k /\\ n' = n - k /\\ UNCHANGED full\nMoves == \\E k \\in 1..2 : Move(k)\nNext == Fill \\/ Moves\nNever == ~(full /\\ n = 0)"),
    configuration: `${run} INVARIANT Never`,
    violation: "Never", actions: ["Init", "Fill", "Move(1)", "Move(2)"],
  },
  {
    name: "an instance with other names for its variables",
    because: "two counters modulo 3, each an instance of one module: 9 states, 2 steps each, and the initial one",
    modules: {
      M: "---- MODULE M ----\nVARIABLES p, q\nA == INSTANCE C WITH x <- p, N <- 3\nB == INSTANCE C WITH x <- q, N <- 3\nInit == A!Init /\\ B!Init\nNext == (A!Next /\\ UNCHANGED q) \\/ (B!Next /\\ UNCHANGED p)\n====\n",
      C: "---- MODULE C ----\nEXTENDS Naturals\nCONSTANT N\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % N\n====\n",
    },
    configuration: run,
    distinct: 9, generated: 19, depth: 5,
  },
  {
    name: "refinement under an instance",
    because: "the hour of an hour-minute clock is the clock of hours: each step moves the hour by one or not at all",
    modules: {
      M: "---- MODULE M ----\nEXTENDS Naturals\nVARIABLES h, m\nInit == h = 0 /\\ m = 0\nNext == m' = (m + 1) % 2 /\\ h' = IF m = 1 THEN (h + 1) % 3 ELSE h\nSpec == Init /\\ [][Next]_<<h, m>>\nHours == INSTANCE C WITH x <- h, N <- 3\nRefines == Hours!Spec\n====\n",
      C: "---- MODULE C ----\nEXTENDS Naturals\nCONSTANT N\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % N\nSpec == Init /\\ [][Next]_x\n====\n",
    },
    configuration: "SPECIFICATION Spec PROPERTY Refines",
    distinct: 6, generated: 7, depth: 6,
  },
  {
    name: "a step that no refinement allows",
    because: "h moves by two: no step of the clock of hours",
    modules: {
      M: "---- MODULE M ----\nEXTENDS Naturals\nVARIABLE h\nInit == h = 0\nNext == h' = (h + 2) % 5\nHours == INSTANCE C WITH x <- h, N <- 5\nRefines == Hours!Spec\n====\n",
      C: "---- MODULE C ----\nEXTENDS Naturals\nCONSTANT N\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % N\nSpec == Init /\\ [][Next]_x\n====\n",
    },
    configuration: `${run} PROPERTY Refines`,
    violation: "Refines", actions: ["Init", "Next"],
  },
  {
    name: "two symmetries are one group",
    because: "pairs (p, q) from two sets of 3 that may be swapped about independently: unset-unset, set-unset, unset-set, set-set: 4 of 16 states",
    modules: unit("Naturals, TLC", "CONSTANTS P, Q, None\nVARIABLES p, q\nInit == p = None /\\ q = None\nNext == \\/ p = None /\\ p' \\in P /\\ UNCHANGED q\n        \\/ q = None /\\ q' \\in Q /\\ UNCHANGED p\nSym == Permutations(P) \\cup Permutations(Q)"),
    configuration: `${run} CONSTANTS P = {p1, p2, p3} Q = {q1, q2, q3} None = None SYMMETRY Sym CHECK_DEADLOCK FALSE`,
    distinct: 4, depth: 3,
  },
  {
    name: "a view hides a counter",
    because: "seen is x modulo 2 only: two states; the search takes the first of each: 0 and 1; the step from 1 gives 2, which looks like 0",
    modules: unit("Naturals", "VARIABLES x, n\nInit == x = 0 /\\ n = 0\nNext == x' = 1 - x /\\ n' = n + 1\nSeen == x"),
    configuration: `${run} VIEW Seen`,
    distinct: 2, generated: 3, depth: 2,
  },
  {
    name: "constraints on states and on steps",
    because: "x <= 5 is explored and steps by 3 are not: from 0 by 1 and 2: 0..5 are inside; from each two steps are looked at plus the step by 3: 1 + 6 * 3",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nNext == \\E d \\in 1..3 : x' = x + d\nInside == x <= 5\nSmall == x' - x < 3"),
    configuration: `${run} CONSTRAINT Inside ACTION_CONSTRAINT Small`,
    distinct: 6, generated: 19, depth: 4,
  },
  {
    name: "deadlock is a state without a step",
    because: "x counts to 2 and stops there: three states",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nNext == x < 2 /\\ x' = x + 1"),
    configuration: run,
    distinct: 3, violation: "deadlock", actions: ["Init", "Next", "Next"],
  },
  {
    name: "a definition in place of an infinite set",
    because: "Nat is 0..2 by the configuration: x takes 3 values, from each all 3",
    modules: unit("Naturals", "VARIABLE x\nMCNat == 0..2\nInit == x \\in Nat\nNext == x' \\in Nat"),
    configuration: `${run} CONSTANT Nat <- MCNat`,
    distinct: 3, generated: 12, depth: 1,
  },
  {
    name: "a definition replaced in one module only",
    because: "C's Limit is 2 there and stays 5 in M: x stops at 2",
    modules: {
      M: "---- MODULE M ----\nEXTENDS C\nTwo == 2\nReached == x <= Two\n====\n",
      C: "---- MODULE C ----\nEXTENDS Naturals\nVARIABLE x\nLimit == 5\nInit == x = 0\nNext == x < Limit /\\ x' = x + 1\n====\n",
    },
    configuration: `${run} CONSTANT Limit <-[C] Two INVARIANT Reached CHECK_DEADLOCK FALSE`,
    distinct: 3, generated: 3, depth: 3,
  },
  {
    name: "a bag of messages",
    because: "two kinds, at most two of each: 3 * 3 bags; adding where there is room (2 kinds * 2 * 3) and removing (the same number): 1 + 12 + 12",
    modules: unit("Naturals, Bags", "VARIABLE b\nInit == b = EmptyBag\nAdd(m) == CopiesIn(m, b) < 2 /\\ b' = b (+) SetToBag({m})\nDrop(m) == BagIn(m, b) /\\ b' = b (-) SetToBag({m})\nNext == \\E m \\in {\"x\", \"y\"} : Add(m) \\/ Drop(m)\nOK == BagCardinality(b) <= 4"),
    configuration: `${run} INVARIANT OK`,
    distinct: 9, generated: 25, depth: 5,
  },
  {
    name: "TLCSet keeps what the state does not",
    because: "register 1 counts the evaluations of the constraint: one for each of the 5 new states",
    modules: unit("Naturals, TLC", "VARIABLE x\nASSUME TLCSet(1, 0)\nInit == x = 0\nNext == x' = (x + 1) % 5\nCount == TLCSet(1, TLCGet(1) + 1)\nFive == TLCGet(1) = 5 /\\ TLCGet(\"distinct\") = 5"),
    configuration: `${run} CONSTRAINT Count POSTCONDITION Five`,
    distinct: 5, generated: 6,
  },
  {
    name: "TLCSet(\"exit\") ends the search",
    because: "the search of endless numbers ends in the state 3, whose successor is never explored",
    modules: unit("Naturals, TLC", "VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nStop == x = 3 => TLCSet(\"exit\", TRUE)"),
    configuration: `${run} INVARIANT Stop`,
    distinct: 4,
  },
  {
    name: "the level of a state",
    because: "TLCGet(\"level\") is 1 in the initial state, so x = level - 1 in all of them",
    modules: unit("Naturals, TLC", "VARIABLE x\nInit == x = 0\nNext == x < 4 /\\ x' = x + 1\nLevel == x = TLCGet(\"level\") - 1"),
    configuration: `${run} INVARIANT Level CHECK_DEADLOCK FALSE`,
    distinct: 5,
  },
  {
    name: "an invariant of the initial state",
    because: "the trace is the state itself",
    modules: unit("Naturals", "VARIABLE x\nInit == x \\in {1, 2}\nNext == x' = x\nNotTwo == x # 2"),
    configuration: `${run} INVARIANT NotTwo`,
    violation: "NotTwo", actions: ["Init"],
  },
  {
    name: "an error in a step",
    because: "Head of an empty sequence has no value: the third state's step",
    modules: unit("Naturals, Sequences", "VARIABLE s\nInit == s = <<1, 2>>\nNext == s' = Tail(s)"),
    configuration: run,
    violation: "M:5:14: Tail(<<>>) has no value",
  },
  {
    name: "an assumption alone",
    because: "a module without variables has no states; its ASSUME is looked at",
    modules: unit("Naturals", "ASSUME 1 + 1 = 2\nASSUME \\A x \\in 1..3 : x < 3"),
    configuration: "",
    violation: "M:4:1: the assumption is false",
  },
  {
    name: "an action with a variable handed over",
    because: "Flip takes the variable itself: two bits, each flipped alone: 4 states, 2 steps each",
    modules: unit("Naturals", "VARIABLES x, y\nFlip(v, other) == v' = 1 - v /\\ other' = other\nInit == x = 0 /\\ y = 0\nNext == Flip(x, y) \\/ Flip(y, x)"),
    configuration: run,
    distinct: 4, generated: 9, depth: 3,
  },
  {
    name: "fairness does not change which states there are",
    because: "weak fairness is assumed, not checked: the two states of a switch",
    modules: unit("Naturals", "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nSpec == Init /\\ [][Next]_x /\\ WF_x(Next) /\\ SF_x(Next)"),
    configuration: "SPECIFICATION Spec",
    distinct: 2, generated: 3, depth: 2,
  },
  {
    name: "processes that are alike",
    because: "three counters up to 2, each by itself: as many states as there are multisets of 3 out of 3 values, 10; each value occurs 10 times in them, so 20 counters may go on",
    modules: unit("Naturals, TLC", "CONSTANT P\nVARIABLE n\nInit == n = [p \\in P |-> 0]\nNext == \\E p \\in P : n[p] < 2 /\\ n' = [n EXCEPT ![p] = @ + 1]\nSym == Permutations(P)"),
    configuration: `${run} CONSTANT P = {p1, p2, p3} SYMMETRY Sym CHECK_DEADLOCK FALSE`,
    distinct: 10, generated: 21, depth: 7,
  },
  {
    name: "a view and processes that are alike",
    because: "seen is only who has counted, and those are alike: nobody, one, two, all; of every set the first state found goes on",
    modules: unit("Naturals, TLC", "CONSTANT P\nVARIABLE n\nInit == n = [p \\in P |-> 0]\nNext == \\E p \\in P : n[p] < 2 /\\ n' = [n EXCEPT ![p] = @ + 1]\nSym == Permutations(P)\nSeen == {p \\in P : n[p] > 0}"),
    configuration: `${run} CONSTANT P = {p1, p2, p3} SYMMETRY Sym VIEW Seen CHECK_DEADLOCK FALSE`,
    distinct: 4, depth: 4,
  },
  {
    name: "an inner module with a variable of its own",
    because: "the inner counter goes 0, 1, 2, 0 and out follows one step behind: (0,0), (0,1), (1,2), (2,0), and (0,1) again",
    modules: { M: "---- MODULE M ----\nEXTENDS Naturals\nVARIABLES out, h\n---- MODULE Inner ----\nVARIABLE hidden\nStart == out = 0 /\\ hidden = 0\nStep == hidden' = (hidden + 1) % 3 /\\ out' = hidden\n====\nI == INSTANCE Inner WITH hidden <- h\nInit == I!Start\nNext == I!Step\n====\n" },
    configuration: run,
    distinct: 4, generated: 5, depth: 4,
  },
  {
    name: "theorems with their proofs are passed over",
    because: "modules for proofs resolve although nothing of them is evaluated: the switch has two states",
    modules: { M: "---- MODULE M ----\nEXTENDS Naturals, TLAPS, NaturalsInduction, FiniteSetTheorems\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nSpec == Init /\\ [][Next]_x\nBit == x \\in {0, 1}\nTHEOREM Safe == Spec => []Bit\n<1>1. Init => Bit BY DEF Init, Bit\n<1>2. ASSUME Bit, [Next]_x PROVE Bit'\n  <2>1. CASE Next BY <2>1 DEF Next, Bit\n  <2>2. QED BY <2>1, <1>2 DEF Bit\n<1>3. QED BY <1>1, <1>2, PTL DEF Spec\nLEMMA TRUE OBVIOUS\n====\n" },
    configuration: "SPECIFICATION Spec INVARIANT Bit",
    distinct: 2, generated: 3, depth: 2,
  },
  {
    name: "a register with a value to begin with",
    because: "TLCGetAndSet gives the old value, 10, and leaves 11: once for each of the two new states",
    modules: unit("Naturals, TLC, TLCExt", "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nCount == TLCGetAndSet(7, LAMBDA a, b : a + b, 1, 10) >= 10\nTwelve == TLCGetOrDefault(7, 0) = 12 /\\ TLCGetOrDefault(8, 5) = 5"),
    configuration: `${run} CONSTRAINT Count POSTCONDITION Twelve`,
    distinct: 2, generated: 3,
  },
  {
    name: "a step that changes what it must not",
    because: "y changes although only x may: the step from (1, 0) to (2, 1) is neither A nor leaves x and y alone",
    modules: unit("Naturals", "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == x < 3 /\\ x' = x + 1 /\\ y' = IF x = 1 THEN 1 ELSE y\nOnlyX == [][x' = x + 1 /\\ UNCHANGED y]_<<x, y>>"),
    configuration: `${run} PROPERTY OnlyX`,
    violation: "OnlyX", actions: ["Init", "Next", "Next"],
  },
  {
    name: "an assumption about a constant operator",
    because: "the configuration puts Times for Op: 2 * 3",
    modules: unit("Naturals", "CONSTANT Op(_, _)\nTimes(a, b) == a * b\nASSUME Op(2, 3) = 6\nVARIABLE x\nInit == x = Op(1, 1)\nNext == x < 20 /\\ x' = Op(x, 3)"),
    configuration: `${run} CONSTANT Op <- Times CHECK_DEADLOCK FALSE`,
    distinct: 4, generated: 4, depth: 4,
  },
];
