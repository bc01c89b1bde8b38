import { beforeEach, expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import { LeaseBook } from "../../../src/machine/lease-book.ts";
import { movesOwed } from "../../../src/machine/migration.ts";
import { outbox } from "../../../src/machine/outbox.ts";
import { getVm } from "../../../src/machine/query.ts";
import type { VmExit, VmSpec } from "../../../src/machine/records.ts";
import { finishedLimit } from "../../../src/machine/task.ts";
import { isOver, taskState } from "../../../src/machine/task-state.ts";
import { create, MachineLog, name, report, uuidFor, worker } from "./machine-log.ts";

let log: MachineLog;
const full = "task/sum";
const run = { argv: ["true"] };
const twice = { when: "on-failure", limit: 1, backoffMs: 1 } as const;
const exited = (code: number): VmExit => ({ how: "exited", code, signal: null });
const timedOut: VmExit = { how: "timed-out", code: null, signal: "SIGTERM" };

const task = (wishes: Partial<VmSpec> & { node?: string } = {}, as = full): Command => create(as, { run, cpus: 0, timeoutMs: 1_000, restart: twice, ...wishes });
const now = (of = full) => getVm(log.state, of)!;
const state = (of = full) => taskState(now(of));
const tell = (observed: "running" | "stopped" | "failed", exit: VmExit | null = null, of = full): void => {
  const { owner, generation } = now(of);
  log.accept(report(of, observed, generation, { node: owner, exit, ...(exit === null ? {} : { output: "said" }) }));
};
const retry = (of = full): Command => ({ kind: "vm-retry", name: name(of), uuid: uuidFor(of), generation: now(of).generation });
const cancel = (of = full): Command => ({ kind: "vm-stop", name: name(of), force: false });

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["n1", "n2"]) {
    log.accept({ kind: "lease-acquire", node, epoch: 0, leaseMs: 1_000, killBudgetMs: 0 });
    log.accept(worker(node, { memoryMib: 512 }));
  }
});

function fail(node: string): void {
  log.accept({ kind: "lease-expire", node, epoch: log.state.leases.get(node)!.epoch });
}

function reassign(of = full): Command {
  const { owner, generation } = now(of);
  return { kind: "vm-reassign", name: name(of), uuid: uuidFor(of), from: owner, generation };
}

test("it is assigned, runs, completes, and takes no room any more", () => {
  log.accept(task());
  expect(state()).toBe("assigned");
  const { owner } = now();
  expect(log.state.usage.get(owner)?.vms).toBe(1);
  tell("running");
  expect(state()).toBe("running");
  tell("stopped", exited(0));
  expect(state()).toBe("completed");
  expect(now()).toMatchObject({ output: "said", exit: exited(0) });
  expect(log.state.usage.get(owner)).toBeUndefined();
  expect(outbox(log.state, owner)).toEqual([]);
  expect(log.refuse(retry())).toMatch(/WRONG_STATE/);
  expect(log.refuse(cancel())).toBe("WRONG_STATE task sum has completed already");
});

test.each([
  ["failed", exited(3)],
  ["timed-out", timedOut],
] as const)("an attempt that %s is followed by the next on another worker, and the last one decides", (end, exit) => {
  log.accept(task({ node: "n1" }));
  tell("failed", exit);
  expect(state()).toBe("pending");
  expect(log.state.usage.get("n1")?.vms).toBe(1);
  log.accept(retry());
  expect(now()).toMatchObject({ owner: "n2", generation: 2, attempts: 1, observed: "pending" });
  expect(state()).toBe("assigned");
  tell("failed", exit);
  expect(state()).toBe(end);
  expect(log.refuse(retry())).toMatch(/WRONG_STATE/);
});

test("no next attempt begins while one is under way, and what the old one says is refused", () => {
  log.accept(task({ node: "n1" }));
  tell("running");
  expect(log.refuse(retry())).toMatch(/WRONG_STATE/);
  tell("failed", exited(1));
  log.accept(retry());
  expect(log.refuse(report(full, "stopped", 1, { node: "n1", exit: exited(0) }))).toMatch(/CONFLICT/);
  expect(log.refuse(report(full, "stopped", 2, { node: "n1", exit: exited(0) }))).toMatch(/CONFLICT/);
  expect(state()).toBe("assigned");
  expect(log.refuse({ ...retry(), generation: 1 } as Command)).toMatch(/CONFLICT/);
});

test("where there is no other worker it stays; where that takes no work either it waits for one", () => {
  log.accept(create("big", { node: "n2", memoryMib: 512 }));
  log.accept(task({ node: "n1", restart: { ...twice, limit: 5 } }));
  tell("failed", exited(1));
  log.accept(retry());
  expect(now().owner).toBe("n1");
  tell("failed", exited(1));
  log.accept({ kind: "worker-admin", node: "n1", admin: "draining" });
  log.accept(retry());
  expect(now()).toMatchObject({ owner: "", observed: "pending", attempts: 2 });
  expect(state()).toBe("pending");
  expect(movesOwed(log.state)).toEqual([{ kind: "worker-admin", node: "n1", admin: "drained" }]);
  log.accept({ kind: "worker-admin", node: "n1", admin: "active" });
  expect(movesOwed(log.state)).toEqual([retry()]);
  log.accept(retry());
  expect(now()).toMatchObject({ owner: "n1", attempts: 2 });
});

test("it waits where nobody has room, says why, and can be cancelled and forgotten by nobody's help", () => {
  log.accept(task({ memoryMib: 1_000 }));
  expect(now()).toMatchObject({ owner: "", failure: expect.stringContaining("no worker has room for task sum") });
  expect([state(), movesOwed(log.state)]).toEqual(["pending", []]);
  expect(log.refuse(task({ memoryMib: 1_000, node: "n1" }, "task/there"))).toMatch(/NO_CAPACITY/);
  log.accept(cancel());
  expect([state(), isOver(now())]).toEqual(["cancelled", true]);
  expect(log.refuse(retry())).toMatch(/WRONG_STATE/);
  log.accept({ kind: "vm-delete", name: name(full) });
  expect(getVm(log.state, full)).toBeUndefined();
});

test("a cancel is obeyed by the worker, and ends what waits for its next attempt", () => {
  log.accept(task({ node: "n1" }));
  log.accept(cancel());
  expect([state(), outbox(log.state, "n1").map(({ kind }) => kind)]).toEqual(["cancelling", ["stop"]]);
  tell("stopped", { how: "host-stop", code: null, signal: "SIGTERM" });
  expect(state()).toBe("cancelled");
  log.accept(task({ node: "n1" }, "task/other"));
  tell("failed", exited(1), "task/other");
  log.accept(cancel("task/other"));
  expect(log.refuse(retry("task/other"))).toMatch(/WRONG_STATE/);
});

test("a worker that fails has used up an attempt; who allows one gets no second", () => {
  log.accept(task({ node: "n1", memoryMib: 64 }));
  log.accept(task({ node: "n1", memoryMib: 64, restart: { when: "never", limit: 0, backoffMs: 1 } }, "task/once"));
  log.accept(task({ node: "n1", memoryMib: 64 }, "task/done"));
  tell("stopped", exited(0), "task/done");
  expect(log.refuse(reassign())).toMatch(/WRONG_STATE/);
  fail("n1");
  const book = new LeaseBook({ failoverAfterMs: 1, driftPermille: 0, degradedAfterMs: 1, failedAfterMs: 1, movesPerMinute: 60 });
  expect(book.moves(log.state, 0, () => false).map(({ spec }) => spec.name)).toEqual(["task/once", full]);
  log.accept(reassign());
  expect(now()).toMatchObject({ owner: "n2", attempts: 1, observed: "pending", generation: 2 });
  log.accept(reassign("task/once"));
  expect(now("task/once")).toMatchObject({ owner: "", observed: "failed", failure: expect.stringContaining("no attempt left") });
  expect([state("task/once"), state("task/done")]).toEqual(["failed", "completed"]);
  expect(log.refuse(reassign("task/done"))).toMatch(/WRONG_STATE/);
  fail("n2");
  log.accept(reassign());
  expect([state(), now().owner]).toEqual(["failed", ""]);
});

test("a drain waits for tasks that run; a worker with nothing but results can go", () => {
  log.accept(task({ node: "n1" }));
  tell("running");
  log.accept({ kind: "worker-admin", node: "n1", admin: "draining" });
  expect(movesOwed(log.state)).toEqual([]);
  tell("stopped", exited(0));
  expect(movesOwed(log.state)).toEqual([{ kind: "worker-admin", node: "n1", admin: "drained" }]);
  log.accept({ kind: "worker-remove", node: "n1" });
  log.accept({ kind: "vm-delete", name: name(full) });
  expect(getVm(log.state, full)).toBeUndefined();
});

test("results are kept, the latest thousand; then the oldest go by their workers' help", () => {
  for (let at = 0; at <= finishedLimit; at += 1) {
    const of = `task/t-${at}`;
    log.accept(task({ node: "n1" }, of));
    tell("stopped", exited(0), of);
  }
  expect(movesOwed(log.state)).toEqual([{ kind: "vm-delete", name: "task/t-0" }]);
  log.accept({ kind: "vm-delete", name: name("task/t-0") });
  expect([movesOwed(log.state), outbox(log.state, "n1").map(({ kind }) => kind)]).toEqual([[], ["delete"]]);
});

test.each<[string, Command]>([
  ["a task needs a timeout", create("task/a", { run })],
  ["a service has no timeout", create("service/a", { run, timeoutMs: 1 })],
  ["a VM has no timeout", create("a", { timeoutMs: 1 })],
  ["runs to its end", task({ restart: { ...twice, when: "always" } })],
  ["only a task has attempts", { kind: "vm-retry", name: name("web"), uuid: "u", generation: 1 }],
  ["a task runs to its end", { kind: "vm-start", name: name(full) }],
  ["a task runs to its end", { kind: "vm-migrate", name: name(full) }],
  ["a task runs to its end", { kind: "vm-restart", name: name(full), force: false }],
])("%s", (problem, command) => {
  expect(log.refuse(command)).toContain(problem);
});

test("rows read back give the same views", () => {
  log.accept(task({ memoryMib: 1_000 }, "task/waits"));
  log.accept(task());
  tell("stopped", exited(0));
  const again = MachineLog.restarted(log);
  expect([[...again.state.waiting], [...again.state.finished], again.state.usage.size]).toEqual([["task/waits"], [full], 0]);
});
