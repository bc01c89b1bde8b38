/**
 * Many simulated hours under all checks: `npm run simulate:ci -- --hours 600 --seed 1`. Two processes share the runs; each run
 * is an hour of another cluster. Ends with the figures, as JSON with --json; exits 8 when a run failed, with its scenario
 * written into --out.
 */

import { spawn } from "node:child_process";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { smallestScenario, writeScenario } from "../../src/commands/simulated-failure.ts";
import { RunsCount, joinedSummaries, summaryText } from "../../src/commands/simulated-report.ts";
import type { RunsSummary } from "../../src/commands/simulated-report.ts";
import { checkedRun, failureOf } from "../../src/commands/simulated-run.ts";
import { Chance } from "../../src/sim/chance.ts";
import type { SimulationOptions } from "../../src/sim/simulation.ts";
import { specDirectory } from "./specification.ts";

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "2" },
    seed: { type: "string", default: process.env["BLIXARD_SEED"] ?? "1" },
    jobs: { type: "string", default: String(Math.min(2, availableParallelism())) },
    minutes: { type: "string", default: "Infinity" },
    out: { type: "string", default: join(tmpdir(), "blixard-simulation-failures") },
    json: { type: "boolean", default: false },
    part: { type: "string" },
  },
});

const [hours, seed, jobs, minutes] = [numberOf("hours", 1), numberOf("seed", 0), numberOf("jobs", 1), numberOf("minutes", 0)];

function numberOf(name: "hours" | "seed" | "jobs" | "minutes", least: number): number {
  const value = Number(values[name]);
  if (!(value >= least) || (name !== "minutes" && !Number.isInteger(value))) throw new Error(`--${name} needs a number of at least ${least}, not ${values[name]}`);
  return value;
}

/** The hour with this number: its cluster, its faults, and how busy it is. */
function hourOf(at: number): SimulationOptions {
  const chance = new Chance(seed + at * 7_919).stream("batch");
  const busy = chance.happens(0.1);
  return {
    seed: chance.below(2 ** 31),
    nodes: 3 + chance.below(4),
    seconds: 3_600,
    faults: "swarm",
    pace: 4,
    clients: 3,
    thinkMs: busy ? 2_000 : 20_000,
  };
}

/** One process: every `jobs`-th hour, the figures as JSON on stdout at the end, a line for each hour on stderr. */
async function work(part: number): Promise<number> {
  const count = new RunsCount();
  const began = performance.now();
  let failures = 0;
  for (let at = part; at < hours && performance.now() - began < minutes * 60_000; at += jobs) {
    const options = hourOf(at);
    const run = await checkedRun(options, { specDirectory, storage: "memory" });
    count.add(run);
    const failure = failureOf(run);
    const { stats } = run.result;
    process.stderr.write(`${failure === undefined ? "ok  " : "FAIL"} hour ${at} seed ${options.seed} nodes ${options.nodes}: ${stats.faults} faults, ${stats.lines} lines, ${stats.acknowledged} acknowledged ${failure ?? ""}\n`);
    if (failure === undefined) continue;
    failures += 1;
    process.stderr.write(`${run.result.problems.slice(0, 3).join("\n")}\n`);
    const small = await smallestScenario(options, run, { specDirectory, storage: "memory", planted: undefined, shrinkSeconds: 120 });
    if (small !== undefined) process.stderr.write(`${writeScenario(small, values.out)}\n`);
  }
  process.stdout.write(`${JSON.stringify(count.summary())}\n`);
  return failures === 0 ? 0 : 8;
}

async function share(): Promise<number> {
  const began = performance.now();
  const parts = await Promise.all(Array.from({ length: jobs }, (_, part) => runPart(part)));
  const summary = joinedSummaries(parts.map((part) => part.summary));
  const wallSeconds = Math.round((performance.now() - began) / 1_000);
  process.stdout.write(values.json ? `${JSON.stringify({ seed, wallSeconds, ...summary }, null, 2)}\n` : `seed ${seed}, ${wallSeconds} s of real time\n${summaryText(summary)}\n`);
  return Math.max(...parts.map(({ status }) => status));
}

function runPart(part: number): Promise<{ status: number; summary: RunsSummary }> {
  const given = ["--hours", values.hours, "--seed", values.seed, "--jobs", values.jobs, "--minutes", values.minutes, "--out", values.out, "--part", String(part)];
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...given], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      if (text.trim() === "") reject(new Error(`part ${part} ended with ${status} and told nothing`));
      else resolve({ status: status ?? 1, summary: JSON.parse(text) as RunsSummary });
    });
  });
}

process.exitCode = values.part === undefined ? await share() : await work(Number(values.part));
