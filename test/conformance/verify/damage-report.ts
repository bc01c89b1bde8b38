/**
 * Damages every line of every accepted sample trace in every way and tells how much the judge notices. All of them, unlike the test:
 * `npx tsx test/conformance/verify/damage-report.ts [SAMPLE…]`.
 */

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ownSpecDirectory } from "../../../src/verify/load-specification.ts";
import { damageReport, damageText, type DamageReport, joined } from "../../unit/verify/damage.ts";

const accepted = resolve(import.meta.dirname, "../../../traces/accepted");
const samples = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(accepted).sort();
const reports: DamageReport[] = [];
for (const sample of samples) {
  const began = performance.now();
  const report = await damageReport({ run: join(accepted, sample), specDirectory: ownSpecDirectory() });
  reports.push(report);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${sample}: ${report.rejected} of ${report.total} rejected, ${report.undecided.length} undecided, in ${seconds} s`);
  if (process.env["EVERY"] !== undefined) for (const { what } of report.accepted) console.log(`    ${what}`);
}
console.log(damageText(joined(reports)));
