/** Snapshots between nodes: a follower pulls the rows that are durable at its leader. */

import type { NodeId } from "../raft/message.ts";
import { stateFromRows } from "../machine/state.ts";
import type { Snapshot } from "../raft/event.ts";
import type { FetchedSnapshot } from "../replica/replica.ts";
import type { Row } from "../storage/storage.ts";
import type { SnapshotOnDisk } from "./node-disk.ts";
import type { SimulatedNode } from "./node.ts";

const timeoutMs = 2_000;

/** With the rows, which go to the disk. */
export interface PulledSnapshot extends FetchedSnapshot {
  readonly rows: readonly Row[];
}

export function pulledSnapshot(snapshot: Snapshot, rows: readonly Row[], token: string): PulledSnapshot {
  return { snapshot, rows, machine: () => stateFromRows(rows), token };
}

export class SnapshotPull {
  readonly #node: SimulatedNode;
  #pull = 0;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  /** Ends in a snapshot that is installed, or in the core being told that there is none. */
  begin(from: NodeId, atLeastIndex: number): void {
    const node = this.#node;
    const pull = ++this.#pull;
    const { network, nodes } = node.world;
    const askedAt = node.traceClock;
    network.carry(node.id, from, () => {
      nodes.get(from)?.serveSnapshot(atLeastIndex, askedAt, (snapshot, servedAt) => {
        network.carry(from, node.id, () => node.enter(() => this.#finish(pull, snapshot, servedAt)));
      });
    });
    node.later(timeoutMs, () => {
      if (this.#pull !== pull) return;
      this.#pull += 1;
      node.handle({ kind: "snapshot-failed" });
    });
  }

  #finish(pull: number, { applied, rows }: SnapshotOnDisk, servedAt: number): void {
    if (this.#pull !== pull) return;
    this.#pull += 1;
    this.#node.observe(servedAt);
    const fetched = pulledSnapshot(applied, rows, `pull ${pull}`);
    this.#node.install(fetched);
  }
}
