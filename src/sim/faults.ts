/** Faults by seed, in swarms: every seed enables another mix, so that rare combinations come up (Groce et al. 2012). */

import { members } from "../raft/configuration.ts";
import { configurationInForce } from "../raft/state.ts";
import type { NodeId } from "../raft/message.ts";
import type { Chance } from "./chance.ts";
import { goodLinks } from "./network.ts";
import type { SimulatedNode } from "./node.ts";
import { leaderOf } from "./operator.ts";
import type { Operator } from "./operator.ts";
import type { DiskQuality, World } from "./world.ts";

export const faultKinds = [
  "crash",
  "crash-at-write",
  "pause",
  "partition",
  "one-way",
  "isolate-leader",
  "loss",
  "duplicate",
  "reorder",
  "late",
  "slow-disk",
  "clock",
  "churn",
  "transfer",
  "guest-ends",
  "launch-crash",
] as const;

export type FaultKind = (typeof faultKinds)[number];

export const goodDisk: DiskQuality = { minWriteMs: 0.5, maxWriteMs: 4, stallChance: 0, stallMs: 0 };

/** The mix that a seed gives: each kind with even odds, but never none. */
export function swarm(chance: Chance): readonly FaultKind[] {
  const mix = faultKinds.filter(() => chance.happens(0.5));
  return mix.length > 0 ? mix : [chance.pick(faultKinds)];
}

/** Mean time between faults of the kinds that come at moments; the others are there all the time. */
const meanMs: Partial<Record<FaultKind, number>> = {
  crash: 4_000,
  "crash-at-write": 4_000,
  pause: 6_000,
  partition: 6_000,
  "one-way": 5_000,
  "isolate-leader": 7_000,
  clock: 5_000,
  churn: 8_000,
  transfer: 4_000,
  "guest-ends": 3_000,
};

export class Faults {
  readonly #world: World;
  readonly #operator: Operator;
  readonly #chance: Chance;
  readonly #kinds: readonly FaultKind[];
  /** Makes a node with a new id and an empty disk. */
  readonly #newNode: () => SimulatedNode;
  #healed = false;

  constructor(world: World, operator: Operator, kinds: readonly FaultKind[], newNode: () => SimulatedNode) {
    this.#world = world;
    this.#operator = operator;
    this.#kinds = kinds;
    this.#newNode = newNode;
    this.#chance = world.chance.stream("faults");
  }

  start(): void {
    this.#spoil();
    for (const kind of this.#kinds) if (meanMs[kind] !== undefined) this.#again(kind, meanMs[kind] * this.#chance.between(0.5, 1.5));
  }

  /** What is wrong all the time. */
  #spoil(): void {
    const has = (kind: FaultKind): boolean => this.#kinds.includes(kind);
    this.#world.network.quality = {
      ...goodLinks,
      dropChance: has("loss") ? this.#chance.between(0.01, 0.15) : 0,
      duplicateChance: has("duplicate") ? this.#chance.between(0.01, 0.15) : 0,
      maxDelayMs: has("reorder") ? this.#chance.between(5, 40) : 2,
      reorder: has("reorder"),
      lateChance: has("late") ? this.#chance.between(0.005, 0.03) : 0,
      lateMs: 800,
    };
    if (has("slow-disk")) this.#world.disk = { minWriteMs: 2, maxWriteMs: this.#chance.between(10, 60), stallChance: 0.01, stallMs: 700 };
    if (has("launch-crash")) this.#world.launchCrashChance = 0.2;
  }

  #again(kind: FaultKind, mean: number): void {
    this.#world.scheduler.after(this.#chance.exponential(mean), () => {
      if (this.#healed) return;
      this.#world.stats.faults += 1;
      this.#strike(kind);
      this.#again(kind, mean);
    });
  }

  #strike(kind: FaultKind): void {
    switch (kind) {
      case "crash":
        return this.#crash(this.#someNode());
      case "crash-at-write":
        return this.#crashAtWrite(this.#someNode());
      case "pause":
        return this.#pause(this.#someNode());
      case "partition":
        return this.#partition();
      case "one-way":
        return this.#cutOneWay();
      case "isolate-leader":
        return this.#isolate(leaderOf(this.#world));
      case "clock":
        this.#someNode()?.clock.disturb(this.#chance.between(0.9, 1.1), this.#chance.between(-60_000, 60_000));
        return;
      case "churn":
        return this.#churn();
      case "transfer":
        return this.#transfer();
      case "guest-ends":
        return this.#endGuest();
      default:
        return;
    }
  }

  #living(): SimulatedNode[] {
    return [...this.#world.nodes.values()].filter((node) => node.state === "up");
  }

  #someNode(): SimulatedNode | undefined {
    const living = this.#living();
    if (living.length === 0) return undefined;
    const leader = leaderOf(this.#world);
    return leader !== undefined && this.#chance.happens(0.3) ? leader : this.#chance.pick(living);
  }

  #crash(node: SimulatedNode | undefined): void {
    if (node === undefined) return;
    node.crash(this.#chance.happens(0.5));
    this.#world.scheduler.after(this.#chance.between(50, 4_000), () => node.start());
  }

  /** Dies at the start of one of its next writes. */
  #crashAtWrite(node: SimulatedNode | undefined): void {
    if (node === undefined) return;
    let left = this.#chance.below(5);
    node.onWrite = () => {
      left -= 1;
      if (left >= 0) return;
      node.onWrite = null;
      this.#world.scheduler.after(this.#chance.between(0, 2), () => this.#crash(node.state === "up" ? node : undefined));
    };
  }

  #pause(node: SimulatedNode | undefined): void {
    if (node === undefined) return;
    node.pause();
    this.#world.scheduler.after(this.#chance.between(100, 3_000), () => node.resume());
  }

  #partition(): void {
    const ids = this.#chance.shuffle([...this.#world.nodes.keys()]);
    const at = 1 + this.#chance.below(Math.max(1, ids.length - 1));
    // A bridge: one node sees both sides.
    const bridge = this.#chance.happens(0.3) ? 1 : 0;
    this.#world.network.separate(ids.slice(0, at), ids.slice(at + bridge));
    this.#healLater();
  }

  #cutOneWay(): void {
    const ids = [...this.#world.nodes.keys()];
    const count = 1 + this.#chance.below(ids.length);
    for (let at = 0; at < count; at += 1) this.#world.network.cut(this.#chance.pick(ids), this.#chance.pick(ids));
    this.#healLater();
  }

  #isolate(node: SimulatedNode | undefined): void {
    if (node === undefined) return;
    this.#world.network.separate([node.id], [...this.#world.nodes.keys()].filter((id) => id !== node.id));
    this.#healLater();
  }

  #healLater(): void {
    this.#world.stats.partitions += 1;
    this.#world.scheduler.after(this.#chance.between(200, 5_000), () => this.#world.network.heal());
  }

  /** A member goes and another comes. */
  #churn(): void {
    const raft = leaderOf(this.#world)?.replica?.raft;
    if (raft === undefined || !this.#operator.idle) return;
    const { configuration } = configurationInForce(raft);
    const all: NodeId[] = members(configuration).map((member) => member.id);
    // The last voter cannot go; a wish for it would never be fulfilled.
    if (all.length <= 2 || configuration.voters.length < 2) return;
    const gone = this.#chance.happens(0.3) ? raft.self : this.#chance.pick(all);
    this.#operator.wantRemoval(gone);
    this.#operator.wantJoin(this.#newNode(), this.#chance.happens(0.2));
  }

  #transfer(): void {
    const leader = leaderOf(this.#world);
    leader?.enter(() => leader.ask({ kind: "transfer", to: null }, (attempt) => {
      if (attempt.kind === "transferred") this.#world.stats.transfers += 1;
    }));
  }

  #endGuest(): void {
    const running = [...this.#world.nodes.values()].flatMap((node) => node.host.running().map((process) => ({ node, process })));
    if (running.length === 0) return;
    const { node, process } = this.#chance.pick(running);
    node.host.end(process.uuid, this.#chance.pick(["guest-shutdown", "crash", "signal"]));
  }

  /** Everything works again: links, disks, clocks; who was down starts, who was paused continues. */
  heal(): void {
    this.#healed = true;
    this.#world.network.heal();
    this.#world.network.quality = goodLinks;
    this.#world.disk = goodDisk;
    this.#world.launchCrashChance = 0;
    for (const node of this.#world.nodes.values()) {
      node.onWrite = null;
      node.clock.disturb(1, 0);
      node.resume();
      if (node.incarnation > 0) node.start();
    }
  }
}
