/** What all parts of one simulation share. */

import { BrokenLaw } from "../assert.ts";
import type { NodeId } from "../raft/message.ts";
import type { RaftOptions } from "../raft/state.ts";
import type { RowPatience } from "../replica/pending-write.ts";
import type { Chance } from "./chance.ts";
import type { Network } from "./network.ts";
import type { NodeDisk } from "./node-disk.ts";
import type { SimulatedNode } from "./node.ts";
import type { LeaseWorld } from "./leases.ts";
import type { PlantedBug } from "./planted-bug.ts";
import type { Scheduler } from "./scheduler.ts";

export const groupName = "meta";
/** Wall clock at the start of every simulation. */
export const epochMs = 1_700_000_000_000;
export const clusterId = "simulated";

/**
 * `removed`: it learned that it is no member any more and stopped. `broken`: one of its laws broke. `damaged`: it found its
 * disk damaged and refused to start. `lost`: its disk is gone, and its identity with it.
 */
export type NodeState = "down" | "up" | "paused" | "removed" | "broken" | "damaged" | "lost";

/** True of a node that never comes back. */
export function isGone(state: NodeState): boolean {
  return state === "removed" || state === "broken" || state === "damaged" || state === "lost";
}

/** Speeds of disks; the same for all nodes. */
export interface DiskQuality {
  readonly minWriteMs: number;
  readonly maxWriteMs: number;
  /** Chance that a write takes up to `stallMs` longer. */
  readonly stallChance: number;
  readonly stallMs: number;
}

export interface World {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly network: Network;
  readonly raft: RaftOptions;
  readonly rows: RowPatience;
  readonly tickMs: number;
  readonly planted: PlantedBug | null;
  /** Times of leases; null: workers hold none, and keep their VMs whatever becomes of them. */
  readonly leases: LeaseWorld | null;
  readonly nodes: Map<NodeId, SimulatedNode>;
  /** Milliseconds without an end of a write after which a node stays silent. */
  readonly diskStallMs: number;
  /** The disk of a node by its name. */
  readonly openDisk: (name: string) => NodeDisk;
  /** A node found its disk damaged. */
  onDamage: (node: SimulatedNode) => void;
  disk: DiskQuality;
  /** What disks do in the real world; virtual time stands still until it is done. */
  readonly waiting: (() => Promise<void>)[];
  /** Virtual time between two moments at which lines may be taken away. */
  readonly windowMs: number;
  /** Chance that a daemon dies between the line that it starts a VM and the start. */
  launchCrashChance: number;
  /** Workers have little room, and VMs push others away. */
  readonly scarce: boolean;
  /** A process that was started never comes up. */
  hangChance: number;
  readonly problems: string[];
  readonly stats: WorldStats;
}

export interface WorldStats {
  elections: number;
  /** All that was done to the cluster, and how often by kind. */
  faults: number;
  byKind: Record<string, number>;
  diskErrors: number;
  damageFound: number;
  crashes: number;
  pauses: number;
  partitions: number;
  snapshotsInstalled: number;
  configurationChanges: number;
  transfers: number;
  vmLaunches: number;
  failovers: number;
  /** Starts that were taken back, and VMs that made way for others. */
  rollbacks: number;
  preemptions: number;
}

export const noStats = (): WorldStats => ({
  elections: 0,
  faults: 0,
  byKind: {},
  diskErrors: 0,
  damageFound: 0,
  crashes: 0,
  pauses: 0,
  partitions: 0,
  snapshotsInstalled: 0,
  configurationChanges: 0,
  transfers: 0,
  vmLaunches: 0,
  failovers: 0,
  rollbacks: 0,
  preemptions: 0,
});

/** Something was done to the cluster. */
export function countFault({ stats }: World, kind: string): void {
  stats.faults += 1;
  stats.byKind[kind] = (stats.byKind[kind] ?? 0) + 1;
}

/** More than these are not told. */
const problemLimit = 20;

/** Something that must not happen did. */
export function complain(world: World, problem: string): void {
  if (world.problems.length >= problemLimit) return;
  world.problems.push(`at ${world.scheduler.nowMs.toFixed(1)} ms: ${problem}`);
}

/** What an error says to somebody who looks for its cause. */
export function describeError(error: unknown): string {
  if (error instanceof BrokenLaw) return `broken law: ${error.message}${firstFrame(error)}`;
  return error instanceof Error ? `${error.name}: ${error.message}${firstFrame(error)}` : String(error);
}

function firstFrame(error: Error): string {
  const frame = error.stack?.split("\n").find((line) => line.includes("src/") && !line.includes("assert.ts"));
  const place = frame?.match(/src\/[^):]+:\d+/)?.[0];
  return place === undefined ? "" : ` (${place})`;
}
