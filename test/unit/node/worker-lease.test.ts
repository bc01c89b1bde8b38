/** A worker renews its lease in time, through elections and lost answers (row W6). */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Attempt, Attempts } from "../../../src/node/attempts.ts";
import { parseConfig } from "../../../src/node/config.ts";
import { makeLog } from "../../../src/node/log.ts";
import { Requests } from "../../../src/node/requests.ts";
import { WorkerLease } from "../../../src/node/worker-lease.ts";
import type { Replica } from "../../../src/replica/replica.ts";
import { MachineLog, worker } from "../machine/machine-log.ts";

const { lease: terms, failover } = parseConfig({ name: "a", listen: "127.0.0.1:0", dataDir: "a" });
const granted: Attempt = { kind: "renewed", granted: true };
let time: number;
let leader: string | null;
let answer: () => Promise<Attempt>;
let sent: number[];
let ended: number;
let keeper: WorkerLease;

/** A worker with default times that runs a VM, and holds its lease. */
beforeEach(async () => {
  vi.useFakeTimers();
  [time, leader, sent, ended] = [0, "b", [], 0];
  answer = () => Promise.resolve(granted);
  const log = MachineLog.started();
  log.accept(worker("a"));
  log.accept({ kind: "lease-acquire", node: "a", epoch: 0, ...terms });
  const neighbours = {
    self: "a",
    ask: () => (sent.push(time), answer()),
    addressOf: () => null,
    renew: () => Promise.reject(new Error("this node does not lead")), assertOff: () => Promise.reject(new Error("this node does not lead")),
  };
  const replica = { raft: { role: "Follower", get leader() { return leader; } } } as unknown as Replica;
  const vms = { known: () => true, running: () => 1, renew: () => Promise.resolve(), endAll: () => void (ended += 1), poke: () => undefined };
  keeper = new WorkerLease({
    self: "a",
    terms,
    machine: () => log.state,
    requests: new Requests("meta", replica, {} as Attempts, () => time, neighbours),
    vms: () => vms,
    trace: () => undefined,
    log: makeLog("a", "error", () => undefined),
    clock: () => time,
  });
  keeper.start();
  await pass(1_000);
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    time += 50;
    await vi.advanceTimersByTimeAsync(50);
  }
}

test("renews so often that a worker that lives is never called degraded, and that who dies has most of its lease left", async () => {
  sent.length = 0;
  await pass(60_000);
  const gaps = sent.slice(1).map((ms, at) => ms - sent[at]!);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(failover.degradedAfterMs / 2);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(terms.leaseMs / 8);
  expect(sent.length).toBeLessThan(40);
});

test("without a leader until just before the end of the lease, it is renewed as soon as there is one", async () => {
  leader = null;
  await pass(terms.leaseMs - 3_000);
  leader = "b";
  await pass(600);
  leader = null;
  await pass(terms.leaseMs - 3_000);
  expect([keeper.mayRun(), ended]).toEqual([true, 0]);
});

test("answers that are lost are asked for again at once, not when the next renewal is due", async () => {
  answer = () => Promise.reject(new Error("the connection broke"));
  await pass(terms.leaseMs - 3_000);
  answer = () => Promise.resolve(granted);
  await pass(600);
  answer = () => Promise.reject(new Error("the connection broke"));
  await pass(terms.leaseMs - 3_000);
  expect([keeper.mayRun(), ended]).toEqual([true, 0]);
});

test("not renewed for its whole time, it is over and what runs is ended", async () => {
  leader = null;
  await pass(terms.leaseMs + 1_000);
  expect(keeper.mayRun()).toBe(false);
  expect(ended).toBeGreaterThan(0);
});
