/** Under which conditions each planted bug is looked for: chance first; what chance seldom brings is played. */

import type { FaultKind } from "../../src/sim/fault-kinds.ts";
import type { RaftOptions } from "../../src/raft/state.ts";
import { plantedBug } from "../../src/sim/planted-bugs.ts";
import { configurationInForce } from "../../src/raft/state.ts";
import { leaderOf } from "../../src/sim/operator.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";
import type { PlantedBug } from "../../src/sim/planted-bug.ts";
import { playScenario } from "../../src/sim/scenario.ts";
import type { ScenarioStep } from "../../src/sim/scenario-step.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";

/** A mix of faults, `swarm` for the one that the seed gives; or what happens step by step. */
export interface Conditions {
  readonly nodes: number;
  readonly seconds: number;
  readonly faults: "swarm" | readonly FaultKind[];
  readonly clients: number;
  readonly thinkMs: number;
  readonly vmShare: number;
  /** Share of those that are about services and tasks. */
  readonly programShare?: number;
  readonly raft?: Partial<RaftOptions>;
  /** Workers hold leases, and VMs leave those that lost theirs. */
  readonly leases?: boolean;
  /** And room is scarce. */
  readonly scarce?: boolean;
  readonly steps?: readonly ScenarioStep[];
  /** What happens besides the faults: see `scripts`. */
  readonly script?: keyof typeof scripts;
}

const jointMs = 1_500;

/** Two new learners take the place of two followers by one joint change; the leader dies in the middle of every other one. */
function replaceTwoAtATime({ world, operator, newNode }: SimulationParts): void {
  const { scheduler } = world;
  for (let at = 0; at < 4; at += 1) {
    scheduler.after(at * jointMs + 100, () => [newNode(), newNode()].forEach((node) => operator.wantJoin(node, true)));
    scheduler.after((at + 1) * jointMs, () => {
      const leader = leaderOf(world);
      const raft = leader?.replica?.raft;
      if (leader === undefined || raft === undefined) return;
      const { voters, learners } = configurationInForce(raft).configuration;
      const leaving = voters.map(({ id }) => id).filter((id) => id !== raft.self).slice(-2);
      const entering = learners.map(({ id }) => id).slice(0, 2);
      leader.enter(() => leader.ask({ kind: "change", change: { kind: "replace", leaving, entering } }, () => {}));
      if (at % 2 === 1) scheduler.after(4, () => leader.crash("kept"));
      if (at % 2 === 1) scheduler.after(2_000, () => leader.start());
    });
  }
}

/** Messages come twice, late and out of order, and leadership is handed on and on. */
function handOnAndOn({ world }: SimulationParts): void {
  world.network.quality = { ...world.network.quality, minDelayMs: 2, maxDelayMs: 60, reorder: true, duplicateChance: 0.3, lateChance: 0.15, lateMs: 1_500 };
  for (let at = 1; at < 30; at += 1) {
    world.scheduler.after(at * 300, () => {
      const leader = leaderOf(world);
      leader?.enter(() => leader.ask({ kind: "transfer", to: null }, () => {}));
    });
  }
}

/** A follower is removed; then somebody tries again and again to let it join under its old id. */
function oldIdTriesAgain({ world, operator }: SimulationParts): void {
  const { scheduler } = world;
  scheduler.after(500, () => {
    const gone = [...world.nodes.values()].find((node) => node.state === "up" && node !== leaderOf(world));
    if (gone === undefined) return;
    operator.wantRemoval(gone.id);
    for (let at = 0; at < 8; at += 1) {
      scheduler.after(1_500 + at * 400, () => {
        const leader = leaderOf(world);
        leader?.enter(() => leader.ask({ kind: "change", change: { kind: "add-learner", member: gone.member } }, () => {}));
      });
    }
  });
}

/** Somebody writes two keys at once, again and again. */
function writeBatches({ world }: SimulationParts): void {
  for (let at = 1; at < 80; at += 1) {
    world.scheduler.after(at * 100, () => {
      const operations = ["a", "b"].map((key) => ({ kind: "kv-put", key: `/batch/${key}`, value: `${at}` }) as const);
      const envelope = { client: "batches", sequence: at, acknowledged: Math.max(1, at - 16), command: { kind: "kv-batch", operations } } as const;
      const leader = leaderOf(world);
      leader?.enter(() => leader.ask({ kind: "submit", envelope }, () => {}));
    });
  }
}

const scripts = { replaceTwoAtATime, handOnAndOn, oldIdTriesAgain, writeBatches } as const;

const byChance: Conditions = { nodes: 5, seconds: 12, faults: "swarm", clients: 4, thinkMs: 40, vmShare: 0.2 };

const failover: Partial<Conditions> = { leases: true, seconds: 20, faults: ["pause", "isolate-leader", "one-way", "crash"], clients: 2, thinkMs: 80, vmShare: 0.5 };
const moves: Partial<Conditions> = { leases: true, nodes: 3, seconds: 15, faults: ["loss"], clients: 4, thinkMs: 40, vmShare: 0.8 };
const scarce: Partial<Conditions> = { leases: true, scarce: true, nodes: 3, seconds: 20, faults: ["loss", "crash"], clients: 3, thinkMs: 40, vmShare: 0.7 };
const programs: Partial<Conditions> = { leases: true, nodes: 3, seconds: 15, faults: ["pause", "loss", "crash"], clients: 4, thinkMs: 60, vmShare: 0.8, programShare: 0.95 };
const restless: Partial<Conditions> = { script: "handOnAndOn", nodes: 3, faults: [], vmShare: 0 };
const joint: Partial<Conditions> = { script: "replaceTwoAtATime", nodes: 3, seconds: 9, faults: [], vmShare: 0 };
const leases: Partial<Conditions> = { raft: { clockDriftPpm: 100_000 }, faults: ["slow-disk", "reorder", "clock"], nodes: 3, seconds: 8, thinkMs: 25, clients: 3, vmShare: 0 };

const special: Readonly<Record<string, Partial<Conditions>>> = {
  "configuration-not-rolled-back": {
    seconds: 9,
    steps: [
      { at: 1, do: "remember", node: "leader", as: "old" },
      { at: 1, do: "separate", one: ["$old"], other: ["rest"] },
      { at: 1.01, do: "ask-add", node: "$old" },
      { at: 4, do: "heal" },
      { at: 6, do: "transfer", to: "$old" },
    ],
  },
  "second-change-while-one-is-pending": {
    nodes: 3,
    seconds: 3,
    steps: [
      { at: 1, do: "ask-add", node: "leader" },
      { at: 1.0001, do: "ask-add", node: "leader" },
    ],
  },
  "lagging-learner-promoted": {
    nodes: 3,
    seconds: 4,
    steps: [
      { at: 1, do: "ask-add", node: "leader" },
      { at: 1.2, do: "pause", node: "joiner" },
      { at: 1.3, do: "put", node: "leader", count: 300 },
      { at: 1.8, do: "ask-promote", node: "leader", learner: "joiner" },
    ],
  },
  "fsync-error-ignored": { faults: ["fsync-error", "crash"] },
  "checksum-not-verified": { faults: ["bit-flip"] },
  "lost-disk-under-the-old-id": { faults: ["lose-disk"] },
  "synchronous-normal": { faults: ["crash"] },
  "applied-index-in-another-transaction": { faults: ["crash-at-write", "crash"] },
  "rows-in-another-transaction": { faults: ["crash-at-write", "crash"] },
  "leader-refuses-a-newer-leader": { faults: ["one-way", "isolate-leader"] },
  "transfer-of-an-older-term": restless,
  "reply-of-an-older-term-counted": restless,
  "snapshot-without-configuration": { faults: ["snapshot", "churn"] },
  "snapshot-over-newer-state": { faults: ["snapshot", "crash"] },
  "log-lost-behind-a-snapshot": { script: "handOnAndOn", nodes: 3, faults: ["reorder"], thinkMs: 10, vmShare: 0 },
  "map-order-used": { faults: ["crash", "snapshot"], vmShare: 0 },
  "batch-half-applied": { script: "writeBatches", seconds: 9, faults: ["crash"] },
  "old-rows-survive-a-snapshot": { faults: ["snapshot", "crash"] },
  "report-of-an-older-generation-believed": { faults: ["pause", "loss", "guest-ends"], vmShare: 0.8, thinkMs: 15 },
  "round-of-an-older-term-echoed": restless,
  "vm-outlives-its-lease": failover,
  "lease-called-expired-too-early": failover,
  "vm-launched-without-a-lease": failover,
  "vm-reassigned-before-the-lease-ended": failover,
  "renewal-granted-by-anybody": failover,
  "vm-switched-before-it-stopped": moves,
  "target-starts-before-the-switch": moves,
  "source-starts-again-after-the-switch": moves,
  "second-move-accepted": moves,
  "move-left-behind": moves,
  "service-running-before-it-is-confirmed": programs,
  "task-retried-while-it-runs": programs,
  "result-of-an-old-attempt-believed": { ...programs, faults: ["pause", "isolate-leader", "one-way", "crash"], nodes: 5, seconds: 30 },
  "attempt-timed-from-the-first-one": programs,
  "attempt-timed-by-the-wall-clock": { ...programs, faults: ["clock"] },
  "attempt-launched-again-after-its-end": { ...programs, faults: ["crash", "crash-at-point"] },
  "time-out-told-of-an-attempt-that-failed": programs,
  "id-of-a-former-member-used-again": { script: "oldIdTriesAgain", seconds: 6, faults: ["crash", "isolate-leader"] },
  "target-goes-on-before-the-hand-over": moves,
  "source-goes-on-while-its-move-is-open": moves,
  "hand-over-asked-without-the-memory": moves,
  "memory-sent-while-the-guest-runs": moves,
  "source-booted-anew-while-its-move-is-open": moves,
  "carried-vm-booted-in-place-of-its-memory": moves,
  "reservation-leaked": scarce,
  "confirmation-of-an-older-generation-believed": { ...scarce, faults: ["pause", "loss", "guest-ends"] },
  "capacity-checked-at-propose-only": scarce,
  "room-given-before-the-other-has-ended": scarce,
  "equal-priority-preempted": scarce,
  "start-taken-back-by-a-leader-that-did-not-wait": scarce,
  "start-taken-back-for-no-reason": scarce,
  "vm-launched-without-a-reservation": scarce,
  "learner-campaigns": { ...joint, faults: ["isolate-leader", "crash"] },
  "joint-commit-by-the-new-voters": joint,
  "joint-election-by-the-new-voters": joint,
  "joint-left-before-its-commit": joint,
  "promise-longer-than-it-is-kept": leases,
  "vote-against-a-promise": { ...leases, faults: ["crash", "isolate-leader", "transfer"], seconds: 12 },
  "lease-kept-after-a-transfer": { ...leases, script: "handOnAndOn" },
  "lease-counted-from-the-answer": leases,
  "lease-not-shortened-by-drift": leases,
  "vote-of-older-term": {
    seconds: 20,
    steps: [{ at: 1, do: "links", quality: { minDelayMs: 250, maxDelayMs: 900, reorder: true } }],
  },
};

/** Those with conditions of their own. */
export const specialNames: readonly string[] = Object.keys(special);

/** The conditions for `name`. */
export function conditionsOf(name: string): Conditions {
  return { ...byChance, ...special[name] };
}

/** One run; `planted` null: the control, in which nothing must be found. */
export function run(conditions: Conditions, seed: number, name: string | null): SimulationResult {
  const planted: PlantedBug | null = name === null ? null : plantedBug(name);
  const { steps, nodes, seconds, faults, clients, thinkMs, vmShare, programShare = 0, raft = {} } = conditions;
  if (steps !== undefined) return playScenario({ name: "", about: "", seed, nodes, seconds, clients: 1, steps, expect: [] }, planted);
  const script = conditions.script === undefined ? {} : { script: scripts[conditions.script] };
  // With an even number of nodes half of them is no majority.
  return simulate({ seed, nodes: seed % 2 === 1 || nodes <= 3 ? nodes : nodes - 1, seconds, faults, planted, clients, thinkMs, vmShare, programShare, raft, ...script, leases: conditions.leases === true, scarce: conditions.scarce === true });
}
