import { beforeEach, expect, test } from "vitest";
import { LeaseBook, leastFailoverMs, type FailoverPolicy } from "../../../src/machine/lease-book.ts";
import { LeaseKeeper } from "../../../src/machine/lease-keeper.ts";
import { create, MachineLog, worker } from "./machine-log.ts";

const policy: FailoverPolicy = { failoverAfterMs: 30_000, driftPermille: 50, degradedAfterMs: 5_000, failedAfterMs: 30_000, movesPerMinute: 3 };
const never = (): boolean => false;
let log: MachineLog;
let book: LeaseBook;

function lease(node: string, leaseMs = 10_000, killBudgetMs = 5_000): number {
  const epoch = log.state.leases.get(node)?.epoch ?? 0;
  return log.accept<{ epoch: number }>({ kind: "lease-acquire", node, epoch, leaseMs, killBudgetMs }).epoch;
}

/** Lets time pass in steps, as the leader's housekeeping does. */
function pass(fromMs: number, toMs: number, term = 1): void {
  for (let at = fromMs; at <= toMs; at += 1_000) book.look(term, at);
}

beforeEach(() => {
  log = MachineLog.started();
  book = new LeaseBook(policy);
  for (const node of ["a", "b", "c", "d"]) {
    log.accept(worker(node));
    lease(node);
  }
  book.look(1, 0);
  for (const node of ["a", "b", "c", "d"]) book.acknowledge(log.state, node, log.state.leases.get(node)!.epoch, 0);
});

const epochOf = (node: string): number => log.state.leases.get(node)!.epoch;
const silent = (nowMs: number): readonly string[] => book.expiries(log.state, nowMs, never).map((expiry) => expiry.worker);

test("health changes at its boundaries, to the millisecond, and a worker without a lease is failed", () => {
  pass(0, 30_000);
  const health = (nowMs: number): string => book.health(log.state, "a", nowMs);
  expect([0, 4_999, 5_000, 29_999, 30_000].map(health)).toEqual(["healthy", "healthy", "degraded", "degraded", "failed"]);
  log.accept(worker("e"));
  expect(book.health(log.state, "e", 0)).toBe("failed");
  log.accept({ kind: "lease-expire", node: "a", epoch: epochOf("a") });
  expect(health(0)).toBe("failed");
});

test("a worker is heard while no renewal is overdue, also with a lease so long that it renews seldom", () => {
  const heard = (node: string, nowMs: number): boolean => book.isHeard(log.state, node, nowMs);
  expect([heard("a", 4_999), heard("a", 5_000)]).toEqual([true, false]);
  lease("b", 60_000);
  book.acknowledge(log.state, "b", epochOf("b"), 0);
  expect([heard("b", 17_999), heard("b", 18_000)]).toEqual([true, false]);
  log.accept({ kind: "lease-expire", node: "c", epoch: epochOf("c"), asserted: "op@host: off" });
  expect(heard("c", 0)).toBe(false);
});

test("a lease is called expired when it was not renewed for the whole time, and from then on no renewal counts", () => {
  pass(0, 29_000);
  for (const node of ["b", "c", "d"]) book.acknowledge(log.state, node, epochOf(node), 20_000);
  expect(silent(29_999)).toEqual([]);
  expect(book.acknowledge(log.state, "a", epochOf("a"), 29_999)).toBe(true);
  pass(30_000, 59_000);
  for (const node of ["b", "c", "d"]) book.acknowledge(log.state, node, epochOf(node), 50_000);
  expect(silent(59_998)).toEqual([]);
  const [expiry] = book.expiries(log.state, 59_999, never);
  expect(expiry).toEqual({ worker: "a", epoch: epochOf("a"), silentMs: 30_000, failoverAfterMs: 30_000, leaseMs: 10_000, killBudgetMs: 5_000, driftPermille: 50 });
  expect(book.acknowledge(log.state, "a", epochOf("a"), 60_000)).toBe(false);
  expect(book.acknowledge(log.state, "a", lease("a"), 60_001)).toBe(true);
});

test("a renewal of another epoch does not count", () => {
  expect(book.acknowledge(log.state, "a", epochOf("a") - 1, 1)).toBe(false);
  expect(book.acknowledge(log.state, "a", epochOf("a") + 1, 1)).toBe(false);
});

test("a lease that is longer than this leader's own configuration allows is waited for all the same", () => {
  lease("a", 60_000, 8_000);
  const least = leastFailoverMs({ leaseMs: 60_000, killBudgetMs: 8_000 }, policy.driftPermille);
  expect(least).toBe(71_000);
  book.acknowledge(log.state, "a", epochOf("a"), 0);
  for (let at = 0; at <= 71_000; at += 1_000) {
    book.look(1, at);
    for (const node of ["b", "c", "d"]) book.acknowledge(log.state, node, epochOf(node), at);
    expect(silent(at)).toEqual(at < 71_000 ? [] : ["a"]);
  }
});

test("a new leader gives everybody the full time, and so does one that stood still", () => {
  pass(0, 29_000);
  book.look(2, 29_500);
  for (const node of ["b", "c", "d"]) book.acknowledge(log.state, node, epochOf(node), 29_500);
  pass(30_000, 59_000, 2);
  for (const node of ["b", "c", "d"]) book.acknowledge(log.state, node, epochOf(node), 59_000);
  expect(silent(59_499)).toEqual([]);
  expect(silent(59_500)).toEqual(["a"]);
  book.look(2, 100_000);
  expect(silent(100_000)).toEqual([]);
});

test("when more than half of the workers are silent, nobody is given up", () => {
  pass(0, 30_000);
  book.acknowledge(log.state, "d", epochOf("d"), 30_000);
  expect(silent(30_000)).toEqual([]);
  book.acknowledge(log.state, "c", epochOf("c"), 30_000);
  expect(silent(30_000)).toEqual(["a", "b"]);
});

test("VMs leave the failed worker, no more within a minute than is allowed", () => {
  for (const vm of ["v1", "v2", "v3", "v4", "v5"]) log.accept(create(vm, { node: "a", memoryMib: 1 }));
  expect(book.moves(log.state, 0, never)).toEqual([]);
  log.accept({ kind: "lease-expire", node: "a", epoch: epochOf("a") });
  const moving = (nowMs: number): readonly string[] => book.moves(log.state, nowMs, (vm) => vm === "v1").map((vm) => vm.spec.name);
  expect(moving(1_000)).toEqual(["v2", "v3", "v4"]);
  expect(moving(60_999)).toEqual([]);
  expect(moving(61_000)).toEqual(["v2", "v3", "v4"]);
});

test("a worker asks for a lease when nothing runs, renews it, and lets go when it is over", () => {
  const keeper = new LeaseKeeper("e", { leaseMs: 10_000, killBudgetMs: 5_000 }, 0);
  const next = (nowMs: number, runs = 0) => keeper.next(log.state, nowMs, runs);
  expect(next(0)).toEqual({ kind: "idle" });
  log.accept(worker("e"));
  expect(next(0)).toEqual({ kind: "ask", epoch: 0 });
  expect(next(0, 1)).toEqual({ kind: "end" });
  const epoch = lease("e");
  expect(next(100)).toEqual({ kind: "renew", epoch });
  expect(keeper.mayRun(log.state, 100)).toBe(false);
  expect(keeper.granted(epoch, 100, 150)).toBe(true);
  expect(keeper.granted(epoch, 2_600, 2_700)).toBe(false);
  expect(keeper.untilMs).toBe(12_600);
  expect([12_599, 12_600].map((at) => keeper.mayRun(log.state, at))).toEqual([true, false]);
  expect(next(12_599, 2)).toEqual({ kind: "renew", epoch });
  expect(next(12_600, 2)).toEqual({ kind: "end" });
  expect(keeper.granted(epoch, 12_600, 12_610)).toBe(false);
  expect(next(12_700)).toEqual({ kind: "lost", epoch });
  expect(next(12_800)).toEqual({ kind: "renew", epoch });
  expect(keeper.granted(epoch, 12_800, 12_900)).toBe(true);
});

test("an answer that comes after its lease has ended gives none; a lease that expired in the log is not held", () => {
  const keeper = new LeaseKeeper("a", { leaseMs: 10_000, killBudgetMs: 5_000 }, 0);
  const epoch = epochOf("a");
  expect(keeper.granted(epoch, 0, 10_000)).toBe(false);
  expect(keeper.granted(epoch, 1, 10_000)).toBe(true);
  log.accept({ kind: "lease-expire", node: "a", epoch });
  expect(keeper.mayRun(log.state, 2_000)).toBe(false);
  expect(keeper.next(log.state, 2_000, 1)).toEqual({ kind: "end" });
  expect(keeper.next(log.state, 2_000, 0)).toEqual({ kind: "lost", epoch });
  expect(keeper.next(log.state, 2_000, 0)).toEqual({ kind: "ask", epoch });
  const changed = new LeaseKeeper("b", { leaseMs: 9_000, killBudgetMs: 5_000 }, 0);
  expect(changed.next(log.state, 0, 0)).toEqual({ kind: "ask", epoch: epochOf("b") });
});
