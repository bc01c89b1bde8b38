/** One measurement: a load generator drives a cluster, and the kernel's counters are read before and after. */

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { startChild, usageOf } from "./children.ts";
import type { Cluster } from "./clusters.ts";
import type { LoadMessage, LoadOrder, LoadReport } from "./load-order.ts";

export interface Measurement {
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Of all server processes. */
  readonly cpuSecondsPer1000: number;
  readonly residentBytes: number;
  readonly writtenBytesPerOperation: number;
  /** Processors' worth of time that the load generator took. */
  readonly loadCpus: number;
  readonly serverCpus: number;
}

/** The load generator as one file, so that it runs as plain JavaScript: what tsx adds to closures would slow it. */
export function buildLoadGenerator(directory: string): string {
  const outfile = join(directory, "load.cjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("load.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
    define: { "import.meta.url": "__url" },
    banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' },
  });
  return outfile;
}

/** A load generator that stays for many measurements of one system, so that its code is warm. */
export class LoadGenerator {
  private readonly child: ChildProcess;
  private readonly log: string;

  constructor(program: string, log: string) {
    this.log = log;
    this.child = startChild(process.execPath, [program], log, true);
  }

  async measure(cluster: Cluster, order: LoadOrder): Promise<Measurement> {
    let before = usageOf(cluster.pids);
    let after = before;
    const report = await new Promise<LoadReport>((resolve, reject) => {
      const lost = (): void => reject(new Error(`the load generator ended:\n${readFileSync(this.log, "utf8").slice(-2000)}`));
      const listen = (message: LoadMessage): void => {
        if (message.kind === "begin") before = usageOf(cluster.pids);
        if (message.kind === "end") after = usageOf(cluster.pids);
        if (message.kind !== "report") return void this.child.send({ kind: "go" });
        this.child.off("message", listen).off("exit", lost);
        resolve(message.report);
      };
      this.child.on("message", listen).once("exit", lost);
      this.child.send(order);
    });
    const { operations, failures, seconds } = report;
    if (failures > 0) throw new Error(`${failures} of ${failures + operations} writes to ${order.target} failed`);
    const { p50Ms, p99Ms, p999Ms, loadCpuSeconds } = report;
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    return {
      operationsPerSecond: operations / seconds,
      p50Ms,
      p99Ms,
      p999Ms,
      cpuSecondsPer1000: (cpuSeconds / operations) * 1000,
      residentBytes: after.residentBytes,
      writtenBytesPerOperation: (after.writtenBytes - before.writtenBytes) / operations,
      loadCpus: loadCpuSeconds / seconds,
      serverCpus: cpuSeconds / seconds,
    };
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The median of each figure by itself. */
export function medians(rounds: readonly Measurement[]): Measurement {
  const of = (key: keyof Measurement): number => median(rounds.map((round) => round[key]));
  return {
    operationsPerSecond: of("operationsPerSecond"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    p999Ms: of("p999Ms"),
    cpuSecondsPer1000: of("cpuSecondsPer1000"),
    residentBytes: of("residentBytes"),
    writtenBytesPerOperation: of("writtenBytesPerOperation"),
    loadCpus: of("loadCpus"),
    serverCpus: of("serverCpus"),
  };
}
