import { expect, test } from "vitest";
import { printValue, setOf, type Value } from "../../../src/tla/values.ts";
import { load, printed } from "./specify.ts";

function value(modules: Readonly<Record<string, string>>, definition = "Result"): string {
  const specification = load("Root", modules);
  return printed(() => specification.evaluate(definition));
}

function module(name: string, units: string, ext = "EXTENDS Naturals"): string {
  return `---- MODULE ${name} ----\n${ext}\n${units}\n====\n`;
}

test("EXTENDS brings in what is not LOCAL, also from modules behind", () => {
  const a = module("A", "LOCAL hidden == 1\nshown == hidden + 1");
  const b = module("B", "more == shown + 1", "EXTENDS A, Naturals");
  expect(value({ Root: module("Root", "Result == shown + more", "EXTENDS B"), A: a, B: b })).toBe("5");
  expect(() => load("Root", { Root: module("Root", "Result == hidden", "EXTENDS A"), A: a })).toThrow("Root:3:11: hidden is not defined");
});

test("INSTANCE … WITH substitutes constants, operators and variables", () => {
  const counter = module("Counter", "CONSTANTS Step, Op(_, _)\nVARIABLE c\nUp == c' = Op(c, Step)\nDouble == 2 * c");
  const root = module("Root", "VARIABLE x\nC == INSTANCE Counter WITH Step <- 5, Op <- LAMBDA a, b : a + b, c <- x\nInit == x = 1\nNext == C!Up\nTwice == C!Double");
  const specification = load("Root", { Root: root, Counter: counter });
  const [state] = specification.initialStates("Init");
  const [next] = specification.successors(state!, "Next");
  expect(printValue(next!.get("x"))).toBe("6");
  expect(specification.evaluate("Twice", [], next)).toBe(12);
  expect(specification.evaluate("C!Double", [], next)).toBe(12);
  expect([...specification.readSet("Twice")]).toEqual(["x"]);
});

test("INSTANCE without WITH takes equal names", () => {
  const inner = module("Inner", "CONSTANT N\nVARIABLE x\nDouble == N * x");
  const root = module("Root", "CONSTANT N\nVARIABLE x\nI == INSTANCE Inner\nResult == I!Double\nInit == x = 4");
  const specification = load("Root", { Root: root, Inner: inner }, { constants: new Map([["N", 3]]) });
  const [state] = specification.initialStates("Init");
  expect(specification.evaluate("Result", [], state)).toBe(12);
});

test("an instance may have parameters, which may be bound names", () => {
  const shift = module("Shift", "CONSTANT By\nMove(n) == n + By\nfar == Move(100)");
  const units = "S(k) == INSTANCE Shift WITH By <- k\nResult == <<S(1)!Move(1), S(10)!far, {S(i)!Move(i) : i \\in 1..3}, [i \\in 1..2 |-> S(i)!far]>>";
  expect(value({ Root: module("Root", units), Shift: shift })).toBe("<<2, 110, {2, 4, 6}, <<101, 102>>>>");
});

test("an instance without a name, LOCAL instances, instances in LET", () => {
  const a = module("A", "CONSTANT K\nplus(n) == n + K");
  expect(value({ Root: module("Root", "K == 7\nINSTANCE A\nResult == plus(1)"), A: a })).toBe("8");
  expect(value({ Root: module("Root", "LOCAL INSTANCE A WITH K <- 2\nResult == plus(1)"), A: a })).toBe("3");
  expect(value({ Root: module("Root", "f(n) == LET I == INSTANCE A WITH K <- n IN I!plus(1)\nResult == f(4) + f(5)"), A: a })).toBe("11");
});

test("instances of instances keep their own substitutions", () => {
  const low = module("Low", "CONSTANT V\nvalue == V");
  const mid = module("Mid", "CONSTANT W\nL == INSTANCE Low WITH V <- W + 1\nboth == L!value + W");
  const root = module("Root", "P == INSTANCE Mid WITH W <- 10\nQ == INSTANCE Mid WITH W <- 20\nResult == <<P!both, Q!both, Q!L!value>>");
  expect(value({ Root: root, Mid: mid, Low: low })).toBe("<<21, 41, 21>>");
});

test("modules inside modules", () => {
  const root = "---- MODULE Root ----\nEXTENDS Naturals\nbase == 5\n---- MODULE Inner ----\nCONSTANT C\nsum == C + base\n====\nI == INSTANCE Inner WITH C <- 2\nResult == I!sum\n====\n";
  expect(value({ Root: root })).toBe("7");
});

test("a configuration's overrides replace what the root sees, not what instances see", () => {
  const inner = module("Inner", "Limit == 100\nshown == Limit", "");
  const root = module("Root", "I == INSTANCE Inner\nSmall == 1\nResult == <<Limit, I!Limit, all = {0, 1}>>\nall == {n \\in Few : n \\in Nat}\nFew == {0, 1, 7}\nTiny == {0, 1}", "EXTENDS Inner, Naturals");
  const specification = load("Root", { Root: root, Inner: inner }, { overrides: new Map([["Limit", "Small"], ["Nat", "Tiny"]]) });
  expect(printed(() => specification.evaluate("Result"))).toBe("<<1, 100, TRUE>>");
});

test("an override may hold in one module only", () => {
  const inner = module("Inner", "low == 1\ninnerValue == low", "");
  const root = module("Root", "five == 5\nResult == <<low, innerValue>>", "EXTENDS Inner");
  const specification = load("Root", { Root: root, Inner: inner }, { moduleOverrides: [{ module: "Inner", name: "low", replacement: "five" }] });
  expect(printed(() => specification.evaluate("Result"))).toBe("<<1, 5>>");
});

test("the user's text of a community module is taken before ours; that of a standard module is not", () => {
  const functions = module("Functions", "Range(f) == 42");
  const naturals = module("Naturals", "a + b == 0", "");
  expect(value({ Root: module("Root", "Result == Range(1) + 1", "EXTENDS Functions, Naturals"), Functions: functions, Naturals: naturals })).toBe("43");
});

test("constants have the values that they are given", () => {
  const root = module("Root", "CONSTANTS S, N\nASSUME N \\in S\nResult == {x \\in S : x # N}");
  const specification = load("Root", { Root: root }, { constants: new Map<string, Value>([["S", setOf([1, 2, 3])], ["N", 2]]) });
  expect(printed(() => specification.evaluate("Result"))).toBe("{1, 3}");
  expect(specification.violatedAssumption()).toBeUndefined();
  const wrong = load("Root", { Root: root }, { constants: new Map<string, Value>([["S", setOf([1, 2, 3])], ["N", 5]]) });
  expect(wrong.violatedAssumption()?.message).toBe("Root:4:1: the assumption is false");
});

test("modules for proofs resolve, and theorems say nothing", () => {
  const root = module("Root", "Result == 1\nTHEOREM Result = 1\n<1>1. Result = 1 BY DEF Result\n<1> QED BY <1>1", "EXTENDS TLAPS, Naturals");
  expect(value({ Root: root })).toBe("1");
});
