/** One measurement of `verify.ts`, in a process of its own, so that its memory is its own. */

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { simulate } from "../src/sim/simulate.ts";
import { writeTraces } from "../src/sim/write-traces.ts";
import { verifyTraces } from "../src/verify/check.ts";
import { runModel } from "../src/verify/model-run.ts";
import { LongTrace } from "../test/unit/verify/long-trace.ts";

const [work = "", ...args] = process.argv.slice(2);
const say = (answer: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify({ ...answer, peakMib: process.resourceUsage().maxRSS / 1024 })}\n`);

/** A three-node run without faults, of at least so many lines. */
function makeTrace(directory: string, atLeast: number): void {
  for (let seconds = Math.ceil(atLeast / 250); ; seconds *= 2) {
    const result = simulate({ seed: 1, nodes: 3, seconds, faults: [], clients: 8 });
    if (result.stats.lines < atLeast && result.problems.length === 0) continue;
    writeTraces(result, directory);
    say({ lines: result.stats.lines, problems: result.problems });
    return;
  }
}

/** A run of writes without faults, of at least so many lines, written as it is made. */
function makeLongTrace(directory: string, atLeast: number): void {
  const files = new Map<string, { readonly descriptor: number; text: string }>();
  const flush = (file: { readonly descriptor: number; text: string }): void => {
    writeSync(file.descriptor, file.text);
    file.text = "";
  };
  const trace = new LongTrace((node, line) => {
    let file = files.get(node);
    if (file === undefined) {
      mkdirSync(join(directory, node), { recursive: true });
      files.set(node, (file = { descriptor: openSync(join(directory, node, "trace-000001-0001.jsonl"), "w"), text: "" }));
    }
    file.text += `${JSON.stringify(line)}\n`;
    if (file.text.length > 1 << 20) flush(file);
  });
  for (let writes = 0; trace.lines < atLeast; writes++) trace.write(1 + (writes % 3));
  for (const file of files.values()) {
    flush(file);
    closeSync(file.descriptor);
  }
  say({ lines: trace.lines });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** Lines per second by the clock, and lines per CPU second of the first tenth, the second and the last. */
async function judge(directory: string, specDirectory: string): Promise<void> {
  const marks: { lines: number; seconds: number }[] = [{ lines: 0, seconds: cpuSeconds() }];
  // As `blixard verify` does it with a long trace: one thread judges, which has the young generation that it needs.
  const verdict = await verifyTraces({ paths: [directory], specDirectory, jobs: 2, onProgress: ({ lines }) => marks.push({ lines, seconds: cpuSeconds() }) });
  marks.push({ lines: verdict.lines, seconds: cpuSeconds() });
  const rate = (from: number, to: number): number => {
    const inside = marks.filter(({ lines }) => lines >= verdict.lines * from && lines <= verdict.lines * to);
    const [first, last] = [inside[0]!, inside.at(-1)!];
    return (last.lines - first.lines) / (last.seconds - first.seconds);
  };
  // The first lines also pay for loading the specification and for the compiler of the engine.
  const cpuLinesPerSecond = verdict.lines / (cpuSeconds() - marks[0]!.seconds);
  say({ verdict: verdict.kind, lines: verdict.lines, cpuLinesPerSecond, seconds: verdict.seconds, linesPerSecond: verdict.lines / verdict.seconds, first: rate(0, 0.1), second: rate(0.1, 0.2), last: rate(0.9, 1) });
}

async function model(file: string, configurationFile: string, workers: string): Promise<void> {
  const begunCpu = cpuSeconds();
  const report = await runModel({ file, configurationFile, workers: Number(workers) });
  const { distinct, generated, depth, seconds, complete, violation } = report;
  say({ distinct, generated, depth, seconds, complete, violation: violation?.name ?? null, cpuSeconds: cpuSeconds() - begunCpu, statesPerMinute: (distinct / seconds) * 60, cpuStatesPerMinute: (distinct / (cpuSeconds() - begunCpu)) * 60 });
}

if (work === "make-trace") makeTrace(args[0]!, Number(args[1]));
else if (work === "make-long-trace") makeLongTrace(args[0]!, Number(args[1]));
else if (work === "judge") await judge(args[0]!, args[1]!);
else if (work === "model") await model(args[0]!, args[1]!, args[2]!);
else throw new Error(`there is no work called ${work}`);
