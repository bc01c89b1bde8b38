import { expect, test } from "vitest";
import { fromJson, printValue, setOf } from "../../../src/tla/values.ts";
import { specify } from "./specify.ts";

const specification = specify(`VARIABLES log, term
Init == log = [i \\in {"a", "b"} |-> <<>>] /\\ term = [i \\in {"a", "b"} |-> 1]
Append_(i, v) ==
  /\\ Len(log[i]) < 2
  /\\ term[i] = v.term
  /\\ log' = [log EXCEPT ![i] = Append(@, v)]
  /\\ UNCHANGED term
Truncate(i, k) ==
  /\\ k < Len(log[i])
  /\\ log' = [log EXCEPT ![i] = SubSeq(@, 1, k)]
  /\\ UNCHANGED term
Step(e) ==
  \\/ e.name = "append" /\\ Append_(e.node, e)
  \\/ /\\ e.name = "truncate"
     /\\ Truncate(e.node, e.index)
Pick(n) == \\E i \\in {"a", "b"} : Len(log[i]) > n /\\ UNCHANGED <<log, term>>
Twice == term' = term /\\ term' = [i \\in {"a", "b"} |-> 2] /\\ log' = log
Majority(Q, all) == 2 * Cardinality(Q \\cap all) > Cardinality(all)
Wins(votes) == Majority(votes, {"a", "b", "c"}) /\\ UNCHANGED <<log, term>>
Breaks == log["c"] = <<>> /\\ UNCHANGED <<log, term>>`);

const [start] = [...specification.initialStates("Init")];

test("the failure that came furthest stands first, with its conjunct, place, path and values", () => {
  const explanation = specification.explain(start!, "Step", [fromJson({ name: "append", node: "a", term: 3 })]);
  expect(explanation.enabled).toBe(false);
  expect(explanation.tried).toBe(2);
  const [deepest, other] = explanation.failures;
  expect(deepest).toMatchObject({ path: ["Append_"], conjunct: "term[i] = v.term", module: "M", line: 7, column: 6, progress: 2 });
  const values = deepest!.values.map(({ expression, value }) => `${expression} = ${value === undefined ? "?" : printValue(value)}`);
  expect(values).toContain("term[i] = 1");
  expect(values).toContain("v.term = 3");
  expect(values).toContain('i = "a"');
  expect(other).toMatchObject({ path: [], conjunct: 'e.name = "truncate"', line: 16, progress: 0 });
});

test("quantifiers give a failure for each branch, assignments that disagree are failures too", () => {
  const picked = specification.explain(start!, "Pick", [5]);
  expect(picked.failures.map(({ conjunct, values }) => [conjunct, values.find(({ expression }) => expression === "i")?.value])).toEqual([
    ["Len(log[i]) > n", "a"],
    ["Len(log[i]) > n", "b"],
  ]);
  const twice = specification.explain(start!, "Twice");
  expect(twice.failures[0]).toMatchObject({ conjunct: "term' = [i \\in {\"a\", \"b\"} |-> 2]", line: 19 });
});

test("an error of the evaluation is part of the explanation, an enabled action is said to be", () => {
  expect(specification.explain(start!, "Breaks").error?.message).toMatch(/^M:22:11: the function .* is applied to "c"/);
  expect(specification.explain(start!, "Step", [fromJson({ name: "append", node: "a", term: 1 })]).enabled).toBe(true);
});

test("of a conjunct that is the name of a definition it is told what the definition says", () => {
  const { failures } = specification.explain(start!, "Wins", [setOf(["a"])]);
  const values = failures[0]!.values.map(({ expression, value }) => `${expression} = ${value === undefined ? "?" : printValue(value)}`);
  expect(values).toContain('votes = {"a"}');
  expect(values).toContain('Majority: Q \\cap all = {"a"}');
  expect(values).toContain("Majority: Cardinality(all) = 3");
});
