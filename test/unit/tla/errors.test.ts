import { expect, test } from "vitest";
import { TlaError } from "../../../src/tla/specification.ts";
import { load, specify } from "./specify.ts";

/** The message of loading, and then evaluating, `Result == expression`, which stands on line 3. */
function mistake(expression: string, before = ""): string {
  try {
    const specification = specify(`Result == ${expression}\n${before}`);
    specification.evaluate("Result");
  } catch (error) {
    if (error instanceof TlaError) return error.message;
    throw error;
  }
  return "no error";
}

test("errors of evaluation say what, with the values, and where", () => {
  expect(mistake("[a |-> 1].b")).toBe("M:3:11: the record [a |-> 1] has no field b");
  expect(mistake("<<1, 2>>[3]")).toBe("M:3:11: the function <<1, 2>> is applied to 3, which is not in its domain");
  expect(mistake("1 +\n  TRUE")).toBe("M:3:11: an integer expected, but the value is TRUE");
  expect(mistake("1 /\\ TRUE")).toBe("M:3:11: TRUE or FALSE expected, but the value is 1");
  expect(mistake("IF 3 THEN 1 ELSE 2")).toBe("M:3:14: TRUE or FALSE expected, but the value is 3");
  expect(mistake("CHOOSE x \\in {1} : x > 1")).toBe("M:3:11: CHOOSE finds no such element in {1}");
  expect(mistake("CASE FALSE -> 1")).toBe("M:3:11: no arm of the CASE is true, and there is no OTHER");
  expect(mistake('1 = "a"')).toBe('M:3:11: 1 and "a" are of different kinds and cannot be compared');
  expect(mistake("Head(<<>>)")).toBe("M:3:11: Head(<<>>) has no value");
  expect(mistake("Max({})")).toBe("M:3:11: Max({}) has no value");
  expect(mistake("SubSeq(<<1>>, 1, 2)")).toBe("M:3:11: SubSeq(s, 1, 2) reaches beyond the 1 elements of s");
  expect(mistake("1 \\div 0")).toBe("M:3:11: division by zero");
  expect(mistake("1 % -1")).toBe("M:3:11: % needs a positive divisor, but it is -1");
  expect(mistake("2 ^ 60")).toBe("M:3:11: the result of the arithmetic is beyond 2^53");
  expect(mistake("Cardinality(Nat)")).toBe("M:3:11: Nat cannot be enumerated");
  expect(mistake("\\A n \\in Nat : n < 10")).toBe("M:3:11: Nat cannot be enumerated");
  expect(mistake("x \\in 3", "x == 1")).toBe("M:3:11: a set expected, but the value is 3");
  expect(mistake('Assert(1 = 2, "no")')).toBe("M:3:11: Assert: no");
  expect(mistake("Deep(0)", "RECURSIVE Deep(_)\nDeep(n) == 1 + Deep(n + 1)")).toMatch(/^M:\d+:\d+: the evaluation is nested too deeply/);
});

test("an error inside a definition stands where it happens, not where the definition is used", () => {
  expect(mistake("f(5)", "f(n) ==\n  LET s == <<1>>\n  IN s[n]")).toBe("M:6:6: the function <<1>> is applied to 5, which is not in its domain");
});

test("errors of the text are found when it is loaded", () => {
  expect(mistake("unknown + 1")).toBe("M:3:11: unknown is not defined");
  expect(mistake("1 \\sqcap 2")).toBe("M:3:11: \\sqcap is not defined (is the module that defines it extended?)");
  expect(mistake("f(1, 2)", "f(x) == x")).toBe("M:3:11: f takes 1 arguments, 2 given");
  expect(mistake("Len()")).toMatch(/^M:3:\d+: syntax error/);
  expect(mistake("f(1)", "f(G(_)) == G(1)")).toBe("M:3:13: an operator with 1 parameters expected");
  expect(mistake("f", "f(x) == x")).toBe("M:3:11: f takes 1 arguments, 0 given");
  expect(mistake("1", "f == 2\nf == 3")).toBe("M:5:1: f is defined twice");
  expect(mistake("1", "I == INSTANCE Nowhere\ng == I!x")).toBe("M:4:6: there is no module Nowhere");
  expect(mistake("TRUE /\\ FALSE \\/ TRUE")).toBe("M:3:25: /\\ and \\/ conflict: put parentheses");
  expect(mistake("1 = 1 = 1")).toBe("M:3:17: = and = conflict: put parentheses");
  expect(mistake("{} \\cup {} \\cap {}")).toBe("M:3:22: \\cup and \\cap conflict: put parentheses");
  expect(mistake("2 * 3 \\div 4")).toBe("M:3:17: * and \\div conflict: put parentheses");
  expect(mistake("1.5")).toBe("M:3:11: real number cannot be evaluated");
});

test("broken text is a syntax error with its place", () => {
  expect(() => load("M", { M: "---- MODULE M ----\na == 1 +\n====\n" })).toThrow(/^M:[23]:\d+: syntax error/);
  expect(() => load("M", { M: "not TLA+ at all" })).toThrow("M:1:4: syntax error: == expected");
  expect(() => load("M", { M: "---- MODULE N ----\n====\n" })).toThrow("the text of M holds no module of that name");
  expect(() => load("M", {})).toThrow("there is no module M");
  expect(() => load("A", { A: "---- MODULE A ----\nEXTENDS B\n====\n", B: "---- MODULE B ----\nEXTENDS A\n====\n" })).toThrow(/extends or instantiates itself/);
});

test("what is not supported is kept, refused when evaluated, and listed", () => {
  const specification = specify("VARIABLE x\nInit == x = 0\nNext == x' = 1\nSpec == Init /\\ [][Next]_x /\\ WF_x(Next)\nLive == <>(x = 1)\nUses == Live /\\ TRUE\nFine == x = 0");
  const [state] = [...specification.initialStates("Init")];
  expect(() => specification.evaluate("Live", [], state)).toThrow("M:7:9: the temporal formula with <> cannot be evaluated");
  expect(specification.refusals("Uses").map((error) => error.message)).toEqual(["M:7:9: the temporal formula with <> is not supported"]);
  expect(specification.refusals("Fine")).toEqual([]);
  expect(specification.formula("Spec")).toEqual({ initial: ["Spec initial 1"], always: [], steps: ["Spec step 1"], actions: ["Spec action 1"], unchecked: [expect.objectContaining({ text: "WF_x(Next)" })] });
});

test("files, clocks and the outside world are refused without a host", () => {
  const specification = load("M", { M: '---- MODULE M ----\nEXTENDS TLC, Json, IOUtils\na == ndJsonDeserialize("f")\nb == JavaTime\nc == TLCGet("spec")\nd == IOEnv\n====\n' });
  expect(() => specification.evaluate("a")).toThrow("M:3:6: ndJsonDeserialize is not available here");
  expect(() => specification.evaluate("b")).toThrow("M:4:6: JavaTime is not available here");
  expect(() => specification.evaluate("c")).toThrow('M:5:6: TLCGet("spec") is not available here');
  expect(() => specification.evaluate("d")).toThrow("M:6:6: IOEnv is not available here");
  const lent = load("M", { M: '---- MODULE M ----\nEXTENDS TLC, Json\na == ndJsonDeserialize("f")\nb == PrintT(<<1>>)\n====\n' }, {
    host: { ndJsonDeserialize: (file) => file, print: (text) => printedLines.push(text) },
  });
  const printedLines: string[] = [];
  expect(lent.evaluate("a")).toBe("f");
  expect(lent.evaluate("b")).toBe(true);
  expect(printedLines).toEqual(["<<1>>"]);
});
