/**
 * How fast clusters are simulated: `npm run bench:simulate`. For fixed seeds, virtual seconds per CPU second of the whole run:
 * simulated, every line judged, the clients' history checked. Beside it the simulation alone, and what the start of a
 * process costs, which a short run pays like a long one. A seed is a process of its own; CPU seconds count, for other work
 * on the machine.
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { SimulationOptions } from "../src/sim/simulation.ts";
import { bundleForNode } from "./bundle.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "12" },
    from: { type: "string", default: "1" },
    only: { type: "string", default: "idle,quiet,sql-idle,sql-quiet" },
  },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const program = await bundleForNode("bench/simulate-work.ts");

interface Mode {
  readonly what: string;
  readonly storage: "memory" | "sqlite";
  readonly options: Omit<SimulationOptions, "seed">;
}

/** Faults as often as with `simulate --hours`, and its clients, or none. */
const common = { nodes: 5, faults: "swarm", pace: 10 } as const;
const modes: Readonly<Record<string, Mode>> = {
  idle: { what: "no clients, an hour", storage: "memory", options: { ...common, seconds: 3_600, clients: 0 } },
  quiet: { what: "three clients, a request each every five seconds, an hour", storage: "memory", options: { ...common, seconds: 3_600, clients: 3, thinkMs: 5_000 } },
  "sql-idle": { what: "real storage, no clients, ten minutes", storage: "sqlite", options: { ...common, seconds: 600, clients: 0 } },
  "sql-quiet": { what: "real storage, three clients as above, ten minutes", storage: "sqlite", options: { ...common, seconds: 600, clients: 3, thinkMs: 5_000 } },
};

interface Measured {
  readonly start: number;
  readonly whole: number;
  readonly alone: number;
  readonly virtualSeconds: number;
  readonly lines: number;
  readonly faults: number;
  readonly acknowledged: number;
  readonly kinds: readonly string[];
  readonly failure: string | null;
  readonly peakMib: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const whole = (value: number): string => Math.round(value).toLocaleString("en");

function measure({ storage, options }: Mode, seed: number): Measured {
  const args = [program, storage, join(root, "spec"), JSON.stringify({ ...options, seed })];
  const answer = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(answer) as Measured;
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `min ${whole(sorted[0] ?? 0)}, median ${whole(sorted[Math.floor(sorted.length / 2)] ?? 0)}, max ${whole(sorted.at(-1) ?? 0)}`;
}

function runMode(name: string, mode: Mode): boolean {
  say(`\n${name}: five nodes under faults, ${mode.what}`);
  say("seed  sim s/CPU s  simulation alone  start CPU s  lines  faults  acknowledged  peak MiB  kinds of faults");
  const rates: { readonly whole: number; readonly alone: number; readonly start: number }[] = [];
  let well = true;
  for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed += 1) {
    const run = measure(mode, seed);
    const rate = { whole: run.virtualSeconds / run.whole, alone: run.virtualSeconds / run.alone, start: run.start };
    rates.push(rate);
    well &&= run.failure === null;
    const figures = [whole(rate.whole).padStart(11), whole(rate.alone).padStart(16), run.start.toFixed(2).padStart(11), whole(run.lines), whole(run.faults), whole(run.acknowledged), whole(run.peakMib)];
    say([String(seed).padStart(4), ...figures, run.kinds.join(","), ...(run.failure === null ? [] : [`FAILED: ${run.failure}`])].join("  "));
  }
  say(`whole run: ${spread(rates.map((rate) => rate.whole))} simulated seconds per CPU second`);
  say(`simulation alone: ${spread(rates.map((rate) => rate.alone))}; start of a process: ${(rates.reduce((sum, { start }) => sum + start, 0) / rates.length).toFixed(2)} CPU s`);
  return well;
}

let well = true;
for (const name of values.only.split(",")) {
  const mode = modes[name];
  if (mode === undefined) throw new Error(`there is no mode ${name}; known are ${Object.keys(modes).join(", ")}`);
  well = runMode(name, mode) && well;
}
process.exitCode = well ? 0 : 8;
