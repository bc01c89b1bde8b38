/**
 * Committed writes and linearizable reads per second, beside a three-node etcd on the same disk: `npm run bench`. Both have their default
 * settings, fsync on; blixard writes its traces. The two are driven in turn, round after round, by the same load
 * generator, connected to the leader.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { temporaryDirectory } from "./children.ts";
import { type Cluster, startBlixard, startEtcd } from "./clusters.ts";
import type { LoadOrder, Target } from "./load-order.ts";
import { LoadGenerator, type Measurement } from "./measure.ts";
import { medians } from "./medians.ts";
import { type Row, ratiosOf, tableOf } from "./report.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1,16,64,256,1000" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    "warm-up": { type: "string", default: "1" },
    "value-bytes": { type: "string", default: "256" },
    keys: { type: "string", default: "10000" },
    connections: { type: "string", default: "4" },
    sessions: { type: "string", default: "1" },
    targets: { type: "string", default: "etcd,blixard-stream,blixard-unary,etcd-read,blixard-read" },
    "node-options": { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});

const targets = values.targets.split(",") as Target[];
const clientCounts = values.clients.split(",").map(Number);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A session carries as many requests at once as a program has; unary calls are spread over connections, as clients of etcd do. */
function isSession(target: Target): boolean {
  return target === "blixard-stream" || target === "blixard-read";
}

function orderOf(target: Target, clients: number, port: number): LoadOrder {
  return {
    target,
    port,
    clients,
    connections: Math.min(clients, Number(isSession(target) ? values.sessions : values.connections)),
    warmUpSeconds: Number(values["warm-up"]),
    seconds: Number(values.seconds),
    valueBytes: Number(values["value-bytes"]),
    keys: Number(values.keys),
  };
}

async function startClusters(directory: string): Promise<ReadonlyMap<Target, Cluster>> {
  const clusters = new Map<Target, Cluster>();
  const theirs = targets.filter((target) => target.startsWith("etcd"));
  if (theirs.length > 0) {
    if (spawnSync("etcd", ["--version"]).status !== 0) {
      say("etcd is not installed: apt install etcd-server");
      process.exit(1);
    }
    const etcd = await startEtcd(directory);
    for (const target of theirs) clusters.set(target, etcd);
  }
  const ours = targets.filter((target) => !target.startsWith("etcd"));
  if (ours.length === 0) return clusters;
  const blixard = await startBlixard(join(directory, "blixard"), values["node-options"].split(" ").filter(Boolean));
  for (const target of ours) clusters.set(target, blixard);
  return clusters;
}

async function measureAll(directory: string, clusters: ReadonlyMap<Target, Cluster>): Promise<readonly Row[]> {
  const generators = new Map<Target, LoadGenerator>();
  for (const target of targets) generators.set(target, await LoadGenerator.start(join(directory, `load-${target}.log`)));
  const rows: Row[] = [];
  for (const clients of clientCounts) {
    const rounds = new Map<Target, Measurement[]>(targets.map((target) => [target, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const target of targets) {
        const cluster = clusters.get(target) as Cluster;
        const generator = generators.get(target) as LoadGenerator;
        const measured = await generator.measure(cluster, orderOf(target, clients, await cluster.leader()));
        say(`${target} ${clients} clients: ${Math.round(measured.operationsPerSecond)}/s`);
        rounds.get(target)?.push(measured);
      }
    }
    for (const [target, measured] of rounds) rows.push({ target, clients, ...medians(measured) });
  }
  return rows;
}

const directory = temporaryDirectory();
const clusters = await startClusters(directory);
const rows = await measureAll(directory, clusters);
for (const cluster of new Set(clusters.values())) await cluster.stop();
process.stdout.write(`${tableOf(rows)}\n`);
if (values.json) process.stdout.write(`${JSON.stringify({ ratios: ratiosOf(rows) })}\n`);
process.exit(0);
