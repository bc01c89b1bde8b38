import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parseConfiguration } from "../../../src/tla/configuration.ts";
import { checkModel, type ModelResult } from "../../../src/tla/model.ts";
import { loadSpecification } from "../../../src/tla/specification.ts";
import { printValue } from "../../../src/tla/values.ts";
import { loadGrammar } from "../../../src/verify/grammar.ts";

const parse = await loadGrammar();
const modules = new Map(
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".tla"))
    .map((file) => [basename(file, ".tla"), readFileSync(join(import.meta.dirname, file), "utf8")]),
);

function check(root: string, configuration: string): ModelResult {
  const read = parseConfiguration(configuration);
  const { constants, overrides, moduleOverrides } = read;
  const search = checkModel(loadSpecification({ root, modules, parse, constants, overrides, moduleOverrides }), read);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

function trace(result: ModelResult): string[] {
  return result.violation!.trace.map((state) => state.variables.map((name) => printValue(state.get(name))).join(" "));
}

// Two jugs of 3 and 5: of the 24 pairs only those with a full or an empty jug can be reached, which are 16, and each state has
// six successors: 16 * 6 + 1 generated. (4 gallons stand in the big jug at the seventh state, as the film shows.)
test("the two jugs", () => {
  const all = check("DieHard", "SPECIFICATION Spec INVARIANT TypeOK");
  expect(all).toMatchObject({ distinct: 16, generated: 97, depth: 8, violation: undefined, unchecked: ["WF_vars(Next)"] });
  const solved = check("DieHard", "INIT Init NEXT Next INVARIANTS TypeOK NotSolved");
  expect(solved.violation).toMatchObject({ kind: "invariant", name: "NotSolved" });
  expect(trace(solved)).toEqual(["0 0", "0 5", "3 2", "0 2", "2 0", "2 5", "3 4"]);
});

test("counters: (Max + 1)^Node states, N * Max * (Max + 1)^(N - 1) steps, one state for all renamings under symmetry", () => {
  const constants = "INIT Init NEXT Next CONSTANTS Node = {a, b, c} Max = 4 INVARIANT TypeOK";
  expect(check("Grid", `${constants} CHECK_DEADLOCK FALSE`)).toMatchObject({ distinct: 125, generated: 1 + 3 * 4 * 25, depth: 13, violation: undefined });
  // Multisets of three numbers from 0..4: C(7, 3).
  expect(check("Grid", `${constants} CHECK_DEADLOCK FALSE SYMMETRY Symmetric`)).toMatchObject({ distinct: 35, depth: 13 });
  // Inside the constraint 4^3 states; each has three successors, also those that lead outside.
  expect(check("Grid", `${constants} CONSTRAINT Small`)).toMatchObject({ distinct: 64, generated: 1 + 3 * 64, depth: 10, violation: undefined });
  const stuck = check("Grid", constants);
  expect(stuck.violation?.kind).toBe("deadlock");
  expect(trace(stuck)).toHaveLength(13);
  // Seen by their sum only, the counters have 13 states.
  expect(check("Grid", `${constants} CHECK_DEADLOCK FALSE VIEW Sum`)).toMatchObject({ distinct: 13 });
});

test("mutual exclusion holds, the turn changes only by yielding", () => {
  const result = check("Mutex", "SPECIFICATION Spec INVARIANT MutualExclusion PROPERTIES TurnOnlyYielded Progress");
  expect(result.violation).toBeUndefined();
  expect(result.unchecked).toHaveLength(2);
});

// A queue of length k with received = r determines sent: (Size + 1) * Count states.
test("a queue: states, properties and refinement", () => {
  const constants = "SPECIFICATION Spec CONSTANTS Size = 3 Count = 5";
  const result = check("Queue", `${constants} INVARIANT InOrder PROPERTIES Bounded OneAtATime Gauges`);
  expect(result).toMatchObject({ distinct: 20, violation: undefined, unchecked: [] });
  // Send from k < 3 and Receive from k > 0: three quarters each.
  expect(result.generated).toBe(1 + 15 + 15);
  const wrong = check("Queue", "SPECIFICATION Spec CONSTANTS Size = 3 Count = 5 PROPERTY Wrong");
  expect(wrong.violation?.kind).toBe("property");
  expect(trace(wrong)).toEqual(["<<>> 0 0", "<<0>> 1 0", "<<>> 1 1"]);
  const assumption = check("Queue", "SPECIFICATION Spec CONSTANTS Size = 0 Count = 5");
  expect(assumption.violation).toMatchObject({ kind: "error", error: { message: "Queue:5:1: the assumption is false" } });
});

test("philosophers: neighbours never eat together, and all may wait", () => {
  const result = check("Philosophers", "INIT Init NEXT Next CONSTANT N = 3 INVARIANT NeighboursDoNotEat");
  expect(result.violation?.kind).toBe("deadlock");
  expect(trace(result)).toHaveLength(4);
  expect(trace(result).at(-1)?.match(/"holds"/g)).toHaveLength(3);
});

test("an error in a successor carries the way to it", () => {
  const result = check("Queue", "INIT Init NEXT Broken CONSTANTS Size = 3 Count = 5");
  expect(result.violation).toMatchObject({ kind: "error", error: { module: "Queue" } });
  expect(trace(result)).toEqual(["<<>> 0 0", "<<0>> 1 0"]);
});
