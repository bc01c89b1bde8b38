/** One run of `simulate.ts`, in a process of its own, so that its start and its memory are its own. */

import { checkedRun, failureOf } from "../src/commands/simulated-run.ts";
import { runWithoutLines } from "../src/sim/line-stream.ts";
import { simulateWithSql } from "../src/sim/sql-disks.ts";
import type { SimulationOptions } from "../src/sim/simulation.ts";

const [storageWord, specDirectory = "", optionsText = "{}"] = process.argv.slice(2);
const storage = storageWord === "sqlite" ? "sqlite" : "memory";
const options = JSON.parse(optionsText) as SimulationOptions;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

async function alone(): Promise<number> {
  const from = cpuSeconds();
  if (storage === "sqlite") await simulateWithSql(options);
  else runWithoutLines({ ...options, windowMs: 30_000 });
  return cpuSeconds() - from;
}

// A cluster of one for a second: modules are loaded, the specification is read and checked. That is the start.
await checkedRun({ seed: 1, nodes: 1, seconds: 1, faults: [], clients: 1 }, { specDirectory, storage });
const start = cpuSeconds();
const run = await checkedRun(options, { specDirectory, storage });
const whole = cpuSeconds() - start;
const { stats, faults } = run.result;
process.stdout.write(`${JSON.stringify({
  start,
  whole,
  alone: await alone(),
  virtualSeconds: stats.virtualSeconds,
  lines: stats.lines,
  faults: stats.faults,
  acknowledged: stats.acknowledged,
  kinds: faults,
  failure: failureOf(run) ?? null,
  peakMib: process.resourceUsage().maxRSS / 1024,
})}\n`);
