/**
 * `npm run planted`: plants every known mistake, one by one, and tells what noticed it; then the same runs without it, in
 * which nothing may be found. Exits 1 when a mistake is missed, or something is found where none is.
 */

import { parseArgs } from "node:util";
import { plantedBug, plantedNames } from "../../src/sim/planted-bugs.ts";
import { knownSeeds, recordSeeds } from "./planted-known.ts";
import { countOf, tableOf } from "./planted-report.ts";
import { Control, quickBounds, search } from "./planted-search.ts";
import type { Search } from "./planted-search.ts";

const { values: options } = parseArgs({
  options: {
    /** Begin with the seed that is known to show it. */
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    /** Names, divided by commas. */
    only: { type: "string" },
    /** Note the seeds that were found. */
    record: { type: "boolean", default: false },
    /** CPU seconds for each mistake. */
    seconds: { type: "string", default: "300" },
  },
});

const names = options.only === undefined ? plantedNames : options.only.split(",").map((name) => plantedBug(name).name);
const known = knownSeeds();
const searches: Search[] = [];
const control = new Control();
for (const name of names) {
  const bounds = options.quick ? quickBounds(known[name]?.seed ?? 1) : { firstSeed: 1, seeds: Infinity, cpuSeconds: Number(options.seconds) };
  const found = await search(name, bounds);
  searches.push(found);
  control.add(name, bounds.firstSeed, found.seeds);
  process.stderr.write(`${found.caught === undefined ? "MISSED" : "caught"} ${name} ${found.caught?.seed ?? ""} ${found.caught?.by ?? found.instead ?? ""} ${found.cpuSeconds.toFixed(1)} s\n`);
}
const findings = await control.findings();
if (options.record) recordSeeds(searches, plantedNames);

if (options.json) {
  process.stdout.write(`${JSON.stringify({ searches, control: { runs: control.size, findings } }, null, 2)}\n`);
} else {
  for (const finding of findings) process.stdout.write(`nothing was planted, and yet: ${finding}\n`);
  process.stdout.write(`${tableOf(searches)}\n\n${control.size} runs with nothing planted: ${findings.length === 0 ? "nothing found" : `${findings.length} FINDINGS`}\n`);
  process.stdout.write(`${countOf(searches)}\n`);
}
process.exitCode = findings.length === 0 && searches.every(({ caught }) => caught !== undefined) ? 0 : 1;
