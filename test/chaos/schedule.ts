/** Which faults come when: drawn from a seed before the run begins, so that a seed names a run. */

import { Chance } from "../../src/sim/chance.ts";

/** Faults of a node exclude each other on one node; faults of the network overlap with everything. */
export const nodeFaults = ["kill", "stop", "pause", "pause-vms", "clock-skew", "full-disk", "fsync-error", "slow-disk"] as const;
export const networkFaults = ["isolate", "split", "bridge", "one-way", "loss", "delay"] as const;
/** What operators do meanwhile. */
export const changes = ["transfer", "replace-member", "restart-vm"] as const;
/** Every node at once. */
export const clusterFaults = ["kill-all"] as const;

export const faultKinds = [...nodeFaults, ...networkFaults, ...changes, ...clusterFaults];
export type FaultKind = (typeof faultKinds)[number];
export type NodeFaultKind = (typeof nodeFaults)[number];
export type NetworkFaultKind = (typeof networkFaults)[number];

export interface PlannedFault {
  readonly atMs: number;
  readonly forMs: number;
  readonly kind: FaultKind;
  /** Whom it strikes: the leader of that moment, or the n-th member. */
  readonly victim: "leader" | number;
  /** A number of its own for choices that the moment decides. */
  readonly lot: number;
}

const weight: Readonly<Record<FaultKind, number>> = {
  kill: 6, stop: 2, pause: 4, "pause-vms": 3, "clock-skew": 3, "full-disk": 2, "fsync-error": 2, "slow-disk": 3,
  isolate: 4, split: 3, bridge: 2, "one-way": 4, loss: 3, delay: 3,
  transfer: 3, "replace-member": 2, "restart-vm": 2, "kill-all": 1,
};

/**
 * Faults for `durationMs` of a cluster, one about every `everyMs`, each lasting 0.3 to 4 s. `kinds` limits them. Every
 * kind of `kinds` occurs before one occurs again more often than its weight says: a short run still sees most of them.
 */
export function drawFaults(seed: number, durationMs: number, everyMs: number, kinds: readonly FaultKind[]): PlannedFault[] {
  const lots = new Chance(seed);
  const lot = (): number => lots.next();
  const faults: PlannedFault[] = [];
  let bag: FaultKind[] = [];
  const next = (): FaultKind => {
    if (bag.length === 0) bag = kinds.flatMap((kind) => Array.from({ length: weight[kind] }, () => kind));
    return bag.splice(Math.floor(lot() * bag.length), 1)[0] as FaultKind;
  };
  for (let atMs = everyMs; atMs < durationMs; atMs += everyMs * (0.4 + 1.2 * lot())) {
    faults.push({
      atMs,
      forMs: 300 + 3_700 * lot() ** 2,
      kind: next(),
      victim: lot() < 0.4 ? "leader" : Math.floor(lot() * 1_000),
      lot: lot(),
    });
  }
  return faults;
}
