/**
 * One run of a cluster on virtual time: the core, machine and trace of the product on a simulated clock, network and
 * disk. It is a function of its options: the same seed gives the same trace, byte for byte.
 */

import { assert } from "../assert.ts";
import { defaultRaftOptions } from "../raft/state.ts";
import type { RaftOptions } from "../raft/state.ts";
import { Chance } from "./chance.ts";
import { Client } from "./client.ts";
import { Faults, goodDisk, healAll } from "./faults.ts";
import { swarm } from "./fault-kinds.ts";
import { History } from "./history.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { traceHash } from "./memory-trace.ts";
import { Network } from "./network.ts";
import { SimulatedNode } from "./node.ts";
import { formCluster, Operator } from "./operator.ts";
import { pass } from "./passing.ts";
import type { Pause } from "./passing.ts";
import { quietPhase } from "./quiet.ts";
import { Scheduler } from "./scheduler.ts";
import type { SimulationOptions, SimulationResult, SimulationStats } from "./simulation.ts";
import type { SimulationParts } from "./simulation-parts.ts";
import { simulatedLeases } from "./leases.ts";
import { noStats } from "./world.ts";
import type { World } from "./world.ts";

export type { SimulationOptions, SimulationResult, SimulationStats } from "./simulation.ts";
export type { SimulationParts } from "./simulation-parts.ts";

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

/** A run in memory, from start to end. */
export function simulate(options: SimulationOptions): SimulationResult {
  const run = eachPause(options);
  const step = run.next();
  assert(step.done === true, "a run in memory waits for nothing");
  return step.value;
}

/** A run that waits for real disks; virtual time stands still meanwhile. */
export async function simulateOnDisks(options: SimulationOptions): Promise<SimulationResult> {
  const run = eachPause(options);
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
    if (step.value.kind === "waits") await step.value.until();
  }
}

/** A run in pieces: between two of them somebody may take the lines so far, or must wait for a disk. */
export function* eachPause(options: SimulationOptions): Generator<Pause, SimulationResult> {
  const chance = new Chance(options.seed);
  const kinds = options.faults === "swarm" ? swarm(chance.stream("swarm")) : options.faults;
  const parts = newParts(newWorld(options, chance));
  const { world, operator } = parts;
  const history = new History();
  world.onDamage = (node) => parts.replace(node, false);
  formCluster(operator, Array.from({ length: options.nodes }, parts.newNode));
  operator.start();
  yield* pass(world, formWithinMs, () => operator.idle);
  if (!operator.idle) world.problems.push("the cluster was not formed in time");
  const clients = newClients(world, history, options);
  const faults = new Faults(parts, { kinds, pace: options.pace ?? 1 });
  for (const client of clients) client.start();
  faults.start();
  options.script?.(parts);
  const broken = (): boolean => world.problems.length > 0 || isStorm(world);
  yield* pass(world, world.scheduler.nowMs + options.seconds * 1_000, broken);
  faults.stop();
  healAll(parts);
  if (!broken()) yield* quietPhase(world, operator, clients, history);
  return { ...resultOf(world, history), seed: options.seed, faults: kinds, schedule: faults.schedule };
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
  const planted = options.planted ?? null;
  const raft = { ...crampedRaft, ...options.raft };
  const waiting: (() => Promise<void>)[] = [];
  return {
    scheduler,
    chance,
    network,
    raft,
    rows: options.rows ?? { maxRows: 40, maxDelayMs: 150 },
    tickMs: 10,
    diskStallMs: raft.electionTimeoutMs * 3,
    planted,
    leases: options.leases === true ? simulatedLeases : null,
    nodes: new Map(),
    waiting,
    windowMs: options.windowMs ?? Infinity,
    openDisk: (name) => options.openDisk?.(name, (job) => void waiting.push(job)) ?? new MemoryDisk(planted),
    onDamage: () => {},
    disk: goodDisk,
    launchCrashChance: 0,
    scarce: options.scarce === true,
    hangChance: options.scarce === true ? 0.04 : 0,
    problems: [],
    stats: noStats(),
  };
}

function newParts(world: World): SimulationParts {
  const operator = new Operator(world);
  const newNode = (): SimulatedNode => addNode(world);
  const replace = (gone: SimulatedNode, asLearner: boolean): void => {
    operator.wantRemoval(gone.id);
    operator.wantJoin(newNode(), asLearner);
  };
  return { world, operator, newNode, replace, byName: (name) => byName(world, name) };
}

function addNode(world: World): SimulatedNode {
  const number = world.nodes.size + 1;
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  const node = new SimulatedNode(world, { id, name: `n${number}`, address: `10.0.0.${number}:7400` });
  world.planted?.equip?.(node);
  world.nodes.set(id, node);
  return node;
}

function byName(world: World, name: string): SimulatedNode {
  const node = [...world.nodes.values()].find((one) => one.member.name === name);
  if (node === undefined) throw new TypeError(`no node is named ${name}`);
  return node;
}

function newClients(world: World, history: History, options: SimulationOptions): Client[] {
  const { clients = 3, thinkMs = 120, vmShare = 0.15, programShare = 0 } = options;
  return Array.from({ length: clients }, (_, at) => new Client(world, history, { name: `c${at + 1}`, thinkMs, vmShare, programShare }));
}

function resultOf(world: World, history: History): Omit<SimulationResult, "seed" | "faults" | "schedule"> {
  const nodes = [...world.nodes.values()].filter((node) => node.incarnation > 0);
  const stats: SimulationStats = {
    ...world.stats,
    virtualSeconds: world.scheduler.nowMs / 1_000,
    events: world.scheduler.events,
    ...world.network.stats,
    lines: nodes.reduce((sum, { trace }) => sum + trace.written, 0),
    diskWrites: nodes.reduce((sum, node) => sum + node.disk.writes, 0),
    acknowledged: history.acknowledged,
    reads: history.reads,
    retries: history.retries,
    givenUp: history.givenUp,
  };
  const lines = nodes.map(({ id, member, trace }) => ({ node: id, name: member.name, lines: trace.lines }));
  return { lines, stats, requests: history.requests, problems: world.problems, traceHash: traceHash(nodes.map(({ trace }) => trace.hash)) };
}
