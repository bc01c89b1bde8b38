/**
 * What growth costs: `npm run bench:growth`. The write path over the session stream, by the number of nodes, the size of
 * values and the number of keys, each point a cluster of its own; and by the number of groups, in one process without
 * a network. The figures go to `bench/growth/AXIS.json`; `npm run bench:growth:draw` makes the charts of them, here and later.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleForNode } from "./bundle.ts";
import { run, temporaryDirectory } from "./children.ts";
import { startBlixard } from "./clusters.ts";
import { type Axis, type ClusterPoint, type Figures, type GroupsPoint, type GroupsSetting, type Setting, axes, groupsSettings, inOrder, settings, valueOn } from "./growth-axes.ts";
import { tableOfPoints } from "./growth-charts.ts";
import { drawFigures } from "./growth-files.ts";
import type { LoadOrder } from "./load-order.ts";
import { LoadGenerator } from "./measure.ts";
import { medians, quietRounds, spreadOf } from "./medians.ts";

const { values } = parseArgs({
  options: {
    axis: { type: "string", default: axes.join(",") },
    /** These values of the axis only; the file keeps the others that it has. */
    at: { type: "string" },
    clients: { type: "string", default: "64,256" },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
    "warm-up": { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("growth", import.meta.url)) },
    json: { type: "boolean", default: false },
  },
});

const clientCounts = values.clients.split(",").map(Number);
const [seconds, rounds, warmUpSeconds] = [values.seconds, values.rounds, values["warm-up"]].map(Number) as [number, number, number];
/** Keys whose rows are surely on disk after a second more of warming up. */
const settledPerSecond = 50_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function tell(setting: object, clients: number, perSecond: number, otherCpus: number): void {
  say(`${JSON.stringify(setting)} ${clients} clients: ${Math.round(perSecond)} writes/s; other work took ${otherCpus.toFixed(2)} processors`);
}

/** One cluster of its own, filled, then driven by so many clients after the other. */
async function measureSetting(setting: Setting, directory: string): Promise<readonly ClusterPoint[]> {
  const cluster = await startBlixard(directory, [], { nodes: setting.nodes });
  const generator = await LoadGenerator.start(join(directory, "load.log"));
  const points: ClusterPoint[] = [];
  // What was filled in at full speed is not yet written down as rows: the first measurement begins when it is.
  let [fill, settleSeconds] = [true, setting.keys / settledPerSecond];
  for (const clients of clientCounts) {
    const measured = await quietRounds(rounds, async () => {
      const { keys, valueBytes } = setting;
      const order: LoadOrder = { target: "blixard-stream", port: await cluster.leader(), clients, connections: 1, warmUpSeconds: warmUpSeconds + settleSeconds, seconds, valueBytes, keys, fill };
      [fill, settleSeconds] = [false, 0];
      return generator.measure(cluster, order);
    });
    points.push({ ...setting, clients, ...medians(measured), ...spreadOf(measured) });
    const { operationsPerSecond, otherCpus } = points.at(-1) as ClusterPoint;
    tell(setting, clients, operationsPerSecond, otherCpus);
  }
  await generator.stop();
  await cluster.stop();
  return points;
}

const chosen = values.at?.split(",").map(Number);
const isChosen = (at: number): boolean => chosen?.includes(at) ?? true;

/** Each setting in a process of its own, so that its memory and its warmth are its own. */
async function measureGroups(setting: GroupsSetting): Promise<readonly GroupsPoint[]> {
  const program = await bundleForNode("bench/groups-work.ts");
  const order = { ...setting, clients: clientCounts, seconds, rounds, warmUpSeconds, directory: temporaryDirectory() };
  // A thread for each database, so that none waits for another's.
  const found = JSON.parse(run(process.execPath, [program, JSON.stringify(order)], { UV_THREADPOOL_SIZE: "64" })) as readonly GroupsPoint[];
  for (const { clients, operationsPerSecond, otherCpus } of found) tell(setting, clients, operationsPerSecond, otherCpus);
  return found;
}

/** Measures the settings of an axis that were chosen. The file has each as soon as it is measured: such a run is long. */
async function measureAxis(axis: Axis): Promise<Figures<ClusterPoint | GroupsPoint>> {
  const path = join(values.out, `${axis}.json`);
  const machine = { processors: availableParallelism(), model: cpus()[0]?.model ?? "", node: process.version };
  const before = existsSync(path) && chosen !== undefined ? (JSON.parse(readFileSync(path, "utf8")) as Figures<ClusterPoint | GroupsPoint>).points : [];
  let figures = { axis, machine, seconds, rounds, points: before };
  const take = (points: Figures<ClusterPoint | GroupsPoint>["points"]): void => {
    figures = { ...figures, points: inOrder(axis, [...figures.points, ...points]) };
    writeFileSync(path, `${JSON.stringify(figures, null, 1)}\n`);
  };
  if (axis === "groups") {
    for (const setting of groupsSettings) if (isChosen(setting.groups)) take(await measureGroups(setting));
  } else {
    for (const setting of settings[axis]) if (isChosen(valueOn(axis, setting))) take(await measureSetting(setting, temporaryDirectory()));
  }
  return figures;
}

mkdirSync(values.out, { recursive: true });
for (const axis of values.axis.split(",")) {
  const known = axes.find((one) => one === axis);
  if (known === undefined) throw new Error(`there is no axis ${axis}; known are ${axes.join(", ")}`);
  const figures = await measureAxis(known);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else process.stdout.write(`${known}\n${tableOfPoints(figures)}\n\n`);
}
drawFigures(values.out);
process.exit(0);
