/** One measurement: a load generator drives a cluster, and the kernel's counters are read before and after. */

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { bundleForNode } from "./bundle.ts";
import { endChild, machineCpuSeconds, startChild, usageOf } from "./children.ts";
import type { Cluster } from "./clusters.ts";
import type { LoadMessage, LoadOrder, LoadReport } from "./load-order.ts";

export interface Measurement {
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Of all server processes. */
  readonly cpuSecondsPer1000: number;
  /** Of the process that was asked, which leads. */
  readonly leaderCpuSecondsPer1000: number;
  readonly residentBytes: number;
  readonly writtenBytesPerOperation: number;
  /** Processors' worth of time that the load generator took. */
  readonly loadCpus: number;
  readonly serverCpus: number;
  /** What everything else on the machine took, the kernel's own threads too: much of it, and the figures are worth little. */
  readonly otherCpus: number;
}

/** A load generator that stays for many measurements of one system, so that its code is warm. */
export class LoadGenerator {
  private readonly child: ChildProcess;
  private readonly log: string;

  private constructor(program: string, log: string) {
    this.log = log;
    this.child = startChild(process.execPath, [program], log, true);
  }

  /** `log`: where it complains. */
  static async start(log: string): Promise<LoadGenerator> {
    return new LoadGenerator(await bundleForNode("bench/load.ts"), log);
  }

  stop(): Promise<void> {
    return endChild(this.child);
  }

  async measure(cluster: Cluster, order: LoadOrder): Promise<Measurement> {
    const used = () => ({ all: usageOf(cluster.pids), leader: usageOf([cluster.pidOf(order.port)]), machine: machineCpuSeconds() });
    let before = used();
    let after = before;
    const report = await new Promise<LoadReport>((resolve, reject) => {
      const lost = (): void => reject(new Error(`the load generator ended:\n${readFileSync(this.log, "utf8").slice(-2000)}`));
      const listen = (message: LoadMessage): void => {
        if (message.kind === "begin") before = used();
        if (message.kind === "end") after = used();
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
    const cpuSeconds = after.all.cpuSeconds - before.all.cpuSeconds;
    return {
      operationsPerSecond: operations / seconds,
      p50Ms,
      p99Ms,
      p999Ms,
      cpuSecondsPer1000: (cpuSeconds / operations) * 1000,
      leaderCpuSecondsPer1000: ((after.leader.cpuSeconds - before.leader.cpuSeconds) / operations) * 1000,
      residentBytes: after.all.residentBytes,
      writtenBytesPerOperation: (after.all.writtenBytes - before.all.writtenBytes) / operations,
      loadCpus: loadCpuSeconds / seconds,
      serverCpus: cpuSeconds / seconds,
      otherCpus: Math.max(0, (after.machine - before.machine - cpuSeconds - loadCpuSeconds) / seconds),
    };
  }
}
