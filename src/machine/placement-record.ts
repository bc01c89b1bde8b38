/** Where a workload was placed and why, and where it is to move. Data only. */

import type { NodeId, PlacementWish } from "./records.ts";

/** Why a worker was not chosen. */
export interface Rejection {
  readonly node: NodeId;
  readonly reason: string;
  /** Of an alternative, which could have taken it: its free memory in MiB after placement. */
  readonly score?: number;
}

/** The stored decision (row W2). `score`: free memory in MiB after placement. */
export interface Placement {
  readonly strategy: PlacementWish["strategy"] | "manual";
  readonly node: NodeId;
  readonly score: number;
  readonly rejected: readonly Rejection[];
}

/** A workload is to move. */
export interface Migration {
  readonly to: NodeId | null;
  readonly restart: boolean;
  /** Index of the entry that began it. */
  readonly sinceIndex: number;
  /** With its memory (`carry.ts`); then `to` and its placement are decided from the start. */
  readonly live?: true;
  readonly placement?: Placement;
}
