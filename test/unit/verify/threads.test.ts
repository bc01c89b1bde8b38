import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type VerifyOptions, verifyRuns, type VerifyResult } from "../../../src/verify/check.ts";
import type { Verdict } from "../../../src/verify/verdict.ts";
import { RingTrace, specDirectory } from "./ring-trace.ts";

const rings: RingTrace[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring.remove();
});

function ring(): RingTrace {
  const made = new RingTrace();
  rings.push(made);
  return made;
}

/** A run of its own. */
function run(trace: RingTrace): string {
  writeFileSync(join(trace.root, "verdict.json"), "{}");
  return trace.done();
}

/** Times and how often laws were evaluated behind the first objection depend on who judges. */
function comparable({ verdict, runs }: VerifyResult): unknown {
  const plain = ({ seconds: _seconds, evaluations: _evaluations, ...rest }: Verdict): unknown => rest;
  return { verdict: plain(verdict), runs: runs.map((one) => ({ ...one, verdict: plain(one.verdict) })) };
}

async function sameByThreads(options: Pick<VerifyOptions, "paths" | "keepGoing">): Promise<VerifyResult> {
  const all = { specDirectory, module: "TokenTrace", ...options };
  const one = await verifyRuns(all);
  const several = await verifyRuns({ ...all, jobs: 2 });
  expect(comparable(several)).toEqual(comparable(one));
  return several;
}

test("several runs in several threads get the verdict that one thread gives", { timeout: 300_000 }, async () => {
  const good = (): string => run(ring().create("n1").pass("n1", "n2").take("n2", "n1"));
  const bad = (): string => run(ring().create("n1").pass("n1", "n2").pass("n1", "n2"));
  expect(await sameByThreads({ paths: [good(), good(), good()] })).toMatchObject({ verdict: { kind: "accepted", runs: 3, steps: 9 } });
  const paths = [good(), bad(), good(), bad()];
  const stopped = await sameByThreads({ paths });
  expect(stopped).toMatchObject({ verdict: { kind: "rejected", runs: 2, steps: 5 }, runs: [{ run: paths[0] }, { run: paths[1] }] });
  const gone = await sameByThreads({ paths, keepGoing: true });
  expect(gone.runs.map(({ verdict }) => verdict.kind)).toEqual(["accepted", "rejected", "accepted", "rejected"]);
  expect(gone.verdict).toMatchObject({ kind: "rejected", runs: 2 });
});

test("groups of one run are dealt out to threads", { timeout: 300_000 }, async () => {
  const good = ring().create("n1").create("n2", "shard-1").create("n1", "shard-2").pass("n1", "n2").pass("n2", "n1", "shard-1").take("n2", "n1");
  expect(await sameByThreads({ paths: [good.done()] })).toMatchObject({ verdict: { kind: "accepted", groups: { meta: 3, "shard-1": 2, "shard-2": 1 }, runs: 1 } });
  // The first objection counts, whoever makes it.
  const bad = ring().create("n1").create("n2", "shard-1").pass("n1", "n2").take("n1", "n2", "shard-1").create("n2").create("n1", "shard-1");
  expect(await sameByThreads({ paths: [bad.done()] })).toMatchObject({ verdict: { kind: "rejected", event: { group: "shard-1", event: "HandleTimeoutNowRequest" } } });
});

test("what goes wrong in a thread is told as everywhere", { timeout: 300_000 }, async () => {
  const paths = [run(ring().create("n1")), run(ring().create("n1"))];
  await expect(verifyRuns({ paths, specDirectory: paths[0]!, jobs: 2 })).rejects.toMatchObject({ name: "UserError", code: "SPEC_INVALID" });
  await expect(verifyRuns({ paths: ["/nowhere/at/all"], specDirectory, jobs: 2 })).rejects.toMatchObject({ code: "NOT_FOUND" });
});
