/** The axes along which a cluster grows, and what a measurement of one of them holds. */

import type { Measurement } from "./measure.ts";

export type ClusterAxis = "nodes" | "values" | "keys";
export type Axis = ClusterAxis | "groups";

export const axes: readonly Axis[] = ["nodes", "groups", "values", "keys"];

/** What a cluster is like that is measured. */
export interface Setting {
  readonly nodes: number;
  readonly valueBytes: number;
  /** All are there before the measurement; writes are spread over them. */
  readonly keys: number;
}

/** The settings along an axis; everything but the axis itself stays. */
export const settings: Readonly<Record<ClusterAxis, readonly Setting[]>> = {
  nodes: [3, 5, 7].map((nodes) => ({ nodes, valueBytes: 256, keys: 10_000 })),
  values: [256, 1_024, 4_096, 16_384, 65_536].map((valueBytes) => ({ nodes: 3, valueBytes, keys: 1_000 })),
  keys: [1_000, 10_000, 100_000, 1_000_000].map((keys) => ({ nodes: 3, valueBytes: 256, keys })),
};

/** One measurement: medians of its rounds, and between which figures they lay. */
export interface ClusterPoint extends Setting, Measurement {
  readonly clients: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Groups of three nodes in one process. */
export interface GroupsSetting {
  readonly groups: number;
  /** Whether the groups of a node share one database, hence an fsync, as in the daemon, or each has its own. */
  readonly storage: "shared" | "own";
}

export const groupsSettings: readonly GroupsSetting[] = (["shared", "own"] as const).flatMap((storage) => [1, 4, 16].map((groups) => ({ groups, storage })));

export interface GroupsFigures {
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the whole process: three nodes and the clients. */
  readonly cpuSecondsPer1000: number;
  /** Transactions, hence fsyncs, of all three nodes. */
  readonly transactionsPerSecond: number;
  readonly residentBytes: number;
  readonly writtenBytesPerOperation: number;
  /** What everything else on the machine took. */
  readonly otherCpus: number;
}

export interface GroupsPoint extends GroupsSetting, GroupsFigures {
  /** In all, spread evenly over the groups. */
  readonly clients: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly node: string;
}

/** The file of an axis. */
export interface Figures<Point> {
  readonly axis: Axis;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rounds: number;
  readonly points: readonly Point[];
}

/** Where the daemons run one after the other on shared processors, only this tells what one more costs its machine. */
export function followerCpuSecondsPer1000({ nodes, cpuSecondsPer1000, leaderCpuSecondsPer1000 }: ClusterPoint): number {
  return (cpuSecondsPer1000 - leaderCpuSecondsPer1000) / (nodes - 1);
}

/** Where a setting stands on its axis. */
export function valueOn(axis: ClusterAxis, { nodes, valueBytes, keys }: Setting): number {
  return { nodes, values: valueBytes, keys }[axis];
}

/** Points in the order of their settings; of two of one setting and one number of clients, the later. */
export function inOrder<Point extends ClusterPoint | GroupsPoint>(axis: Axis, points: readonly Point[]): readonly Point[] {
  const wanted: readonly object[] = axis === "groups" ? groupsSettings : settings[axis];
  const fits = (point: Point, setting: object): boolean => Object.entries(setting).every(([name, value]) => point[name as keyof Point] === value);
  return wanted.flatMap((setting) => {
    const here = new Map(points.filter((point) => fits(point, setting)).map((point) => [point.clients, point]));
    return [...here.values()].sort((a, b) => a.clients - b.clients);
  });
}
