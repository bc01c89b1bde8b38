/**
 * How fast specifications are evaluated: `npm run bench:verify`. Lines per second of a three-node trace held against `spec/` by
 * one thread, with the first and the last tenth by themselves; distinct states per minute of models; a trace specification
 * written for a model checker. Each in a process of its own. CPU seconds stand beside the clock's, for other work on the machine.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeTrace } from "../test/conformance/tla/foreign/make-trace.ts";
import { bundleForNode } from "./bundle.ts";

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "50000" },
    "foreign-lines": { type: "string", default: "5000" },
    "long-lines": { type: "string", default: "1000000" },
    only: { type: "string", default: "trace,long,models,foreign" },
  },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "blixard-bench-"));
const program = await bundleForNode("bench/verify-work.ts", "src/verify/model-thread.ts", "src/verify/judging-thread.ts");
const chosen = values.only.split(",");

type Answer = Readonly<Record<string, number>>;

function work(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Answer {
  const answer = execFileSync(process.execPath, [program, ...args], { encoding: "utf8", env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(answer.trim().split("\n").at(-1)!) as Answer;
}

const whole = (value: number | undefined): string => Math.round(value ?? 0).toLocaleString("en");
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function trace(maker: string, wanted: string): void {
  const directory = join(scratch, maker);
  const made = work([maker, directory, wanted]);
  const { linesPerSecond, cpuLinesPerSecond, first, second, last, peakMib } = work(["judge", directory, join(root, "spec")]);
  say(`${whole(linesPerSecond)} lines/s  (${whole(cpuLinesPerSecond)} per CPU second; three nodes, ${whole(made.lines)} lines, one thread)`);
  rmSync(directory, { recursive: true });
  say(`  first tenth ${whole(first)}, second ${whole(second)}, last ${whole(last)} lines per CPU second; peak ${whole(peakMib)} MiB`);
}

function model(name: string, directory: string, workers: string): void {
  const { statesPerMinute, cpuStatesPerMinute, distinct, generated, seconds, peakMib } = work(["model", join(directory, `${name}.tla`), join(directory, `${name}.cfg`), workers]);
  say(`${whole(statesPerMinute)} states/min  (${whole(cpuStatesPerMinute)} per CPU minute; ${name}, ${workers} threads: ${whole(distinct)} distinct, ${whole(generated)} generated, ${seconds!.toFixed(1)} s, peak ${whole(peakMib)} MiB)`);
}

function foreign(): void {
  const file = join(scratch, "foreign.ndjson");
  const lines = makeTrace(Number(values["foreign-lines"]));
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  const directory = join(root, "test/conformance/tla/foreign");
  const { distinct, seconds, cpuSeconds } = work(["model", join(directory, "TraceReplica.tla"), join(directory, "TraceReplica.cfg"), "1"], { TRACE: file });
  say(`${whole(lines.length / seconds!)} lines/s  (trace specification for a model checker: ${whole(lines.length)} lines in ${seconds!.toFixed(1)} s, CPU ${cpuSeconds!.toFixed(1)} s, ${whole(distinct)} states)`);
}

try {
  if (chosen.includes("trace")) trace("make-trace", values.lines);
  if (chosen.includes("long")) trace("make-long-trace", values["long-lines"]);
  if (chosen.includes("models")) {
    model("Counters", join(root, "bench/models"), "1");
    model("Counters", join(root, "bench/models"), "2");
    model("MCRaft", join(root, "spec"), "1");
    model("MCRaft", join(root, "spec"), "2");
  }
  if (chosen.includes("foreign")) foreign();
} finally {
  rmSync(scratch, { recursive: true });
}
