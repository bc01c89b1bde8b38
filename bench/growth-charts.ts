/** The charts of each axis, drawn from its figures alone. */

import { type Chart, type Line, drawChart, plainNumber } from "./chart.ts";
import { type Axis, type ClusterAxis, type ClusterPoint, type Figures, type GroupsPoint, followerCpuSecondsPer1000, valueOn } from "./growth-axes.ts";

export interface NamedChart {
  /** Of the file, without `.svg`. */
  readonly name: string;
  readonly svg: string;
}

/** Bytes for people. */
export function bytesText(bytes: number): string {
  return bytes < 1_024 ? `${bytes} B` : `${bytes / 1_024} KiB`;
}

const horizontals: Readonly<Record<ClusterAxis, Pick<Chart["x"], "label" | "scale" | "format">>> = {
  nodes: { label: "nodes", scale: "linear" },
  values: { label: "bytes of a value", scale: "log", format: bytesText },
  keys: { label: "keys", scale: "log" },
};

type Figure<Point> = (point: Point) => number;

/** A curve for each number of clients. */
function byClients<Point extends { readonly clients: number }>(points: readonly Point[], what: string, x: Figure<Point>, y: Figure<Point>, look: Partial<Line> = {}, spread = false): readonly Line[] {
  const counts = [...new Set(points.map(({ clients }) => clients))].sort((a, b) => a - b);
  return counts.map((clients, colour) => ({
    name: `${clients} clients${what}`,
    colour,
    ...look,
    points: points
      .filter((point) => point.clients === clients)
      .sort((a, b) => x(a) - x(b))
      .map((point) => ({ x: x(point), y: y(point), ...(spread ? spreadOf(point) : {}) })),
  }));
}

function spreadOf(point: object): { readonly low?: number; readonly high?: number } {
  const { lowest, highest } = point as ClusterPoint;
  return { low: lowest, high: highest };
}

function clusterCharts(axis: ClusterAxis, points: readonly ClusterPoint[]): readonly NamedChart[] {
  const x = (point: ClusterPoint): number => valueOn(axis, point);
  const marks = { ...horizontals[axis], ticks: [...new Set(points.map(x))] };
  const chart = (name: string, what: string, y: Chart["y"], lines: readonly Line[]): NamedChart => {
    return { name: `${axis}-${name}`, svg: drawChart({ title: `${what}, by ${marks.label}`, x: marks, y, lines }) };
  };
  const most = points.filter(({ clients }) => clients === Math.max(...points.map((point) => point.clients)));
  return [
    chart("throughput", "Committed writes", { label: "writes/s", scale: axis === "values" ? "log" : "linear" }, byClients(points, "", x, (point) => point.operationsPerSecond, {}, true)),
    chart("latency", "Latency of a write", { label: "ms", scale: "log" }, [
      ...byClients(points, ", p50", x, ({ p50Ms }) => p50Ms),
      ...byClients(points, ", p99", x, ({ p99Ms }) => p99Ms, { dashed: true }),
    ]),
    chart("processor", "Processor time of 1,000 writes", { label: "CPU s per 1,000 writes", scale: axis === "values" ? "log" : "linear" }, [
      ...byClients(most, ", all nodes", x, (point) => point.cpuSecondsPer1000),
      ...byClients(most, ", leader", x, (point) => point.leaderCpuSecondsPer1000, { colour: 1 }),
      ...byClients(most, ", one follower", x, followerCpuSecondsPer1000, { colour: 2 }),
    ]),
    chart("memory", "Resident memory", { label: "MB per node", scale: axis === "keys" ? "log" : "linear" }, byClients(points, "", x, ({ residentBytes, nodes }) => residentBytes / nodes / 1e6)),
    chart("disk", "Written to disk", { label: "bytes per node and byte of value", scale: "log" }, byClients(points, "", x, ({ writtenBytesPerOperation, nodes, valueBytes }) => writtenBytesPerOperation / nodes / valueBytes)),
  ];
}

function groupsCharts(points: readonly GroupsPoint[]): readonly NamedChart[] {
  const x = ({ groups }: GroupsPoint): number => groups;
  const marks = { label: "groups", scale: "log", ticks: [...new Set(points.map(x))] } as const;
  const both = (y: Figure<GroupsPoint>, spread = false): readonly Line[] => [
    ...byClients(points.filter(({ storage }) => storage === "shared"), ", one fsync", x, y, {}, spread),
    ...byClients(points.filter(({ storage }) => storage === "own"), ", one each", x, y, { dashed: true }, spread),
  ];
  const chart = (name: string, what: string, y: Chart["y"], lines: readonly Line[]): NamedChart => {
    return { name: `groups-${name}`, svg: drawChart({ title: `${what}, by groups in one process`, x: marks, y, lines }) };
  };
  return [
    chart("throughput", "Committed writes", { label: "writes/s", scale: "linear" }, both((point) => point.operationsPerSecond, true)),
    chart("latency", "Median latency of a write", { label: "ms", scale: "log" }, both(({ p50Ms }) => p50Ms)),
    chart("fsyncs", "Transactions of three nodes", { label: "transactions for 1,000 writes", scale: "log" }, both((point) => (point.transactionsPerSecond / point.operationsPerSecond) * 1_000)),
    chart("processor", "Processor time of 1,000 writes, all together", { label: "CPU s per 1,000 writes", scale: "linear" }, both((point) => point.cpuSecondsPer1000)),
  ];
}

/** The charts of the file of an axis. */
export function chartsOf(figures: Figures<unknown>): readonly NamedChart[] {
  const { axis, points } = figures;
  if (axis === "groups") return groupsCharts(points as readonly GroupsPoint[]);
  return clusterCharts(axis satisfies Exclude<Axis, "groups">, points as readonly ClusterPoint[]);
}

/** The points of an axis as a table for people. */
export function tableOfPoints({ axis, points }: Figures<unknown>): string {
  const first = axis === "values" ? "valueBytes" : axis;
  const shown = ["clients", "operationsPerSecond", "lowest", "highest", "p50Ms", "p99Ms", "cpuSecondsPer1000", "leaderCpuSecondsPer1000", "transactionsPerSecond", "residentBytes", "writtenBytesPerOperation", "otherCpus"];
  const rows = points as readonly Readonly<Record<string, number | string>>[];
  const columns = [first, "storage", ...shown].filter((column) => rows.every((row) => column in row));
  const cell = (value: number | string | undefined): string => (typeof value === "number" ? plainNumber(value) : (value ?? ""));
  return [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))].map((line) => line.map((word, at) => word.padStart(columns[at]?.length ?? 0)).join("  ")).join("\n");
}
