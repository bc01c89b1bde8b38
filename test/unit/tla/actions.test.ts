import { expect, test } from "vitest";
import { fromJson, printValue } from "../../../src/tla/values.ts";
import type { Specification, State } from "../../../src/tla/specification.ts";
import { specify } from "./specify.ts";

function show(states: Iterable<State>): string[] {
  return [...states].map((state) => state.variables.map((name) => `${name}=${printValue(state.get(name))}`).join(" "));
}

/** The successors, printed, of the first initial state by `Next`, in a specification with variables x and y. */
function next(action: string, more = ""): string[] {
  const specification = twoVariables(action, more);
  return show(specification.successors(first(specification), "Next"));
}

function twoVariables(action: string, more = ""): Specification {
  return specify(`VARIABLES x, y\nvars == <<x, y>>\nInit == x = 1 /\\ y = 2\n${more}\nNext == ${action}`);
}

function first(specification: Specification): State {
  return [...specification.initialStates("Init")][0]!;
}

test("conjuncts give values in their order, and compare what has one", () => {
  expect(next("x' = x + 1 /\\ y' = x' + 1")).toEqual(["x=2 y=3"]);
  expect(next("x' = 5 /\\ x' = 6 /\\ y' = 0")).toEqual([]);
  expect(next("x' = 5 /\\ x' = 5 /\\ y' = 0")).toEqual(["x=5 y=0"]);
  expect(next("x' \\in {3, 4} /\\ y' = x'")).toEqual(["x=3 y=3", "x=4 y=4"]);
  expect(next("x' = 3 /\\ x' \\in {3, 4} /\\ y' = x'")).toEqual(["x=3 y=3"]);
  expect(next("x' \\in 1..9 /\\ x' > 8 /\\ UNCHANGED y")).toEqual(["x=9 y=2"]);
});

test("disjunctions and quantifiers branch, also nested", () => {
  expect(next("(x' = 1 \\/ x' = 2) /\\ (y' = 1 \\/ y' = 2)")).toEqual(["x=1 y=1", "x=1 y=2", "x=2 y=1", "x=2 y=2"]);
  expect(next("\\E i \\in {1, 2}, j \\in {i_} : x' = i /\\ y' = j", "i_ == 7")).toEqual(["x=1 y=7", "x=2 y=7"]);
  expect(next("\\E i \\in Nat : i = x + 1 /\\ x' = i /\\ UNCHANGED y")).toEqual(["x=2 y=2"]);
  expect(next("\\E <<i, j>> \\in {<<5, 6>>} : x' = i /\\ y' = j")).toEqual(["x=5 y=6"]);
  expect(next("\\A i \\in {1, 2} : IF i = 1 THEN x' \\in {8, 9} ELSE y' = x'")).toEqual(["x=8 y=8", "x=9 y=9"]);
});

test("a disjunction about the present does not branch", () => {
  expect(next("(x = 1 \\/ y = 2) /\\ x' = 3 /\\ y' = 3")).toEqual(["x=3 y=3"]);
});

test("IF, CASE, LET, => and operators in actions", () => {
  expect(next("IF x = 1 THEN x' = 7 /\\ y' = 7 ELSE UNCHANGED vars")).toEqual(["x=7 y=7"]);
  expect(next("CASE x = 2 -> UNCHANGED vars [] x = 1 -> x' = 4 /\\ y' = 4")).toEqual(["x=4 y=4"]);
  expect(next("LET a == x + 1 b(n) == n + a IN x' = a /\\ y' = b(1)")).toEqual(["x=2 y=3"]);
  expect(next("LET v == x' + 1 IN (x' = 1 \\/ x' = 2) /\\ y' = v")).toEqual(["x=1 y=2", "x=2 y=3"]);
  expect(next("(x = 5 => x' = 9) /\\ (x = 1 => x' = 3) /\\ UNCHANGED y")).toEqual(["x=3 y=2"]);
  expect(next("Set(x, 5) /\\ Set(y, 6)", "Set(v, n) == v' = n")).toEqual(["x=5 y=6"]);
  expect(next("Both(LAMBDA n : x' = n)", "Both(A(_)) == A(4) /\\ UNCHANGED y")).toEqual(["x=4 y=2"]);
});

test("UNCHANGED sees through definitions and tuples", () => {
  expect(next("UNCHANGED vars")).toEqual(["x=1 y=2"]);
  expect(next("UNCHANGED <<x, <<y>>>>")).toEqual(["x=1 y=2"]);
  expect(next("x' = 9 /\\ UNCHANGED vars")).toEqual([]);
  expect(next("[x' = 2 /\\ y' = 2]_vars")).toEqual(["x=2 y=2", "x=1 y=2"]);
  expect(next("<<x' \\in {1, 2} /\\ y' = 2>>_vars")).toEqual(["x=2 y=2"]);
});

test("primes of expressions and of operators", () => {
  expect(next("x' = 4 /\\ y' = 5 /\\ sum' = 9", "sum == x + y")).toEqual(["x=4 y=5"]);
  expect(next("x' = 4 /\\ y' = 5 /\\ Add(x, 1)' = 5 /\\ Add(x', 1) = 5", "Add(a, b) == a + b")).toEqual(["x=4 y=5"]);
  expect(next("x' = 4 /\\ y' = 5 /\\ Later(x) = 4", "Later(a) == a'")).toEqual(["x=4 y=5"]);
  expect(next("x' = <<1, 2>> /\\ y' = x'[2]")).toEqual(["x=<<1, 2>> y=2"]);
});

test("a recursive function keeps the state in which it was made", () => {
  const specification = twoVariables("UNCHANGED <<x, y>>", "Fill == x' = [f |-> LET g[n \\in 1..2] == IF n = 1 THEN y ELSE g[1] + y IN g] /\\ y' = 50");
  const [after] = [...specification.successors(first(specification), "Fill")];
  const [later] = [...specification.successors(after!, "Next")];
  expect(show([later!])).toEqual(["x=[f |-> <<2, 4>>] y=50"]);
});

test("a set without enumeration cannot be chosen from", () => {
  expect(() => next("x' \\in Nat /\\ UNCHANGED y")).toThrow("M:7:16: Nat cannot be enumerated");
  expect(() => next("\\E n \\in Nat : x' = n /\\ UNCHANGED y")).toThrow("M:7:18: Nat cannot be enumerated");
});

test("ENABLED", () => {
  expect(next("ENABLED A /\\ ~ENABLED B /\\ UNCHANGED vars", "A == x = 1 /\\ x' = 7\nB == x = 2 /\\ x' = 7")).toEqual(["x=1 y=2"]);
});

test("a variable without a value is an error that names it and the action", () => {
  expect(() => next("x' = 1")).toThrow("M:7:1: Next gives no value to y'");
  expect(() => next("x' = y' /\\ y' = 1")).toThrow("M:7:14: y' is read before it has a value");
});

test("initial states", () => {
  const specification = specify("VARIABLES x, y\nInit == x \\in {1, 2} /\\ (y = x \\/ y = 10)");
  expect(show(specification.initialStates("Init"))).toEqual(["x=1 y=1", "x=1 y=10", "x=2 y=2", "x=2 y=10"]);
});

test("an action applied to values, and the same step checked", () => {
  const specification = specify("VARIABLE log\nInit == log = <<>>\nStep(e) == e.kind = \"add\" /\\ log' = Append(log, e.value)\nGrows == [][Len(log') = Len(log) + 1]_log\nShort == Len(log) < 2");
  const start = first(specification);
  const event = fromJson({ kind: "add", value: 5 });
  const [after] = [...specification.successors(start, "Step", [event])];
  expect(printValue(after!.get("log"))).toBe("<<5>>");
  expect(specification.isStep(start, after!, "Step", [event])).toBe(true);
  expect(specification.isStep(start, start, "Step", [event])).toBe(false);
  expect(specification.holdsAction("Grows", start, after!)).toBe(true);
  expect(specification.holdsAction("Grows", after!, start)).toBe(false);
  expect(specification.holds("Short", after!)).toBe(true);
  expect(after!.equals([...specification.successors(start, "Step", [event])][0]!)).toBe(true);
  expect(after!.changed(start)).toEqual(["log"]);
});

test("what a definition reads, through other definitions", () => {
  const specification = specify("VARIABLES a, b, c\nA == a > 0\nB(n) == n > b\nInv == A /\\ B(3)\nOwn == LET c_ == c IN \\A c__ \\in {1} : c_ = c__\nHigh == LET f(n) == a + n IN f(1)");
  expect([...specification.readSet("Inv")].sort()).toEqual(["a", "b"]);
  expect([...specification.readSet("Own")]).toEqual(["c"]);
  expect([...specification.readSet("High")]).toEqual(["a"]);
});

test("arguments that read variables wait where they have no value", () => {
  const lazy = specify("VARIABLES log, n\nInit == log = <<5>> /\\ n = 1\nIf(test, yes, no) == IF test THEN yes ELSE no\nNext == n' = If(n > Len(log), 0, log[n]) /\\ log' = If(n' = 0, <<>>, Append(log, log'[1]))\nSkip == n' = If(n < 9, 7, log[n + 1]) /\\ UNCHANGED log");
  const [start] = lazy.initialStates("Init");
  expect(lazy.successors(start!, "Skip").map((state) => printValue(state.get("n")))).toEqual(["7"]);
  // log' is read before it has a value, and wanted.
  expect(() => lazy.successors(start!, "Next")).toThrow("log' is read before it has a value");
});
