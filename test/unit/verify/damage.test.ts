import { afterEach, beforeEach, expect, test } from "vitest";
import { damageReport, damageText } from "./damage.ts";
import { RingTrace, specDirectory } from "./ring-trace.ts";

let trace: RingTrace;
beforeEach(() => (trace = new RingTrace()));
afterEach(() => trace.remove());

test("damages of a line are made, judged and counted", async () => {
  const run = trace.create("n1").pass("n1", "n2").take("n2", "n1").pass("n2", "n1").take("n1", "n2").tell("n1", 2).done();
  const report = await damageReport({ run, specDirectory, module: "TokenTrace" });
  const rows = report.byKind;
  // The very last line may be missing: the run may have ended before it.
  expect(rows["drop"]).toEqual({ made: 6, rejected: 5 });
  expect(rows["duplicate"]).toEqual({ made: 6, rejected: 6 });
  expect(rows["swap"]).toEqual({ made: 4, rejected: 4 });
  // Of hidden ones the ring's specification must notice what happens in the wrong order, twice, or not at all.
  expect(rows["hidden swap"]).toEqual({ made: 4, rejected: 4 });
  expect(new Set(report.accepted.filter(({ kind, hidden }) => kind === "duplicate" && hidden).map(({ name }) => name))).toEqual(new Set(["hidden duplicate AdvanceCommitIndex"]));
  const noticed = ["to", "from", "node", "event", "seq", "group", "incarnation"];
  const accepted = new Set(report.accepted.filter(({ kind }) => kind === "field").map(({ name }) => name.split(".").at(-1)!));
  for (const field of noticed) expect(accepted, field).not.toContain(field);
  expect(damageText(report)).toContain(`${report.rejected} of ${report.total} damages rejected`);
  expect(report.rejected + report.accepted.length).toBe(report.total);
});

test("a sample is spread over all damages", async () => {
  const run = trace.create("n1").pass("n1", "n2").take("n2", "n1").done();
  const report = await damageReport({ run, specDirectory, module: "TokenTrace", most: 20 });
  expect(report.total).toBe(20);
  expect(Object.keys(report.byKind).length).toBeGreaterThan(2);
});
