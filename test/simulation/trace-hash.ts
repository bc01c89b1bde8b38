/** Prints the hash of a run's trace: `trace-hash.ts memory|sqlite OPTIONS`. */

import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationOptions } from "../../src/sim/simulation.ts";
import { simulateWithSql } from "../../src/sim/sql-disks.ts";

const [storage, text = "{}"] = process.argv.slice(2);
const options = JSON.parse(text) as SimulationOptions;
const { traceHash } = storage === "sqlite" ? await simulateWithSql(options) : simulate(options);
process.stdout.write(`${traceHash}\n`);
