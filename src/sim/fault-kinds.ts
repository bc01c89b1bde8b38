/** The kinds of faults, and how often they come. */

import type { Chance } from "./chance.ts";

export const faultKinds = [
  "crash",
  "crash-at-write",
  "crash-at-point",
  "pause",
  "partition",
  "bridge",
  "one-way",
  "isolate-leader",
  "loss",
  "delay",
  "duplicate",
  "reorder",
  "late",
  "slow-disk",
  "fsync-error",
  "full-disk",
  "bit-flip",
  "lose-disk",
  "clock",
  "churn",
  "transfer",
  "snapshot",
  "guest-ends",
  "launch-crash",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Mean milliseconds between faults of the kinds that come at moments; the others are there all the time. */
export const momentKinds: Partial<Record<FaultKind, number>> = {
  crash: 4_000,
  "crash-at-write": 4_000,
  "crash-at-point": 3_000,
  pause: 6_000,
  partition: 6_000,
  bridge: 8_000,
  "one-way": 5_000,
  "isolate-leader": 7_000,
  "fsync-error": 6_000,
  "full-disk": 9_000,
  "bit-flip": 12_000,
  "lose-disk": 12_000,
  clock: 5_000,
  churn: 8_000,
  transfer: 4_000,
  snapshot: 7_000,
  "guest-ends": 3_000,
};

/** Kinds after which a new node joins: their number bounds how many nodes a run has. */
export const joiningKinds: readonly FaultKind[] = ["bit-flip", "lose-disk", "churn"];

/** The mix that a seed gives: each kind with even odds, but never none. */
export function swarm(chance: Chance): readonly FaultKind[] {
  const mix = faultKinds.filter(() => chance.happens(0.5));
  return mix.length > 0 ? mix : [chance.pick(faultKinds)];
}
