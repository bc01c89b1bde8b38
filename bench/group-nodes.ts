/** Three nodes of many groups in one process: the daemon's loops, storage, traces and replicas; messages are handed over in memory. */

import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { encodeEnvelope } from "../src/machine/envelope.ts";
import { type Attempt, Attempts } from "../src/node/attempts.ts";
import { Loop } from "../src/node/loop.ts";
import type { Member } from "../src/raft/configuration.ts";
import type { ConfigurationChange } from "../src/raft/event.ts";
import type { GroupId, RaftMessage } from "../src/raft/message.ts";
import { seededRandom } from "../src/raft/random.ts";
import { defaultRaftOptions } from "../src/raft/state.ts";
import { Replica } from "../src/replica/replica.ts";
import { openSqliteStorage } from "../src/storage/sqlite.ts";
import type { Storage } from "../src/storage/storage.ts";
import { openTraceWriter } from "../src/trace/writer.ts";
import type { TraceWriter } from "../src/trace/writer-contract.ts";
import type { GroupsSetting } from "./growth-axes.ts";

const nodeCount = 3;
const patienceMs = 30_000;
/** As the daemon's, but for elections: three nodes that share one thread must not take each other for silent. */
const raft = { ...defaultRaftOptions, electionTimeoutMs: 3_000 };
/** As the daemon has them. */
const limits = { tickMs: 16, diskStallMs: raft.electionTimeoutMs * 3, rows: { maxRows: 65_536, maxDelayMs: 500 }, open: 100_000, rotateBytes: 64 * 1024 * 1024 };
const clock = (): number => performance.now();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function stopAll(error: unknown): never {
  process.stderr.write(`a node cannot go on: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

/** One group on one node. */
interface Seat {
  readonly loop: Loop;
  readonly replica: Replica;
  readonly attempts: Attempts;
}

interface GroupNode {
  readonly member: Member;
  readonly trace: TraceWriter;
  readonly storages: readonly Storage[];
  readonly loops: readonly Loop[];
  readonly seats: ReadonlyMap<GroupId, Seat>;
}

/** Nodes whose groups have all a leader and three voters; the leaders are spread over the nodes. */
export class GroupNodes {
  readonly #nodes: readonly GroupNode[];
  readonly #groups: readonly GroupId[];
  readonly #expiry: NodeJS.Timeout;

  private constructor(nodes: readonly GroupNode[], groups: readonly GroupId[]) {
    this.#nodes = nodes;
    this.#groups = groups;
    const seats = nodes.flatMap((node) => [...node.seats.values()]);
    this.#expiry = setInterval(() => seats.forEach(({ attempts }) => attempts.expire()), 100);
  }

  static async open(directory: string, { groups: count, storage }: GroupsSetting): Promise<GroupNodes> {
    const groups = Array.from({ length: count }, (_, at) => `group-${at + 1}`);
    const nodes: GroupNode[] = [];
    const send = (message: RaftMessage, time: number): void => {
      // A turn later, as from a socket.
      setImmediate(() => {
        const { trace, seats } = nodes.find(({ member }) => member.id === message.to) as GroupNode;
        trace.observe(time);
        seats.get(message.group)?.loop.handle(message.group, { kind: "receive", message });
      });
    };
    for (let at = 1; at <= nodeCount; at++) nodes.push(await openNode(join(directory, `n${at}`), at, groups, storage, send));
    const made = new GroupNodes(nodes, groups);
    for (const { loops } of nodes) for (const loop of loops) loop.start();
    await Promise.all(groups.map((_, at) => made.#form(at)));
    return made;
  }

  /** Where the commands of group number `at` are proposed: at its leader. */
  attemptsOf(at: number): Attempts {
    const group = this.#groups[at] as GroupId;
    const seat = this.#nodes.map(({ seats }) => seats.get(group) as Seat).find(({ replica }) => replica.raft.role === "Leader");
    if (seat === undefined) throw new Error(`${group} has no leader`);
    return seat.attempts;
  }

  /** Transactions so far, of all nodes. */
  get transactions(): number {
    return this.#nodes.flatMap(({ storages }) => storages).reduce((sum, storage) => sum + storage.status().writes, 0);
  }

  async close(): Promise<void> {
    clearInterval(this.#expiry);
    for (const { loops, trace, storages } of this.#nodes) {
      for (const loop of loops) await loop.stop();
      trace.close();
      for (const storage of storages) await storage.close();
    }
  }

  /** The group begins on one node, and the others join. */
  async #form(at: number): Promise<void> {
    const group = this.#groups[at] as GroupId;
    const first = this.#nodes[at % nodeCount] as GroupNode;
    const { loop, replica, attempts } = first.seats.get(group) as Seat;
    loop.handle(group, { kind: "bootstrap", member: first.member, timeMs: Date.now() });
    const deadline = clock() + patienceMs;
    while (replica.raft.role !== "Leader") await waitUntil(deadline, `${group} has a leader`);
    for (const { member } of this.#nodes) {
      if (member.id === first.member.id) continue;
      await change(attempts, { kind: "add-learner", member }, deadline);
      await change(attempts, { kind: "promote", id: member.id }, deadline);
    }
    await initialise(attempts);
  }
}

/** The first command of a cluster, without which no other is accepted. */
function initialise(attempts: Attempts): Promise<void> {
  const payload = encodeEnvelope({ client: randomUUID(), sequence: 1, acknowledged: 1, command: { kind: "cluster-init", clusterId: randomUUID() } });
  return new Promise((resolve, reject) => {
    attempts.propose("command", payload, patienceMs, (attempt) => {
      if (attempt.kind === "replied" && attempt.reply.ok) resolve();
      else reject(new Error(`the cluster was not initialised: ${JSON.stringify(attempt)}`));
    });
  });
}

/** A refusal may be one of the moment: another change is not yet committed, the learner not yet there. */
async function change(attempts: Attempts, wanted: ConfigurationChange, deadline: number): Promise<void> {
  for (;;) {
    const attempt: Attempt = await attempts.change(wanted, patienceMs);
    if (attempt.kind === "changed") return;
    await waitUntil(deadline, `${JSON.stringify(wanted)} is done, it is ${JSON.stringify(attempt)}`);
  }
}

async function waitUntil(deadline: number, what: string): Promise<void> {
  if (clock() > deadline) throw new Error(`it took too long until ${what}`);
  await pause(10);
}

async function openNode(directory: string, number: number, groups: readonly GroupId[], kind: GroupsSetting["storage"], send: (message: RaftMessage, clock: number) => void): Promise<GroupNode> {
  mkdirSync(directory, { recursive: true });
  const member = { id: `node-${number}`, name: `n${number}`, address: `127.0.0.1:${number}` };
  const identity = { node: member.id, name: member.name, cluster: "", incarnation: 1, version: "bench" };
  const trace = openTraceWriter({ directory: join(directory, "traces"), ...identity, rotateBytes: limits.rotateBytes, timeMs: Date.now() });
  const seats = new Map<GroupId, Seat>();
  const storages: Storage[] = [];
  const loops: Loop[] = [];
  for (const [at, together] of (kind === "shared" ? [groups] : groups.map((group) => [group])).entries()) {
    const storage = await openSqliteStorage({ directory: join(directory, `storage-${at}`) });
    await storage.load();
    storages.push(storage);
    loops.push(openLoop(member, number, together, storage, trace, seats, send));
  }
  return { member, trace, storages, loops, seats };
}

function openLoop(member: Member, number: number, groups: readonly GroupId[], storage: Storage, trace: TraceWriter, seats: Map<GroupId, Seat>, send: (message: RaftMessage, clock: number) => void): Loop {
  const { tickMs, diskStallMs, rows, open } = limits;
  const here: Attempts[] = [];
  const loop = new Loop({
    ...{ storage, trace, clock, tickMs, diskStallMs, send },
    output(group, output) {
      if (output.kind === "fetch-snapshot") stopAll(`${member.id} fell behind what ${output.from} keeps`);
      seats.get(group)?.attempts.settle(output);
    },
    gather: (busy) => here.forEach((attempts) => attempts.gather(busy)),
    fatal: stopAll,
  });
  for (const group of groups) {
    const random = seededRandom(number * 1_000 + seats.size + 1);
    const replica = new Replica({ group, self: member.id, raft, rows, random, trace, stored: undefined, nowMs: clock() });
    const attempts = new Attempts(group, loop, clock, open);
    loop.add(replica);
    here.push(attempts);
    seats.set(group, { loop, replica, attempts });
  }
  return loop;
}
