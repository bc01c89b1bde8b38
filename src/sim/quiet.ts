/** The end of every run: all is healed, and the cluster must become live and agree (rows P1, R2; reliability, 14). */

import { digest } from "../machine/state.ts";
import { kvGet, listReservations, listVms } from "../machine/query.ts";
import { movesOwed } from "../machine/migration.ts";
import { dutyOf } from "../machine/outbox.ts";
import { isOver, isTask } from "../machine/task-state.ts";
import { isMember } from "../raft/configuration.ts";
import { committedConfiguration, configurationInForce } from "../raft/state.ts";
import type { Client } from "./client.ts";
import type { History } from "./history.ts";
import { leaderOf } from "./operator.ts";
import type { Operator } from "./operator.ts";
import { pass } from "./passing.ts";
import type { Pause } from "./passing.ts";
import type { Attempt } from "./question.ts";
import { toldOtherwise } from "./watched.ts";
import { complain, isGone } from "./world.ts";
import type { World } from "./world.ts";
import type { SimulatedNode } from "./node.ts";

/** A leader must be there within this many election timeouts. */
const leaderWithin = 10;
const convergeWithinMs = 30_000;
const useWithinMs = 10_000;
const askAgainMs = 1_000;
const lookEveryMs = 50;

/** Lets the healed cluster run until it agrees; complains where it does not. */
export function* quietPhase(world: World, operator: Operator, clients: readonly Client[], history: History): Generator<Pause, void> {
  for (const client of clients) client.stop();
  const { scheduler, raft } = world;
  const deadline = scheduler.nowMs + raft.electionTimeoutMs * leaderWithin;
  while (scheduler.nowMs < deadline && leaderOf(world) === undefined) yield* pass(world, scheduler.nowMs + lookEveryMs);
  if (leaderOf(world) === undefined) {
    complain(world, `no leader within ${leaderWithin} election timeouts of a healed network${describe(world)}`);
    return;
  }
  const rest = (): string | undefined => unfinished(world, operator, clients);
  yield* settle(world, convergeWithinMs, rest, "after everything was healed");
  if (world.problems.length === 0) yield* useEveryNode(world);
  if (world.problems.length === 0) yield* settle(world, convergeWithinMs, rest, "after every node was used");
  checkState(world, history);
}

/** Waits until nothing is left to do; complains when that takes too long. */
function* settle(world: World, withinMs: number, rest: () => string | undefined, when: string): Generator<Pause, void> {
  const { scheduler } = world;
  const end = scheduler.nowMs + withinMs;
  while (scheduler.nowMs < end && rest() !== undefined) yield* pass(world, scheduler.nowMs + lookEveryMs);
  const what = rest();
  if (what !== undefined) complain(world, `not settled ${withinMs} ms ${when}: ${what}${describe(world)}`);
}

/** Every member takes a write and answers a consistent read; who is refused asks again. */
function* useEveryNode(world: World): Generator<Pause, void> {
  const open = new Map<string, () => void>();
  for (const node of memberNodes(world)) {
    const { name } = node.member;
    const envelope = { client: `quiet-${name}`, sequence: 1, acknowledged: 1, command: { kind: "kv-put", key: `/quiet/${name}`, value: name } } as const;
    const settles = (what: string) => (attempt: Attempt): void => {
      if (attempt.kind === "readable" || (attempt.kind === "replied" && attempt.reply.ok)) open.delete(what);
    };
    const [write, read] = [`a write at ${name}`, `a consistent read at ${name}`];
    open.set(write, () => node.enter(() => node.ask({ kind: "submit", envelope }, settles(write))));
    open.set(read, () => node.enter(() => node.ask({ kind: "read-index" }, settles(read))));
  }
  let asked = -Infinity;
  const rest = (): string | undefined => {
    if (world.scheduler.nowMs - asked >= askAgainMs) {
      asked = world.scheduler.nowMs;
      for (const ask of [...open.values()]) ask();
    }
    return open.size === 0 ? undefined : `${[...open.keys()].join(", ")} did not succeed`;
  };
  yield* settle(world, useWithinMs, rest, "after it was asked");
}

function memberNodes(world: World): SimulatedNode[] {
  const leader = leaderOf(world)?.replica?.raft;
  if (leader === undefined) return [];
  const { configuration } = committedConfiguration(leader);
  return [...world.nodes.values()].filter((node) => isMember(configuration, node.id));
}

/** What keeps the cluster from being at rest. */
function unfinished(world: World, operator: Operator, clients: readonly Client[]): string | undefined {
  const leader = leaderOf(world)?.replica;
  if (leader == null) return "there is no leader";
  if (!operator.idle) return "the operator's wish is not fulfilled";
  if (clients.some((client) => !client.idle)) return "a client still waits for an answer";
  const [moving] = leader.machine.migrating;
  if (moving !== undefined) return `the move of ${moving} has not come to an end`;
  for (const node of memberNodes(world)) {
    const { replica, member } = node;
    const [standing] = node.host.alive().filter(({ stands }) => stands);
    if (standing !== undefined) return `${standing.name} still stands for a move at ${member.name}`;
    if (replica == null) return `member ${member.name} is ${node.state}`;
    if (replica.appliedIndex !== leader.raft.log.lastIndex) return `${member.name} has applied ${replica.appliedIndex} of ${leader.raft.log.lastIndex}`;
    const owed = listVms(replica.machine, node.id).find((vm) => dutyOf(vm) !== null || isUnfounded(node, vm.uuid, vm.observed));
    const open = listVms(replica.machine, node.id).find((vm) => isTask(vm) && !isOver(vm));
    if (open !== undefined) return `${open.spec.name} at ${member.name} has not come to its end`;
    if (owed !== undefined) return `${member.name} owes ${owed.spec.name} what is ${owed.desired}, observed ${owed.observed}`;
  }
  const step = world.leases === null ? undefined : movesOwed(leader.machine)[0];
  if (step !== undefined) return `the leader owes ${JSON.stringify(step)}`;
  for (const id of operator.removed) {
    const state = world.nodes.get(id)?.state;
    if (state === undefined || !isGone(state)) return `${world.nodes.get(id)?.member.name} was removed and does not know it (${state})`;
  }
  return undefined;
}

function hasProcess(observed: string): boolean {
  return observed === "running" || observed === "paused";
}

function isUnfounded(node: SimulatedNode, uuid: string, observed: string): boolean {
  return hasProcess(observed) && !node.host.processes.has(uuid);
}

/** Equal index, equal digest, equal changes for watchers; what clients were told is there; what runs is what the records say. */
function checkState(world: World, history: History): void {
  const [first, ...others] = memberNodes(world).filter((node) => node.replica !== null);
  if (first?.replica == null) return;
  const { replica } = first;
  for (const node of others) {
    if (node.replica === null) continue;
    const told = toldOtherwise(replica.history, node.replica.history);
    if (told !== undefined) complain(world, `${node.member.name} and ${first.member.name} tell watchers other changes at index ${told}`);
    if (node.replica.appliedIndex !== replica.appliedIndex) continue;
    if (digest(node.replica.machine) === digest(replica.machine)) continue;
    complain(world, `${node.member.name} and ${first.member.name} differ at index ${replica.appliedIndex}`);
  }
  const ids = new Set(memberNodes(world).map(({ id }) => id));
  for (const { vm, state, node } of listReservations(replica.machine)) {
    if (state !== "confirmed" && ids.has(node)) complain(world, `the reservation of ${vm} is still ${state}`);
  }
  for (const problem of history.problems((key) => kvGet(replica.machine, key))) complain(world, problem);
  checkProcesses(world, replica.machine);
}

function checkProcesses(world: World, machine: Parameters<typeof listVms>[0]): void {
  const owners = new Map<string, string>();
  for (const node of world.nodes.values()) {
    for (const { uuid } of node.host.running()) {
      const other = owners.get(uuid);
      if (other !== undefined) complain(world, `VM ${uuid} runs on ${other} and on ${node.member.name}`);
      owners.set(uuid, node.member.name);
    }
  }
  for (const vm of listVms(machine)) {
    const owner = world.nodes.get(vm.owner);
    if (owner?.state !== "up" || dutyOf(vm) !== null) continue;
    const runs = owners.get(vm.uuid) === owner.member.name;
    if (runs !== hasProcess(vm.observed)) complain(world, `VM ${vm.spec.name} is ${vm.observed} and ${runs ? "runs" : "does not run"}`);
  }
}

function describe(world: World): string {
  const parts = [...world.nodes.values()].map(({ member, state, replica }) => {
    if (replica === null) return `${member.name} ${state}`;
    const { role, currentTerm, log, commitIndex, leader } = replica.raft;
    const { index, configuration } = configurationInForce(replica.raft);
    const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join();
    const members = `voters ${names(configuration.voters)} learners ${names(configuration.learners)} by ${index}`;
    const leads = leader === null ? "none" : (world.nodes.get(leader)?.member.name ?? leader);
    return `${member.name} ${state} ${role} term ${currentTerm} last ${log.lastTerm}/${log.lastIndex} commit ${commitIndex} leader ${leads} ${members}`;
  });
  return ` [${parts.join("; ")}]`;
}
