import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { TraceLine } from "../../../src/trace/event.ts";
import { errorOf, verifyLines, type VerifyOptions, verifyTraces } from "../../../src/verify/check.ts";
import { verdictJson, verdictText } from "../../../src/verify/report.ts";
import type { Verdict } from "../../../src/verify/verdict.ts";
import { RingTrace, specDirectory } from "./ring-trace.ts";

const rings: RingTrace[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring.remove();
});

function ring(nodes?: string[]): RingTrace {
  const made = new RingTrace(nodes);
  rings.push(made);
  return made;
}

function verify(trace: RingTrace, options: Partial<VerifyOptions> = {}): Promise<Verdict> {
  return verifyTraces({ paths: [trace.done()], specDirectory, module: "TokenTrace", ...options });
}

test("a run that the specification allows is accepted, and told how much was looked at", async () => {
  const trace = ring().create("n1").pass("n1", "n2").take("n2", "n1").pass("n2", "n1").take("n1", "n2").tell("n1", 2);
  const verdict = await verify(trace);
  expect(verdict).toMatchObject({
    kind: "accepted",
    lines: 8,
    steps: 6,
    nodes: [{ node: "n1", lines: 5 }, { node: "n2", lines: 3 }],
    groups: { meta: 6 },
    events: { TransferLeadership: 2, HandleTimeoutNowRequest: 2, Bootstrap: 1, AdvanceCommitIndex: 1 },
    invariants: ["OneToken", "WithinLimit"],
    properties: ["RoundsGrow"],
    widest: 1,
    warnings: [],
  });
  expect(errorOf(verdict)).toBeUndefined();
  expect(verdictText(verdict)).toMatch(/^Accepted: 6 steps of 2 nodes and 1 group, in /);
  expect(JSON.parse(verdictJson(verdict))).toMatchObject({ ok: true, kind: "accepted" });
});

test("a law is not evaluated again when nothing that it reads has changed", async () => {
  const trace = ring().create("n1");
  for (let at = 0; at < 100; at++) trace.tell("n1", 0);
  const verdict = await verify(trace);
  // Two invariants in the first state, OneToken after Create, the property of the first step that left the rounds alone.
  expect(verdict.evaluations).toBe(2 + 1 + 1);
});

test("groups are judged apart from each other, and one of them alone when asked", async () => {
  const trace = ring().create("n1").create("n2", "shard-1").pass("n1", "n2").pass("n2", "n1", "shard-1").take("n2", "n1");
  expect(await verify(trace)).toMatchObject({ kind: "accepted", groups: { meta: 3, "shard-1": 2 } });
  expect(await verify(trace, { group: "shard-1" })).toMatchObject({ kind: "accepted", steps: 2 });
  expect(await verify(trace, { group: "shard-2" })).toMatchObject({ kind: "rejected", code: "TRACE_EMPTY" });
});

test("a step that is not allowed: file, line, action, the false conjunct with its values, state, context", async () => {
  const trace = ring().create("n1").pass("n1", "n2").pass("n1", "n2");
  const verdict = await verify(trace);
  expect(verdict).toMatchObject({ kind: "rejected", code: "TRACE_REFUSED", line: 4, steps: 2, event: { event: "TransferLeadership", node: "n1" } });
  if (verdict.kind !== "rejected") throw new Error("rejected");
  expect(verdict.file).toBe(join(trace.root, "n1", "trace-000001-0001.jsonl"));
  expect(verdict.differences[0]).toMatchObject({ at: "TokenRing:15", conjunct: "i \\in holders" });
  expect(verdict.differences[0]!.values).toContainEqual({ expression: "holders", value: "{}" });
  expect(verdict.stateBefore).toContainEqual({ name: "sent", value: '{[from |-> "n1", to |-> "n2"]}' });
  expect(verdict.context.map(({ event }) => event.event)).toEqual(["Header", "Header", "Bootstrap", "TransferLeadership"]);
  const error = errorOf(verdict);
  expect([error?.code, error?.exit]).toEqual(["TRACE_REFUSED", 8]);
  expect(error?.message).toContain("0001.jsonl:4: TokenTrace does not allow this TransferLeadership of node n1");
  const text = verdictText(verdict);
  for (const part of ["Rejected (TRACE_REFUSED) at", "TokenRing:15  i \\in holders", "holders = {}", "the state before", "the lines before"]) expect(text).toContain(part);
});

test("the context is the last ten lines before, in order, and of this run only", async () => {
  const long = ring().create("n1");
  for (let at = 0; at < 7; at++) long.pass("n1", "n2").take("n2", "n1").pass("n2", "n1").take("n1", "n2");
  const verdict = await verify(long.take("n1", "n2"));
  if (verdict.kind !== "rejected") throw new Error("rejected");
  const clocks = verdict.context.map(({ event }) => event.clock);
  expect(clocks).toEqual(Array.from({ length: 10 }, (_, at) => verdict.event!.clock - 10 + at));
  const first = ring().create("n1");
  const second = ring().take("n1", "n2");
  for (const trace of [first, second]) writeFileSync(join(trace.root, "verdict.json"), "{}");
  const both = await verify(first, { paths: [first.done(), second.done()] });
  expect(both).toMatchObject({ kind: "rejected", runs: 2, steps: 1, file: join(second.root, "n1", "trace-000001-0001.jsonl") });
  expect(both.kind === "rejected" && both.context.map(({ event }) => event.event)).toEqual(["Header", "Header"]);
});

test("lines in memory are held to the same as files", async () => {
  const trace = ring().create("n1").pass("n1", "n2").take("n2", "n1");
  trace.done();
  const lines = ["n1", "n2"].map((node) => {
    const text = readFileSync(join(trace.root, node, "trace-000001-0001.jsonl"), "utf8");
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as TraceLine);
  });
  const options = { specDirectory, module: "TokenTrace" };
  expect(await verifyLines(lines, options)).toMatchObject({ kind: "accepted", steps: 3, nodes: [{ name: "n1" }, { name: "n2" }] });
  expect(await verifyLines([lines[0]!.slice(0, 2), lines[1]!], options)).toMatchObject({ kind: "rejected", code: "TRACE_REFUSED", file: "n2/1", line: 2 });
  expect(await verifyLines([lines[0]!.toSpliced(1, 1), lines[1]!], options)).toMatchObject({ kind: "rejected", code: "TRACE_GAP", file: "n1/1", line: 2 });
  expect(await verifyLines([], options)).toMatchObject({ kind: "rejected", code: "TRACE_EMPTY" });
});

test("a state in which an invariant does not hold", async () => {
  const verdict = await verify(ring().create("n1").step("n2", { event: "Timeout" }));
  expect(verdict).toMatchObject({
    kind: "rejected",
    code: "INVARIANT_VIOLATED",
    law: "OneToken",
    line: 2,
    stateBefore: [{ name: "holders", value: '{"n1"}' }, { name: "sent" }, { name: "rounds" }],
    stateAfter: [{ name: "holders", value: '{"n1", "n2"}' }],
  });
  expect(verdictText(verdict)).toContain("after this step OneToken does not hold");
});

test("a step that a property of steps forbids", async () => {
  const trace = ring().create("n1").pass("n1", "n2").take("n2", "n1").step("n2", { event: "Removed", configurationIndex: 1 });
  expect(await verify(trace)).toMatchObject({ kind: "rejected", code: "INVARIANT_VIOLATED", law: "RoundsGrow" });
});

test("where the trace does not tell, every explanation is followed until lines decide", async () => {
  const open = ring().create("n1").step("n1", { event: "StepDown", reason: "lost or not" });
  expect(await verify(open)).toMatchObject({ kind: "accepted", widest: 2 });
  const kept = ring().create("n1").step("n1", { event: "StepDown", reason: "x" }).pass("n1", "n2").take("n2", "n1");
  expect(await verify(kept)).toMatchObject({ kind: "accepted", widest: 2 });
  const lost = ring().create("n1").step("n1", { event: "StepDown", reason: "x" }).create("n2");
  expect(await verify(lost)).toMatchObject({ kind: "accepted", widest: 2 });
  const neither = ring().create("n1").step("n1", { event: "StepDown", reason: "x" }).take("n2", "n1");
  expect(await verify(neither)).toMatchObject({ kind: "rejected", code: "TRACE_REFUSED" });
});

test("explanations that break a law fall away as long as one remains", async () => {
  const guesses = ring().create("n1").step("n1", { event: "Persist", count: 3 }).tell("n1", 3);
  expect(await verify(guesses)).toMatchObject({ kind: "accepted", widest: 3 });
});

test("past the bound the judge says that it does not know", async () => {
  const trace = ring().create("n1").step("n1", { event: "Persist", count: 65 }).tell("n1", 65);
  const verdict = await verify(trace);
  expect(verdict).toMatchObject({ kind: "undecided", line: 3, event: { event: "Persist" } });
  expect(errorOf(verdict)).toMatchObject({ code: "UNDECIDED", exit: 8 });
  expect(verdictText(verdict)).toContain("more than 64 states explain");
  expect(await verify(trace, { bound: 65 })).toMatchObject({ kind: "accepted", widest: 65 });
});
test("a step with more explanations than anybody could look at is undecided, not a hang", { timeout: 300_000 }, async () => {
  const verdict = await verify(ring().create("n1").step("n1", { event: "Persist", count: 2 ** 50 }));
  expect(verdict).toMatchObject({ kind: "undecided", line: 3, event: { event: "Persist" } });
});


test("a step to which TLA+ gives no value is refused, with the reason", async () => {
  const verdict = await verify(ring().create("n1").step("n1", { event: "BecomeLeader" }));
  expect(verdict).toMatchObject({ kind: "rejected", code: "TRACE_REFUSED", line: 3 });
  expect(verdict.kind === "rejected" && verdict.what).toMatch(/no value: .*CASE/);
});

test("a line that speaks of a node without a trace says so", async () => {
  const verdict = await verify(ring(["n1"]).create("n1").pass("n1", "n2"));
  expect(verdict).toMatchObject({ kind: "rejected", next: "There is no trace of node n2, of which this line speaks: give the traces of all nodes." });
});

test("faults of the files are verdicts too, and nothing checked is never a success", async () => {
  const torn = ring().create("n1");
  const path = join(torn.done(), "n1", "trace-000001-0001.jsonl");
  appendFileSync(path, '{"group"');
  expect(await verify(torn)).toMatchObject({ kind: "rejected", code: "TRACE_TORN_TAIL", file: path, line: 3 });
  expect(await verify(torn, { allowTorn: true })).toMatchObject({ kind: "accepted", warnings: [expect.stringContaining("cut off")] });
  writeFileSync(path, readFileSync(path, "utf8").split("\n").toSpliced(1, 1, "{}").slice(0, 2).join("\n") + "\n");
  expect(await verify(torn)).toMatchObject({ kind: "rejected", code: "TRACE_INVALID", line: 2 });
  expect(await verify(ring())).toMatchObject({ kind: "rejected", code: "TRACE_EMPTY", what: expect.stringContaining("nothing was checked") });
  await expect(verify(ring(), { paths: ["/nowhere/at/all"] })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a specification that is not there or wrong is no verdict about the trace", async () => {
  const trace = ring().create("n1");
  await expect(verify(trace, { specDirectory: trace.root })).rejects.toMatchObject({ code: "SPEC_INVALID" });
  const own = ring();
  for (const file of readdirSync(specDirectory)) {
    const text = readFileSync(join(specDirectory, file), "utf8");
    writeFileSync(join(own.root, file), file === "TokenTrace.cfg" ? `${text}\nINVARIANT NotThere\n` : text);
  }
  await expect(verify(trace, { specDirectory: own.root })).rejects.toMatchObject({ code: "SPEC_INVALID", message: expect.stringContaining("NotThere") as string });
});
