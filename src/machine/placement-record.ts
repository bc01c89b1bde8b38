/** Where a workload was placed and why, and where it is to move. Data only. */

import type { Name, NodeId, PlacementWish } from "./records.ts";

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
  /** VMs that make way for it. */
  readonly preempts?: readonly Victim[];
}

/** A VM that makes way for one of higher priority. */
export interface Victim {
  readonly vm: Name;
  readonly uuid: string;
  readonly priority: number;
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
  /** The VM for which it makes way; its room is free as soon as it has ended. */
  readonly preemptedBy?: Name;
  /** Its start was not confirmed in time; the text says where and when. */
  readonly unconfirmed?: string;
}
