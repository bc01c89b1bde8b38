/**
 * Every line of every accepted sample trace, and of the one that lies about leases are made from, is damaged in every way
 * that `damage.ts` knows; what the judge accepts must be argued to be harmless in `harmless.ts`, by name. `damage-report.ts`
 * prints all of it.
 */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { verifyTraces } from "../../../src/verify/check.ts";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import { damagedFiles, damageReport, type DamageReport, damageText, joined, planned, sampleOf } from "../../unit/verify/damage.ts";
import { Replay } from "../../unit/verify/replay.ts";
import { filesOf, writeFiles } from "../../unit/verify/run-files.ts";
import { argumentFor } from "./harmless.ts";

const accepted = resolve(import.meta.dirname, "../../../traces/accepted");
const samples = [...readdirSync(accepted).sort(), "../../test/conformance/samples/worker-paused"];
const specDirectory = ownSpecDirectory();
/** Of all samples together: what is judged in about 20 s. `damage-report.ts` judges all. */
const mostDamages = 20_000;

const reports: DamageReport[] = [];
const scratch = mkdtempSync(join(tmpdir(), "blixard-damage-"));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  if (reports.length > 0) console.log(damageText(joined(reports)).split("\n").slice(0, 8).join("\n"));
});

test.each(samples)("%s: what the judge accepts of damages is harmless", { timeout: 120_000 }, async (sample) => {
  const report = await damageReport({ run: join(accepted, sample), specDirectory, most: Math.floor(mostDamages / samples.length) });
  reports.push(report);
  expect(report.undecided).toEqual([]);
  const unargued = report.accepted.filter((damage) => argumentFor(damage) === undefined);
  expect(unargued.map(({ what }) => what)).toEqual([]);
  expect(report.rejected / report.total).toBeGreaterThan(0.94);
  // What shows in the numbers of lines is always noticed, but for the last line of a file.
  for (const [kind, { made, rejected }] of Object.entries(report.byKind)) {
    if (kind === "duplicate" || kind === "swap") expect([kind, rejected]).toEqual([kind, made]);
  }
});

test("files with the same damage get the same verdict", { timeout: 120_000 }, async () => {
  const files = filesOf(join(accepted, samples[0]!));
  const replay = await Replay.of(files, { specDirectory });
  for (const plan of sampleOf([...planned(files)], 40)) {
    const damaged = damagedFiles(files, plan);
    writeFiles(scratch, damaged);
    const { kind } = await verifyTraces({ paths: [scratch], specDirectory });
    expect([plan.damage.what, kind]).toEqual([plan.damage.what, replay.judge(damaged).kind]);
  }
});
