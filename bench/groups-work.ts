/**
 * One setting of the axis of groups, in a process of its own: closed-loop clients propose at the leaders of the groups. Prints
 * what it measured. The clients take a part of the same processors, as everything here does.
 */

import { randomUUID } from "node:crypto";
import { encodeEnvelope } from "../src/machine/envelope.ts";
import type { Attempts } from "../src/node/attempts.ts";
import { machineCpuSeconds, usageOf } from "./children.ts";
import { GroupNodes } from "./group-nodes.ts";
import type { GroupsFigures, GroupsPoint, GroupsSetting } from "./growth-axes.ts";
import { medians, quietRounds, spreadOf } from "./medians.ts";

/** What `growth.ts` asks for. */
export interface GroupsOrder extends GroupsSetting {
  readonly clients: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly directory: string;
}

const value = "v".repeat(256);
const keys = 10_000;
const timeoutMs = 10_000;
const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Clients with one write under way each, spread evenly over the groups. */
class Clients {
  readonly times: number[] = [];
  measuring = false;
  #stopped = false;
  #underWay = 0;

  constructor(nodes: GroupNodes, count: number, groups: number) {
    for (let at = 0; at < count; at++) this.#next(nodes.attemptsOf(at % groups), randomUUID(), 1);
  }

  #next(attempts: Attempts, client: string, sequence: number): void {
    if (this.#stopped) return;
    this.#underWay += 1;
    const key = `/bench/${String(Math.floor(Math.random() * keys)).padStart(8, "0")}`;
    const began = performance.now();
    const payload = encodeEnvelope({ client, sequence, acknowledged: sequence, command: { kind: "kv-put", key, value } });
    attempts.propose("command", payload, timeoutMs, (attempt) => {
      this.#underWay -= 1;
      if (attempt.kind !== "replied" || !attempt.reply.ok) throw new Error(`a write failed: ${JSON.stringify(attempt)}`);
      if (this.measuring) this.times.push(performance.now() - began);
      this.#next(attempts, client, sequence + 1);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#underWay > 0) await pause(0.01);
  }
}

async function measure(nodes: GroupNodes, order: GroupsOrder, count: number): Promise<GroupsFigures> {
  const clients = new Clients(nodes, count, order.groups);
  await pause(order.warmUpSeconds);
  const read = () => ({ at: performance.now(), transactions: nodes.transactions, machine: machineCpuSeconds(), ...usageOf([process.pid]) });
  const before = read();
  clients.measuring = true;
  await pause(order.seconds);
  clients.measuring = false;
  const after = read();
  await clients.stop();
  const times = clients.times.sort((a, b) => a - b);
  const seconds = (after.at - before.at) / 1000;
  const quantile = (q: number): number => times[Math.floor(times.length * q)] as number;
  return {
    operationsPerSecond: times.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuSecondsPer1000: ((after.cpuSeconds - before.cpuSeconds) / times.length) * 1000,
    transactionsPerSecond: (after.transactions - before.transactions) / seconds,
    residentBytes: after.residentBytes,
    writtenBytesPerOperation: (after.writtenBytes - before.writtenBytes) / times.length,
    otherCpus: Math.max(0, (after.machine - before.machine - (after.cpuSeconds - before.cpuSeconds)) / seconds),
  };
}

async function measureAll(order: GroupsOrder): Promise<readonly GroupsPoint[]> {
  const nodes = await GroupNodes.open(order.directory, order);
  const points: GroupsPoint[] = [];
  for (const clients of order.clients) {
    const measured = await quietRounds(order.rounds, () => measure(nodes, order, clients));
    points.push({ groups: order.groups, storage: order.storage, clients, ...medians(measured), ...spreadOf(measured) });
  }
  await nodes.close();
  return points;
}

process.stdout.write(`${JSON.stringify(await measureAll(JSON.parse(process.argv[2] ?? "{}") as GroupsOrder))}\n`);
process.exit(0);
