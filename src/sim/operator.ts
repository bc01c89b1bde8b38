/** The operator: forms the cluster, and changes its members one wish after the other, each until it is fulfilled. */

import type { Command } from "../machine/commands.ts";
import type { Name } from "../machine/records.ts";
import { isMember, isVoter } from "../raft/configuration.ts";
import type { NodeId } from "../raft/message.ts";
import { committedConfiguration, configurationInForce } from "../raft/state.ts";
import type { ConfigurationChange } from "../raft/event.ts";
import { clusterId } from "./world.ts";
import type { World } from "./world.ts";
import type { SimulatedNode } from "./node.ts";

export type Wish =
  | { readonly kind: "bootstrap"; readonly node: NodeId }
  | { readonly kind: "join"; readonly node: NodeId; readonly asLearner: boolean }
  | { readonly kind: "remove"; readonly node: NodeId }
  /** Several at once, by a joint configuration. */
  | { readonly kind: "replace"; readonly leaving: readonly NodeId[]; readonly entering: readonly NodeId[] }
  | { readonly kind: "command"; readonly command: Command; sequence: number }
  | { readonly kind: "then"; readonly run: () => void };

type ChangeWish = Extract<Wish, { kind: "join" | "remove" | "replace" }>;

const lookEveryMs = 100;

/** The node that leads, as somebody sees it who sees everything: that of the highest term. */
export function leaderOf(world: World): SimulatedNode | undefined {
  let leader: SimulatedNode | undefined;
  for (const node of world.nodes.values()) {
    if (node.state !== "up" || node.replica?.raft.role !== "Leader") continue;
    if ((leader?.replica?.raft.currentTerm ?? 0) < node.replica.raft.currentTerm) leader = node;
  }
  return leader;
}

export class Operator {
  readonly #world: World;
  #wishes: Wish[] = [];
  #sequence = 0;
  /** Nodes that must not be members any more. */
  readonly removed = new Set<NodeId>();

  constructor(world: World) {
    this.#world = world;
  }

  start(): void {
    this.#world.scheduler.after(lookEveryMs, () => {
      this.#look();
      this.start();
    });
  }

  get idle(): boolean {
    return this.#wishes.length === 0;
  }

  want(...wishes: readonly Wish[]): void {
    this.#wishes.push(...wishes);
  }

  /** Takes a command through the log with the operator's own session. */
  wantCommand(command: Command): void {
    this.want({ kind: "command", command, sequence: ++this.#sequence });
  }

  /** A node with an empty disk joins, and registers as a worker. */
  wantJoin(node: SimulatedNode, asLearner = false): void {
    this.want({ kind: "then", run: () => node.start() }, { kind: "join", node: node.id, asLearner });
    this.wantCommand({
      kind: "worker-register", node: node.id, name: node.member.name as Name, ...capacityOf(this.#world), drivers: ["process", "qemu"],
    });
  }

  wantRemoval(node: NodeId): void {
    this.removed.add(node);
    this.want({ kind: "remove", node });
  }

  /** New nodes join as learners, then take the places of `leaving` all at once. */
  wantReplacement(leaving: readonly NodeId[], newcomers: readonly SimulatedNode[]): void {
    for (const node of newcomers) this.wantJoin(node, true);
    this.want(
      { kind: "then", run: () => leaving.forEach((id) => this.removed.add(id)) },
      { kind: "replace", leaving, entering: newcomers.map(({ id }) => id) },
    );
  }

  /** Pursues the first wish. */
  #look(): void {
    const wish = this.#wishes[0];
    if (wish === undefined) return;
    if (this.#pursue(wish)) this.#wishes.shift();
  }

  /** True when the wish is fulfilled. */
  #pursue(wish: Wish): boolean {
    switch (wish.kind) {
      case "then":
        wish.run();
        return true;
      case "bootstrap":
        return this.#bootstrap(wish.node);
      case "command":
        return this.#submit(wish);
      case "join":
      case "remove":
      case "replace":
        return this.#change(wish);
    }
  }

  #bootstrap(id: NodeId): boolean {
    const node = this.#world.nodes.get(id);
    if (node?.state !== "up") return false;
    if ((node.replica?.raft.log.lastIndex ?? 0) > 0) return true;
    node.enter(() => node.handle({ kind: "bootstrap", member: node.member, timeMs: node.clock.wallMs() }));
    return false;
  }

  #submit(wish: Extract<Wish, { kind: "command" }>): boolean {
    const leader = leaderOf(this.#world);
    const { command, sequence } = wish;
    const envelope = { client: "operator", sequence, acknowledged: sequence, command };
    leader?.enter(() => leader.ask({ kind: "submit", envelope }, (attempt) => {
      if (attempt.kind === "replied" && this.#wishes[0] === wish) this.#wishes.shift();
    }));
    return false;
  }

  #change(wish: ChangeWish): boolean {
    const leader = leaderOf(this.#world);
    const raft = leader?.replica?.raft;
    if (leader === undefined || raft === undefined) return false;
    const { configuration, index } = configurationInForce(raft);
    const change = nextChange(this.#world, wish, configuration);
    if (change === null) return committedConfiguration(raft).index === index;
    leader.enter(() => leader.ask({ kind: "change", change }, (attempt) => {
      if (attempt.kind === "changed") this.#world.stats.configurationChanges += 1;
    }));
    return false;
  }
}

/** The next step towards the wish; null when the configuration fulfils it. */
function nextChange(
  world: World,
  wish: ChangeWish,
  configuration: ReturnType<typeof configurationInForce>["configuration"],
): ConfigurationChange | null {
  if (wish.kind === "replace") {
    const leaving = wish.leaving.filter((id) => isMember(configuration, id));
    const entering = wish.entering.filter((id) => !isVoter(configuration, id));
    // While it is under way the leader refuses it, and completes it.
    return leaving.length + entering.length === 0 ? null : { kind: "replace", leaving, entering };
  }
  const { node: id } = wish;
  if (wish.kind === "remove") return isMember(configuration, id) ? { kind: "remove", id } : null;
  if (isVoter(configuration, id)) return null;
  if (isMember(configuration, id)) return wish.asLearner ? null : { kind: "promote", id };
  const member = world.nodes.get(id)?.member;
  return member === undefined ? null : { kind: "add-learner", member };
}

/** Where VMs make way for others, room is scarce. */
function capacityOf({ scarce }: World): { cpus: number; memoryMib: number; diskMib: number } {
  return { cpus: scarce ? 5 : 16, memoryMib: 4_096, diskMib: 0 };
}

/** What forms a cluster: the first node starts it, the others join it one after the other. */
export function formCluster(operator: Operator, nodes: readonly SimulatedNode[]): void {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  operator.want({ kind: "then", run: () => first.start() }, { kind: "bootstrap", node: first.id });
  operator.wantCommand({ kind: "cluster-init", clusterId });
  operator.wantCommand({
    kind: "worker-register", node: first.id, name: first.member.name as Name, ...capacityOf(first.world), drivers: ["process", "qemu"],
  });
  for (const node of others) operator.wantJoin(node);
}
