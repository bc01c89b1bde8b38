/**
 * A cluster with much in it: `npm run bench:large -- --keys 1000000`. Fills three daemons, then tells the longest time without
 * an answered write while rows are written, the log is compacted, a follower restarts, and a node joins by snapshot; how long the
 * restart took; and how fast the joiner caught up. `--node-options=--cpu-prof`: for the daemons.
 */

import { parseArgs } from "node:util";
import { connectClient } from "../src/transport/client.ts";
import { openSession } from "../src/transport/session.ts";
import { temporaryDirectory } from "./children.ts";
import { startBlixard, startJoiner } from "./clusters.ts";
import { SteadyWriter, longestGap, pause } from "./steady-writer.ts";

const { values } = parseArgs({
  options: { keys: { type: "string", default: "1000000" }, "value-bytes": { type: "string", default: "100" }, "node-options": { type: "string", default: "" }, json: { type: "boolean", default: false } },
});
const nodeOptions = values["node-options"].split(" ").filter(Boolean);
const keys = Number(values.keys);
const value = "v".repeat(Number(values["value-bytes"]));
const stateBytes = keys * (value.length + 15);
const found: Record<string, number> = { keys, megabytes: Math.round(stateBytes / 1e6) };

function tell(what: string, name: string, figure: number, unit: string): void {
  found[name] = Number(figure.toFixed(1));
  process.stdout.write(`${what.padEnd(56)} ${figure.toFixed(1)} ${unit}\n`);
}

async function fill(port: number): Promise<void> {
  const session = openSession(`127.0.0.1:${port}`, { timeoutMs: 60_000 });
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < keys) await session.put(`/large/${String(next++).padStart(8, "0")}`, value);
  };
  await Promise.all(Array.from({ length: 512 }, one));
  session.close();
}

async function appliedAt(port: number): Promise<number | undefined> {
  const client = connectClient(`127.0.0.1:${port}`, { timeoutMs: 500 });
  try {
    return (await client.cluster.nodeStatus({})).groups[0]?.appliedIndex;
  } catch {
    return undefined;
  } finally {
    client.close();
  }
}

/** Milliseconds until the node at `port` has applied `index`. */
async function caughtUp(port: number, index: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const applied = await appliedAt(port);
    if (applied !== undefined && applied >= index) return performance.now() - began;
    if (performance.now() - began > 300_000) throw new Error(`the node on port ${port} is at ${applied}, not at ${index}`);
    await pause(20);
  }
}

/** The longest time without an answered write while `work` is done. */
async function during(port: number, work: () => Promise<void>): Promise<number> {
  const writer = new SteadyWriter("blixard", port);
  await pause(1_000);
  const since = performance.now();
  await work();
  const gap = longestGap(writer.answered, since);
  writer.close();
  return gap;
}

const directory = temporaryDirectory();
const cluster = await startBlixard(directory, nodeOptions);
const leader = await cluster.leader();
const [follower] = cluster.ports.filter((port) => port !== leader);
const began = performance.now();
await fill(leader);
tell(`${keys} keys, ${found.megabytes} MB, written at`, "fillPerSecond", keys / ((performance.now() - began) / 1000), "keys/s");
tell("longest time without a write, 20 s of writes", "pauseMs", await during(leader, () => pause(20_000)), "ms");

await cluster.end(follower as number, "SIGTERM");
const index = (await appliedAt(leader)) as number;
let restartMs = 0;
const gap = await during(leader, async () => {
  cluster.revive(follower as number);
  restartMs = await caughtUp(follower as number, index);
});
tell("a follower restarts and has caught up after", "restartMs", restartMs, "ms");
tell("  longest time without a write meanwhile", "restartPauseMs", gap, "ms");

const joiner = await startJoiner(directory, leader, "n4", nodeOptions);
const target = (await appliedAt(leader)) as number;
let joinMs = 0;
const joinGap = await during(leader, async () => {
  const since = performance.now();
  const caught = caughtUp(joiner.port, target).then(() => (joinMs = performance.now() - since));
  await joiner.join();
  await caught;
});
tell("an empty node joins and has caught up after", "joinMs", joinMs, "ms");
tell("  that is", "joinMegabytesPerSecond", stateBytes / 1e6 / (joinMs / 1000), "MB/s");
tell("  longest time without a write meanwhile", "joinPauseMs", joinGap, "ms");
await joiner.stop();
await cluster.stop();
if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
process.exit(0);
