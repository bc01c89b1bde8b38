/**
 * What traces cost: `npm run bench:tracing`. Two clusters, one as it is, one of a copy of the program whose trace writer forms
 * and writes no lines; they are driven in turn, second by second, and each pair of seconds gives a ratio. What makes the
 * events, and the digests in them, goes on in both.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { transformSync } from "esbuild";
import { temporaryDirectory } from "./children.ts";
import { type Cluster, programRoot, startBlixard } from "./clusters.ts";
import type { LoadOrder } from "./load-order.ts";
import { LoadGenerator, type Measurement } from "./measure.ts";
import { median, medians } from "./medians.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1,64,256" },
    pairs: { type: "string", default: "20" },
    seconds: { type: "string", default: "1" },
    "warm-up": { type: "string", default: "0.3" },
    json: { type: "boolean", default: false },
  },
});

/** A copy of the program, as it would be installed, with another trace writer. */
function programWithoutLines(directory: string): string {
  const root = join(directory, "program");
  mkdirSync(root);
  const { files } = JSON.parse(readFileSync(join(programRoot, "package.json"), "utf8")) as { readonly files: readonly string[] };
  for (const part of [...files, "package.json"]) cpSync(join(programRoot, part), join(root, part), { recursive: true });
  symlinkSync(join(programRoot, "node_modules"), join(root, "node_modules"));
  const writer = join(root, "dist", "trace", "writer.js");
  if (!existsSync(writer)) throw new Error(`the trace writer is not at ${writer} any more`);
  const silent = readFileSync(fileURLToPath(new URL("silent-trace-writer.ts", import.meta.url)), "utf8");
  writeFileSync(writer, transformSync(silent, { loader: "ts", target: "node20", format: "esm" }).code);
  return root;
}

/** Bytes of traces that a cluster has written. */
function traceBytes(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".jsonl"));
  return files.reduce((sum, path) => sum + statSync(join(directory, path)).size, 0);
}

interface Side {
  readonly cluster: Cluster;
  readonly generator: LoadGenerator;
  readonly measured: Measurement[];
}

async function second({ cluster, generator, measured }: Side, clients: number): Promise<number> {
  const order: LoadOrder = {
    ...{ target: "blixard-stream", port: await cluster.leader(), clients, connections: 1 },
    ...{ warmUpSeconds: Number(values["warm-up"]), seconds: Number(values.seconds), valueBytes: 256, keys: 10_000 },
  };
  const measurement = await generator.measure(cluster, order);
  measured.push(measurement);
  return measurement.operationsPerSecond;
}

async function compare(traced: Omit<Side, "measured">, silent: Omit<Side, "measured">, clients: number) {
  const [one, other] = [{ ...traced, measured: [] as Measurement[] }, { ...silent, measured: [] as Measurement[] }];
  // The first second of each is not counted: code gets warm, connections are made.
  for (const side of [one, other]) await second({ ...side, measured: [] }, clients);
  const ratios: number[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    // Whoever comes second may find the disk as the first left it: they take turns in that, too.
    const rates = new Map<Side, number>();
    for (const side of pair % 2 === 0 ? [one, other] : [other, one]) rates.set(side, await second(side, clients));
    ratios.push((rates.get(one) as number) / (rates.get(other) as number));
  }
  const sorted = [...ratios].sort((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  const [withTraces, without] = [medians(one.measured), medians(other.measured)];
  return {
    clients,
    ratio: median(ratios),
    lowerQuarter: sorted[quarter] as number,
    upperQuarter: sorted[sorted.length - 1 - quarter] as number,
    tracedPerSecond: withTraces.operationsPerSecond,
    silentPerSecond: without.operationsPerSecond,
    cpuRatio: withTraces.cpuSecondsPer1000 / without.cpuSecondsPer1000,
    otherCpus: median([...one.measured, ...other.measured].map(({ otherCpus }) => otherCpus)),
    writtenRatio: withTraces.writtenBytesPerOperation / without.writtenBytesPerOperation,
  };
}

const directory = temporaryDirectory();
const [tracedIn, silentIn] = [join(directory, "traced"), join(directory, "silent")];
const traced = { cluster: await startBlixard(tracedIn, []), generator: await LoadGenerator.start(join(directory, "load-traced.log")) };
const silent = { cluster: await startBlixard(silentIn, [], { root: programWithoutLines(directory) }), generator: await LoadGenerator.start(join(directory, "load-silent.log")) };
const found = [];
if (!values.json) process.stdout.write("clients  ratio   half of the pairs  traced/s  silent/s  CPU ratio  bytes ratio  other CPUs\n");
for (const clients of values.clients.split(",").map(Number)) {
  const result = await compare(traced, silent, clients);
  found.push(result);
  const half = `${result.lowerQuarter.toFixed(3)} to ${result.upperQuarter.toFixed(3)}`;
  const figures = [result.tracedPerSecond.toFixed(0).padStart(10), result.silentPerSecond.toFixed(0).padStart(10), result.cpuRatio.toFixed(3).padStart(11), result.writtenRatio.toFixed(3).padStart(13), result.otherCpus.toFixed(2).padStart(12)];
  if (!values.json) process.stdout.write(`${String(clients).padStart(7)}  ${result.ratio.toFixed(3)}  ${half.padStart(18)}${figures.join("")}\n`);
}
// One must have written lines, and the other none, or nothing was compared.
if (traceBytes(tracedIn) === 0 || traceBytes(silentIn) !== 0) throw new Error(`traces: ${traceBytes(tracedIn)} bytes with, ${traceBytes(silentIn)} without`);
if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
for (const { cluster, generator } of [traced, silent]) {
  await generator.stop();
  await cluster.stop();
}
process.exit(0);
