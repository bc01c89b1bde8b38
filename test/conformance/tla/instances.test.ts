import { join } from "node:path";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { modelError, modelText } from "../../../src/verify/model-report.ts";
import { runModel } from "../../../src/verify/model-run.ts";
import { exploreCluster, exploreRaft } from "./seeded-raft.ts";
import { makeTrace } from "./foreign/make-trace.ts";

const scratch = mkdtempSync(join(tmpdir(), "blixard-model-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("consensus, two voters, three terms, one restart: every state is as it should be", () => {
  const result = exploreRaft({ voters: "{a, b}", bounds: { MaxTerm: 3, MaxLog: 3, MaxMessages: 5, MaxPending: 1, MaxRestarts: 1 } });
  expect(result.violation).toBeUndefined();
  expect(result.complete).toBe(true);
  expect(result.distinct).toBeGreaterThan(1000);
}, 300_000);

// One entry and one term less than spec/MCJoint.cfg has: no election in the middle.
test("consensus, a learner takes the place of a voter by a joint configuration: every state is as it should be", () => {
  const bounds = { MaxTerm: 2, MaxLog: 4, MaxMessages: 2, MaxPending: 1, MaxRestarts: 0 };
  const result = exploreRaft({ joint: true, seed: "JointInit", voters: "{a, b}", servers: "{a, b, c}", bounds });
  expect(result.violation).toBeUndefined();
  expect(result).toMatchObject({ complete: true, distinct: 582, depth: 27 });
}, 300_000);

test("VMs, two nodes, one VM, two entries, one report: every state is as it should be", () => {
  const result = exploreCluster(undefined, 2);
  expect(result.violation).toBeUndefined();
  expect(result.complete).toBe(true);
  expect(result.distinct).toBeGreaterThan(500);
}, 900_000);

// Every model has the same states and steps, whoever explores it; symmetry must pick one representative in all threads. Both have
// some more states than one thread explores before it calls others: 9^4, and as many as there are multisets of 4 out of 18.
test.each(["", "SYMMETRY Symmetric"])("two threads find what one finds %s", async (symmetry) => {
  const configurationFile = join(scratch, `grid${symmetry.length}.cfg`);
  writeFileSync(configurationFile, `INIT Init NEXT Next CHECK_DEADLOCK FALSE CONSTANTS Node = {a, b, c, d} Max = ${symmetry === "" ? 8 : 17} INVARIANT TypeOK ${symmetry}`);
  const file = join(import.meta.dirname, "Grid.tla");
  const alone = await runModel({ file, configurationFile, workers: 1 });
  const together = await runModel({ file, configurationFile, workers: 2 });
  expect(alone.distinct).toBe(symmetry === "" ? 6561 : 5985);
  expect(together).toMatchObject({ distinct: alone.distinct, generated: alone.generated, depth: alone.depth, complete: true, threads: 2 });
}, 900_000);

test("the counterexample of two threads is as short as that of one", async () => {
  const configurationFile = join(scratch, "far.cfg");
  writeFileSync(configurationFile, "INIT Init NEXT Next CHECK_DEADLOCK FALSE CONSTANTS Node = {a, b, c, d} Max = 13 INVARIANT SumIsSmall");
  const file = join(import.meta.dirname, "Grid.tla");
  const reports = await Promise.all([1, 2].map((workers) => runModel({ file, configurationFile, workers })));
  for (const { violation } of reports) {
    // The sum grows by one a step: the first state whose sum is 40 is the 41st.
    expect(violation).toMatchObject({ kind: "invariant", name: "SumIsSmall" });
    expect(violation!.trace).toHaveLength(41);
    expect(violation!.trace[0]!.action).toBe("Init");
    expect(violation!.trace.slice(1).every(({ action }) => /^Step\([abcd]\)$/.test(action))).toBe(true);
  }
  expect(reports[1]!.threads).toBe(2);
}, 900_000);

test("a search that is cut short is undecided", async () => {
  const configurationFile = join(scratch, "cut.cfg");
  writeFileSync(configurationFile, "INIT Init NEXT Next CHECK_DEADLOCK FALSE CONSTANTS Node = {a, b, c, d} Max = 13");
  const report = await runModel({ file: join(import.meta.dirname, "Grid.tla"), configurationFile, workers: 1, maxStates: 3000 });
  expect(report.complete).toBe(false);
  expect(modelError(report)).toMatchObject({ code: "UNDECIDED", exit: 8 });
  expect(modelText(report)).toMatch(/^not complete/);
});

test("what is wrong with the files is said with file and line", async () => {
  await expect(runModel({ file: join(scratch, "None.tla") })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", exit: 2 });
  const file = join(scratch, "Bad.tla");
  writeFileSync(file, "---- MODULE Bad ----\nVARIABLE x\nInit == x = 0\nNext == x' = y\n====\n");
  await expect(runModel({ file })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("Bad.cfg") });
  writeFileSync(join(scratch, "Bad.cfg"), "INIT Init\nNEXT Next\n");
  await expect(runModel({ file })).rejects.toMatchObject({ code: "SPEC_INVALID", exit: 1, message: "Bad:4:14: y is not defined" });
  writeFileSync(join(scratch, "Bad.cfg"), "INIT Init\nNEXT Next\nINVARIENT x\n");
  await expect(runModel({ file })).rejects.toMatchObject({ code: "SPEC_INVALID", message: expect.stringContaining("Bad.cfg: line 3") });
  const live = join(scratch, "Live.tla");
  writeFileSync(live, "---- MODULE Live ----\nVARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nSometimes == []<>(x = 1)\n====\n".replace("VARIABLE", "EXTENDS Integers\nVARIABLE"));
  writeFileSync(join(scratch, "Live.cfg"), "INIT Init\nNEXT Next\nPROPERTY Sometimes\n");
  await expect(runModel({ file: live })).rejects.toMatchObject({ code: "SPEC_INVALID", message: expect.stringMatching(/^Live:6: the property Sometimes asks for liveness/) });
  await expect(runModel({ file: live, safetyOnly: true })).resolves.toMatchObject({ complete: true, distinct: 2, unchecked: ["[]<>(x = 1)"] });
});

// The way traces are checked elsewhere: the specification reads the file, and a model checker looks for the one path through it.
test("a trace specification written for a model checker", async () => {
  const trace = join(scratch, "trace.ndjson");
  const lines = makeTrace(500);
  const file = join(import.meta.dirname, "foreign", "TraceReplica.tla");
  const run = (of: readonly unknown[]) => {
    writeFileSync(trace, of.map((line) => JSON.stringify(line)).join("\n"));
    process.env.TRACE = trace;
    return runModel({ file, workers: 1 });
  };
  expect(await run(lines)).toMatchObject({ complete: true, violation: undefined, distinct: lines.length + 1, depth: lines.length + 1 });
  const damaged = lines.map((line, index) => (index === 400 ? { ...line, commit: (line.commit as number) + 1 } : line));
  const { violation, depth } = await run(damaged);
  expect(violation).toMatchObject({ kind: "postcondition", name: "TraceAccepted" });
  expect(depth).toBe(401);
}, 300_000);
