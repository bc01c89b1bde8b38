/**
 * One run of a cluster on virtual time: the core, machine and trace of the product on a simulated clock, network and
 * disk. It is a function of its options: the same seed gives the same trace, byte for byte.
 */

import type { NodeId } from "../raft/message.ts";
import { defaultRaftOptions } from "../raft/state.ts";
import type { RaftOptions } from "../raft/state.ts";
import type { RowPatience } from "../replica/pending-write.ts";
import type { TraceLine } from "../trace/event.ts";
import { Chance } from "./chance.ts";
import { Client } from "./client.ts";
import { Faults, goodDisk, swarm } from "./faults.ts";
import type { FaultKind } from "./faults.ts";
import { History } from "./history.ts";
import type { ClientRequest } from "./history.ts";
import { traceHash } from "./memory-trace.ts";
import { Network } from "./network.ts";
import { SimulatedNode } from "./node.ts";
import { formCluster, Operator } from "./operator.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { runQuietPhase } from "./quiet.ts";
import { Scheduler } from "./scheduler.ts";
import { noStats } from "./world.ts";
import type { World, WorldStats } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Nodes that form the cluster; churn brings more. */
  readonly nodes: number;
  /** Virtual seconds with faults; forming the cluster before and the quiet phase after come on top. */
  readonly seconds: number;
  /** `swarm`: the mix that the seed gives. */
  readonly faults: "swarm" | readonly FaultKind[];
  readonly clients?: number;
  /** Mean pause of a client between two requests. */
  readonly thinkMs?: number;
  /** Share of requests that are about VMs. */
  readonly vmShare?: number;
  readonly raft?: Partial<RaftOptions>;
  readonly rows?: RowPatience;
  readonly planted?: PlantedBug | null;
  /** What a scenario does at its times, in place of faults by chance. */
  readonly script?: (parts: SimulationParts) => void;
}

/** What a script can take hold of. `nodes` by name: n1, n2, … */
export interface SimulationParts {
  readonly world: World;
  readonly operator: Operator;
  readonly newNode: () => SimulatedNode;
  readonly byName: (name: string) => SimulatedNode;
}

export interface SimulationStats extends WorldStats {
  virtualSeconds: number;
  events: number;
  messages: number;
  dropped: number;
  duplicated: number;
  lines: number;
  diskWrites: number;
  acknowledged: number;
  reads: number;
  retries: number;
}

export interface SimulationResult {
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  /** The trace of each node that ever was. */
  readonly lines: readonly { readonly node: NodeId; readonly name: string; readonly lines: readonly TraceLine[] }[];
  readonly stats: SimulationStats;
  /** What clients asked about keys, and were told. */
  readonly requests: readonly ClientRequest[];
  /** What must not have happened; empty when all is well. */
  readonly problems: readonly string[];
  readonly traceHash: string;
}

/** Small windows, so that trimming, snapshots and full windows come up often. */
const crampedRaft: RaftOptions = {
  ...defaultRaftOptions,
  keepEntries: 24,
  maxInflightMessages: 8,
  maxAppendEntries: 16,
  maxPromoteLag: 16,
};

const formWithinMs = 60_000;
const mostMessagesPerMs = 10;

export function simulate(options: SimulationOptions): SimulationResult {
  const chance = new Chance(options.seed);
  const kinds = options.faults === "swarm" ? swarm(chance.stream("swarm")) : options.faults;
  const world = newWorld(options, chance);
  const operator = new Operator(world);
  const history = new History();
  const newNode = (): SimulatedNode => addNode(world);
  const first = Array.from({ length: options.nodes }, newNode);
  formCluster(operator, first);
  operator.start();
  world.scheduler.runUntil(formWithinMs, () => operator.idle);
  if (!operator.idle) world.problems.push("the cluster was not formed in time");
  const clients = newClients(world, history, options);
  const faults = new Faults(world, operator, kinds, newNode);
  for (const client of clients) client.start();
  faults.start();
  options.script?.({ world, operator, newNode, byName: (name) => byName(world, name) });
  const broken = (): boolean => world.problems.length > 0 || isStorm(world);
  world.scheduler.runUntil(world.scheduler.nowMs + options.seconds * 1_000, broken);
  faults.heal();
  if (!broken()) runQuietPhase(world, operator, clients, history);
  return resultOf(world, history, options.seed, kinds);
}

/** Messages that answer each other without end would otherwise fill the memory. */
function isStorm(world: World): boolean {
  const { network, scheduler, problems } = world;
  if (network.stats.messages < 20_000 + scheduler.nowMs * mostMessagesPerMs) return false;
  problems.push(`at ${scheduler.nowMs.toFixed(1)} ms: a storm of ${network.stats.messages} messages`);
  return true;
}

function newWorld(options: SimulationOptions, chance: Chance): World {
  const scheduler = new Scheduler();
  const network = new Network(scheduler, chance.stream("network"));
  return {
    scheduler,
    chance,
    network,
    raft: { ...crampedRaft, ...options.raft },
    rows: options.rows ?? { maxRows: 40, maxDelayMs: 150 },
    tickMs: 10,
    planted: options.planted ?? null,
    nodes: new Map(),
    disk: goodDisk,
    launchCrashChance: 0,
    problems: [],
    stats: { ...noStats },
  };
}

function addNode(world: World): SimulatedNode {
  const number = world.nodes.size + 1;
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  const node = new SimulatedNode(world, { id, name: `n${number}`, address: `10.0.0.${number}:7400` });
  world.nodes.set(id, node);
  world.planted?.equip?.(node);
  return node;
}

function byName(world: World, name: string): SimulatedNode {
  const node = [...world.nodes.values()].find((one) => one.member.name === name);
  if (node === undefined) throw new TypeError(`no node is named ${name}`);
  return node;
}

function newClients(world: World, history: History, options: SimulationOptions): Client[] {
  const { clients = 3, thinkMs = 120, vmShare = 0.15 } = options;
  return Array.from({ length: clients }, (_, at) => new Client(world, history, { name: `c${at + 1}`, thinkMs, vmShare }));
}

function resultOf(world: World, history: History, seed: number, faults: readonly FaultKind[]): SimulationResult {
  const nodes = [...world.nodes.values()].filter((node) => node.incarnation > 0);
  const lines = nodes.map((node) => ({ node: node.id, name: node.member.name, lines: node.trace.lines }));
  const stats: SimulationStats = {
    ...world.stats,
    virtualSeconds: world.scheduler.nowMs / 1_000,
    events: world.scheduler.events,
    ...world.network.stats,
    lines: lines.reduce((sum, trace) => sum + trace.lines.length, 0),
    diskWrites: nodes.reduce((sum, node) => sum + node.disk.writes, 0),
    acknowledged: history.acknowledged,
    reads: history.reads,
    retries: history.retries,
  };
  return { seed, faults, lines, stats, requests: history.requests, problems: world.problems, traceHash: traceHash(lines.map((trace) => trace.lines)) };
}
