/** Planted bugs of snapshots that come late, of orders that a restart changes, and of parts of a whole. */

import { decodeEnvelope, encodeEnvelope } from "../machine/envelope.ts";
import { apply } from "../machine/apply.ts";
import type { MachineState } from "../machine/state.ts";
import type { SimulatedNode } from "./node.ts";
import { leaderOf } from "./operator.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { pulledSnapshot, type PulledSnapshot } from "./snapshot-pull.ts";

/** Does something now and then in a node that was started. */
function again(everyMs: number, then: (node: SimulatedNode) => void): Required<Pick<PlantedBug, "equip">> {
  const turn = (node: SimulatedNode): void => {
    then(node);
    node.later(everyMs, () => turn(node));
  };
  return {
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => turn(node));
      };
    },
  };
}

/** The rows that are durable at the leader now, handed to `node`, whether it asked for them or not. */
function fromLeader(node: SimulatedNode, wanted: (index: number) => boolean, take: (fetched: PulledSnapshot) => void): void {
  const leader = leaderOf(node.world);
  if (leader === undefined || leader === node || node.replica?.raft.role !== "Follower") return;
  leader.serveSnapshot(0, node.traceClock, ({ applied, rows }, servedAt) => {
    if (!wanted(applied.index) || node.replica?.raft.leader == null) return;
    node.observe(servedAt);
    take(pulledSnapshot(applied, rows, `late ${applied.index}`));
  });
}

/** As long as the core takes the next snapshot in, its log answers `term` for that index. */
function lyingLog(node: SimulatedNode, index: number): void {
  const { replica } = node;
  if (replica === null) return;
  const { log } = replica.raft;
  const termAt = log.termAt.bind(log);
  log.termAt = (asked) => {
    if (asked !== index) return termAt(asked);
    log.termAt = termAt;
    return 0;
  };
}

const plantedLateSnapshots: readonly (() => PlantedBug)[] = [
  () => ({
    name: "snapshot-over-newer-state",
    caughtBy: ["InstallSnapshot"],
    equip(node) {
      const install = node.install.bind(node);
      node.install = (fetched) => {
        install(fetched);
        node.later(400, () => {
          const raft = node.replica?.raft;
          const { index } = fetched.snapshot;
          if (raft?.role !== "Follower" || raft.leader === null || raft.commitIndex <= index) return;
          raft.commitIndex = index - 1;
          install({ ...fetched, token: `again ${index}` });
        });
      };
    },
  }),
  () => ({
    name: "log-lost-behind-a-snapshot",
    caughtBy: ["InstallSnapshot"],
    ...again(20, (node) => {
      const { raft } = node.replica ?? {};
      if (raft === undefined || raft.commitIndex >= raft.log.lastIndex) return;
      const isInside = (index: number): boolean => index > raft.commitIndex && index < raft.log.lastIndex;
      fromLeader(node, isInside, (fetched) => {
        if (raft.log.termAt(fetched.snapshot.index) !== fetched.snapshot.term) return;
        lyingLog(node, fetched.snapshot.index);
        node.install(fetched);
      });
    }),
  }),
];

/** Keys as their Map gives them: as they were put, and after a restart as the disk has them, which is by name. */
function keysAsTheyCome(state: MachineState): readonly string[] {
  return [...(state.kv as unknown as { rows: Map<string, unknown> }).rows.keys()];
}

const plantedParts: readonly (() => PlantedBug)[] = [
  () => ({
    name: "map-order-used",
    caughtBy: ["Apply"],
    restore: (stored) => ({ ...stored, rows: [...stored.rows].sort((a, b) => (`${a.table}\0${a.key}` < `${b.table}\0${b.key}` ? -1 : 1)) }),
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      if ("refused" in envelope || envelope.command.kind !== "kv-put") return apply(state, entry);
      const command = { ...envelope.command, value: `${envelope.command.value} after ${keysAsTheyCome(state).at(-1) ?? ""}` };
      return apply(state, { ...entry, payload: encodeEnvelope({ ...envelope, command }) });
    },
  }),
  () => ({
    name: "batch-half-applied",
    caughtBy: ["Apply"],
    apply: (node) => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      if ("refused" in envelope || envelope.command.kind !== "kv-batch" || !node.chance.happens(0.1)) return apply(state, entry);
      const { operations, ...rest } = envelope.command;
      const command = { ...rest, operations: operations.slice(0, 1) };
      return apply(state, { ...entry, payload: encodeEnvelope({ ...envelope, command }) });
    },
  }),
  () => ({
    name: "change-not-told-to-watchers",
    caughtBy: ["watchers"],
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => {
          if (node.replica === null) return;
          const { history } = node.replica;
          const append = history.append.bind(history);
          history.append = (index, writes) => append(index, node.chance.happens(0.02) ? [] : writes);
        });
      };
    },
  }),
  () => ({
    name: "change-told-to-watchers-at-another-index",
    caughtBy: ["watchers"],
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => {
          if (node.replica === null) return;
          const { history } = node.replica;
          const append = history.append.bind(history);
          let late: Parameters<typeof append>[1] = [];
          history.append = (index, writes) => {
            const told = [...late, ...writes];
            late = node.chance.happens(0.02) ? told : [];
            append(index, late.length > 0 ? [] : told);
          };
        });
      };
    },
  }),
];

export const plantedLate = { snapshots: plantedLateSnapshots, parts: plantedParts } as const;
