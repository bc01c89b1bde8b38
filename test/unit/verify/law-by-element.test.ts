import { expect, test } from "vitest";
import { seededRandom } from "../../../src/raft/random.ts";
import type { Specification, State } from "../../../src/tla/specification.ts";
import { functionFrom, setOf, type Value } from "../../../src/tla/values.ts";
import type { LawByElement } from "../../../src/verify/law-by-element.ts";
import { Laws, type LawRules } from "../../../src/verify/laws.ts";
import { specify } from "../tla/specify.ts";

const units = `
CONSTANT Server, Two
VARIABLES a, b, c
Total(x) == a[x] + c
Ordered    == \\A i \\in Server : a[i] <= b[i]
Bounded    == \\A i \\in Server : a[i] + b[i] <= c
SeenElsewhere == \\A i \\in Server : b[i] = 3 => \\A j \\in Server : a[j] <= 4
Agree      == \\A i, j \\in Server : a[i] = a[j] => b[i] = b[j]
Behind     == Ordered
ByOperator == \\A i \\in Server : Total(i) <= 9
WithLet    == \\A i \\in Server : LET both == a[i] + b[i] IN both < 9
NoValue    == \\A i \\in Server : a[i] # 5 \\/ <<1>>[a[i]] = 1
Odd        == \\A i \\in Server, j \\in Two : a[i] # b[j]
Grows      == [][\\A i \\in Server : a'[i] >= a[i] \\/ b'[i] # b[i]]_<<a, b, c>>
Kept       == [][(\\A i \\in Server : a'[i] + c' >= b[i]) /\\ (\\A i \\in Server : b'[i] <= b[i] + 2)]_<<a, b, c>>
`;
const invariants = ["Ordered", "Bounded", "SeenElsewhere", "Agree", "Behind", "ByOperator", "WithLet", "NoValue", "Odd"];
const properties = ["Grows", "Kept"];

/** The rules of the specification; `elementwise` false: as if no law could be taken apart. */
function rulesOf(specification: Specification, elementwise: boolean): LawRules {
  const pointwise = (definition: string): LawByElement | undefined => {
    const law = specification.pointwise(definition);
    return law && { ...law, holds: (elements, state, after) => specification.holdsOf(law, elements, state, after) };
  };
  return {
    variables: specification.variables,
    holds: (invariant, state) => specification.holds(invariant, state),
    readSet: (definition) => specification.readSet(definition),
    holdsAction: (property, before, after) => specification.holdsAction(property, before, after),
    conjunctsOfStep: (property) => specification.conjunctsOfStep(property),
    ...(elementwise ? { pointwise } : {}),
  };
}

const named = (names: readonly string[]) => names.map((name) => ({ name, definition: name }));

/** Walks through random states that differ in one place or two, and tells what became of each step. */
function walk(servers: readonly string[], law: string, seed: number): { readonly broken: number; readonly kept: number } {
  const constants = new Map<string, Value>([["Server", setOf(servers)], ["Two", setOf(servers.slice(0, 2))]]);
  const specification = specify(units, {}, { constants });
  const [one, other] = [true, false].map((elementwise) => {
    return new Laws(rulesOf(specification, elementwise), named(invariants.filter((name) => name === law)), named(properties.filter((name) => name === law)));
  });
  const random = seededRandom(seed);
  const below = (most: number): number => Math.floor(random.next() * most);
  const values = new Map<string, Value>([["a", functionFrom(servers.map((name) => [name, 1]))], ["b", functionFrom(servers.map((name) => [name, 2]))], ["c", 4]]);
  let state: State = specification.state(values);
  expect(one!.breach(undefined, state)?.law).toBe(other!.breach(undefined, state)?.law);
  const counts = { broken: 0, kept: 0 };
  for (let step = 0; step < 400; step++) {
    const next = new Map(values);
    for (let change = below(3); change > 0; change--) {
      const name = ["a", "b", "c"][below(3)]!;
      const before = next.get(name)!;
      next.set(name, typeof before === "object" && "with" in before ? before.with(servers[below(servers.length)]!, below(7)) : below(8));
    }
    const after = specification.state(next);
    const [found, wanted] = [one!.breach(state, after), other!.breach(state, after)];
    expect({ law: found?.law, error: found?.error?.message }, `${law}, seed ${seed}, step ${step}`).toEqual({ law: wanted?.law, error: wanted?.error?.message });
    if (wanted !== undefined) counts.broken += 1;
    else {
      counts.kept += 1;
      state = after;
      for (const [name, value] of next) values.set(name, value);
    }
  }
  return counts;
}

test.for([...invariants, ...properties])("%s is judged alike server by server and as a whole", (law) => {
  const sums = { broken: 0, kept: 0 };
  for (const servers of [["n1", "n2", "n3"], Array.from({ length: 24 }, (_, at) => `n${at}`)]) {
    for (const seed of [1, 2]) {
      const { broken, kept } = walk(servers, law, seed);
      sums.broken += broken;
      sums.kept += kept;
    }
  }
  expect(Math.min(sums.broken, sums.kept)).toBeGreaterThan(0);
});

test("the laws of the specification that speak of servers are taken apart", () => {
  const specification = specify(units, {}, { constants: new Map([["Server", setOf(["n1"])], ["Two", setOf(["n1"])]]) });
  const parts = (name: string) => {
    const law = specification.pointwise(name);
    return law && { names: law.names, at: [...law.at].sort(), whole: [...law.whole].sort() };
  };
  expect(parts("Ordered")).toEqual({ names: 1, at: ["a", "b"], whole: [] });
  expect(parts("Behind")).toEqual(parts("Ordered"));
  expect(parts("Bounded")).toEqual({ names: 1, at: ["a", "b"], whole: ["c"] });
  expect(parts("SeenElsewhere")).toEqual({ names: 1, at: ["b"], whole: ["a"] });
  expect(parts("Agree")).toEqual({ names: 2, at: ["a", "b"], whole: [] });
  expect(parts("ByOperator")).toEqual({ names: 1, at: [], whole: ["a", "c"] });
  expect(parts("WithLet")).toBeUndefined();
  expect(specification.conjunctsOfStep("Kept").map(parts)).toEqual([{ names: 1, at: ["a", "b"], whole: ["c"] }, { names: 1, at: ["b"], whole: [] }]);
});
