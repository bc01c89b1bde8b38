/**
 * How long nobody can write when the leader goes, beside etcd: `npm run bench:failover`. A writer that is connected to another
 * node sends a write every two milliseconds, whether the ones before were answered or not; the leader is killed, or stopped in
 * order; what is told is the longest time without an answered write from then on. Both with default settings, and at equal
 * ones (heartbeat 50 ms, election timeout 500 ms).
 */

import { parseArgs } from "node:util";
import { temporaryDirectory } from "./children.ts";
import { type Cluster, startBlixard, startEtcd } from "./clusters.ts";
import { SteadyWriter, type System, longestGap, pause } from "./steady-writer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, systems: { type: "string", default: "etcd,blixard" }, json: { type: "boolean", default: false } },
});

interface Setting {
  readonly name: string;
  readonly options: Readonly<Record<System, readonly string[]>>;
}

const settings: readonly Setting[] = [
  { name: "default", options: { etcd: [], blixard: [] } },
  {
    name: "heartbeat 50, election 500",
    options: { etcd: ["--heartbeat-interval", "50", "--election-timeout", "500"], blixard: ["--heartbeat", "50ms", "--election-timeout", "500ms"] },
  },
];

const watchMs = 6_000;
const settleMs = 2_500;

/** One leader goes; all three run again afterwards. */
async function round(system: System, cluster: Cluster, signal: NodeJS.Signals): Promise<number> {
  const leader = await cluster.leader();
  const writer = new SteadyWriter(system, cluster.ports.find((port) => port !== leader) as number);
  await pause(1_000);
  if (writer.answered.length < 50) throw new Error("too few writes were answered before the leader went");
  const since = performance.now();
  const gone = cluster.end(leader, signal);
  await pause(watchMs);
  await gone;
  const gap = longestGap(writer.answered, since);
  writer.close();
  cluster.revive(leader);
  await pause(settleMs);
  return gap;
}

function median(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[Math.floor(figures.length / 2)] as number;
}

const found: Record<string, { readonly median: number; readonly longest: number }> = {};
for (const { name, options } of settings) {
  for (const system of values.systems.split(",") as System[]) {
    const directory = temporaryDirectory();
    const start = system === "etcd" ? startEtcd(directory, options.etcd) : startBlixard(directory, [], { options: options.blixard });
    const cluster = await start;
    for (const [what, signal] of [["killed", "SIGKILL"], ["stopped", "SIGTERM"]] as const) {
      const gaps: number[] = [];
      for (let at = 0; at < Number(values.rounds); at++) gaps.push(await round(system, cluster, signal));
      const figures = { median: Math.round(median(gaps)), longest: Math.round(Math.max(...gaps)) };
      found[`${system}, ${name}, ${what}`] = figures;
      process.stdout.write(`${system.padEnd(8)} ${name.padEnd(28)} leader ${what.padEnd(8)} ${figures.median} ms without a write (longest of ${values.rounds}: ${figures.longest} ms)\n`);
    }
    await cluster.stop();
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
process.exit(0);
