import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/tla/configuration.ts";
import { checkModel } from "../../src/tla/model.ts";
import type { ModelResult } from "../../src/tla/model.ts";
import { loadSpecification } from "../../src/tla/specification.ts";
import { loadGrammar } from "../../src/verify/grammar.ts";

const read = (name: string): string => readFileSync(new URL(`../../spec/${name}`, import.meta.url), "utf8");

/** Explores `MCRaft` with one message less than its configuration says, so that it takes seconds. */
async function explore(change: (raft: string) => string = (raft) => raft): Promise<ModelResult> {
  const configuration = parseConfiguration(read("MCRaft.cfg").replace(/MaxMessages = \d+/, "MaxMessages = 4"));
  const modules = new Map([
    ["MCRaft", read("MCRaft.tla")],
    ["Raft", change(read("Raft.tla"))],
  ]);
  const { constants, overrides, moduleOverrides } = configuration;
  const specification = loadSpecification({ root: "MCRaft", modules, constants, overrides, moduleOverrides, parse: await loadGrammar() });
  const search = checkModel(specification, configuration);
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}

function replaced(from: string, to: string): (raft: string) => string {
  return (raft) => {
    expect(raft).toContain(from);
    return raft.replace(from, to);
  };
}

describe("the small instance of the specification", () => {
  test("keeps every law of the paper in every state", { timeout: 300_000 }, async () => {
    const result = await explore();
    expect(result.violation).toBeUndefined();
    expect(result.distinct).toBeGreaterThan(3_000);
  });

  test.for([
    ["half of the voters is a quorum", "2 * Cardinality(Q \\cap voters) > Cardinality(voters)", "2 * Cardinality(Q \\cap voters) >= Cardinality(voters)"],
    ["a vote is given twice", "newer \\/ votedFor[i] \\in {Nil, m.from}", "TRUE"],
    ["what is not durable counts", "IF durable[i].term = currentTerm[i] THEN Len(durable[i].log) ELSE 0", "Len(log[i])"],
  ] as const)("is broken when %s", { timeout: 300_000 }, async ([, from, to]) => {
    const { violation } = await explore(replaced(from, to));
    expect(["invariant", "property"]).toContain(violation?.kind);
  });
});
