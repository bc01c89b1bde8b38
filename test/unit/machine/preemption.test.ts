import { beforeEach, describe, expect, test } from "vitest";
import { movesOwed } from "../../../src/machine/migration.ts";
import { outbox } from "../../../src/machine/outbox.ts";
import { planVm } from "../../../src/machine/plan.ts";
import { getVm, getWorker } from "../../../src/machine/query.ts";
import type { VmSpec } from "../../../src/machine/records.ts";
import { digest } from "../../../src/machine/state.ts";
import { create, MachineLog, name, report, spec, worker } from "./machine-log.ts";

let log: MachineLog;
const vm = (it: string) => getVm(log.state, it)!;
const stands = (it: string) => log.state.reservations.get(it)?.state;
const says = (it: string, observed: "running" | "stopped") => log.accept(report(it, observed, vm(it).generation, { node: vm(it).owner }));
const run = (it: string, priority: number, memoryMib: number, more: Partial<VmSpec> & { node?: string } = {}) => {
  log.accept(create(it, { priority, memoryMib, ...more }));
  says(it, "running");
};
const urgent = (priority: number, memoryMib = 512, more: Partial<VmSpec> & { node?: string } = {}) => create("urgent", { priority, memoryMib, preempt: true, ...more });
const pay = () => movesOwed(log.state).forEach((command) => log.run(command));
const victims = () => (vm("urgent").placement.preempts ?? []).map(({ vm: it }) => it);

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["n1", "n2"]) log.accept(worker(node, { memoryMib: 1_024 }));
});

describe("preemption (row W2)", () => {
  test("a victim is stopped by an entry; its room is taken until it has ended, and goes to nobody else", () => {
    run("low", 1, 1_024, { node: "n1" });
    run("high", 9, 1_024, { node: "n2" });
    log.accept(urgent(5, 1_024));
    expect(vm("urgent")).toMatchObject({ owner: "n1", desired: "running", observed: "pending", waiting: { reason: "waits until low made way" } });
    expect(vm("urgent").placement).toMatchObject({ strategy: "most-available", node: "n1", score: 0, preempts: [{ vm: "low", uuid: "uuid-low", priority: 1 }] });
    expect([stands("urgent"), stands("low"), outbox(log.state, "n1")]).toEqual([undefined, "confirmed", []]);
    expect(movesOwed(log.state)).toEqual([{ kind: "vm-preempt", name: "low", uuid: "uuid-low", generation: 1, by: "urgent" }]);
    pay();
    expect(vm("low")).toMatchObject({ desired: "stopped", generation: 2, failure: "preempted by urgent (priority 5 over 1)" });
    expect(stands("low")).toBe("releasing");
    expect(movesOwed(log.state)).toEqual([]);
    says("low", "stopped");
    expect(stands("low")).toBeUndefined();
    expect(log.refuse(create("thief", { memoryMib: 100, node: "n1" }))).toMatch(/NO_CAPACITY/);
    pay();
    expect(stands("urgent")).toBe("held");
    says("urgent", "running");
    expect(vm("low")).toMatchObject({ owner: "n1", desired: "running", observed: "pending" });
    expect(vm("low").waiting?.reason).toMatch(/was preempted by urgent and has no other place: no worker has room/);
    expect(getWorker(log.state, "n1")?.usage).toMatchObject({ memoryMib: 1_024, vms: 2 });
    expect(outbox(log.state, "n1")).toEqual([]);
    expect(movesOwed(log.state)).toEqual([]);
  });

  test("a victim goes to another worker that has room, and comes back from waiting when there is some", () => {
    run("low", 1, 512, { node: "n1" });
    run("fills", 9, 512, { node: "n1" });
    run("most", 9, 512, { node: "n2" });
    log.accept(urgent(5, 512, { node: "n1" }));
    pay();
    says("low", "stopped");
    pay();
    pay();
    expect([vm("urgent").owner, vm("low").owner]).toEqual(["n1", "n2"]);
    expect([stands("urgent"), stands("low")]).toEqual(["held", "held"]);
  });

  test("who waits is started when room is there, the highest priority first", () => {
    run("low", 1, 1_024, { node: "n1" });
    run("other", 3, 1_024, { node: "n2" });
    for (const [it, node, victim] of [["first", "n1", "low"], ["second", "n2", "other"]] as const) {
      log.accept(create(it, { priority: 7, preempt: true, memoryMib: 1_024, node }));
      pay();
      says(victim, "stopped");
      pay();
      says(it, "running");
    }
    expect(["low", "other"].map((it) => vm(it).waiting !== undefined)).toEqual([true, true]);
    log.accept({ kind: "vm-delete", name: name("first") });
    log.accept(report("first", "gone", vm("first").generation, { node: "n1" }));
    pay();
    expect([stands("low"), stands("other"), vm("other").owner]).toEqual([undefined, "held", "n1"]);
  });

  test.each([[5, "an equal"], [6, "a higher one"]])("priority %i never makes way for 5: %s", (priority) => {
    for (const node of ["n1", "n2"]) run(`there-${node}`, priority, 1_024, { node });
    expect(log.refuse(urgent(5))).toMatch(/NO_CAPACITY/);
    expect(log.refuse({ kind: "vm-preempt", name: name("there-n1"), uuid: "uuid-there-n1", generation: 1, by: name("there-n2") })).toMatch(/WRONG_STATE/);
  });

  test("nobody makes way without --preempt, for a place that is there, or while paused", () => {
    run("low", 0, 1_024, { node: "n1" });
    log.accept(create("roomy", { priority: 5, preempt: true, memoryMib: 1_024 }));
    expect(vm("roomy")).toMatchObject({ owner: "n2", placement: { node: "n2" } });
    expect(vm("roomy").waiting).toBeUndefined();
    expect(log.refuse(create("meek", { priority: 5, memoryMib: 512 }))).toMatch(/NO_CAPACITY/);
    log.accept({ kind: "vm-pause", name: name("low") });
    expect(log.refuse(urgent(3))).toMatch(/NO_CAPACITY/);
  });

  test("the lowest priority first, then the fewest, then the least memory; the same every time", () => {
    run("a", 1, 256, { node: "n1" });
    run("b", 1, 512, { node: "n1" });
    run("c", 2, 256, { node: "n1" });
    run("d", 2, 1_024, { node: "n2" });
    log.accept(urgent(5, 512));
    expect([vm("urgent").owner, victims()]).toEqual(["n1", ["b"]]);
    log.accept({ kind: "vm-delete", name: name("urgent") });
    log.accept(report("urgent", "gone", 2, { node: "n1" }));
    log.accept(urgent(5, 768));
    expect([vm("urgent").owner, victims()]).toEqual(["n1", ["b", "a"]]);
    log.accept({ kind: "vm-delete", name: name("urgent") });
    log.accept(report("urgent", "gone", 2, { node: "n1" }));
    // All of n1 would have to go, as high as the one on n2.
    log.accept(urgent(5, 1_024));
    expect([vm("urgent").owner, victims()]).toEqual(["n2", ["d"]]);
  });

  test("the plan tells who would make way, and changes nothing", () => {
    run("low", 1, 1_024, { node: "n1" });
    run("high", 9, 1_024, { node: "n2" });
    const before = digest(log.state);
    const plan = planVm(log.state, spec("urgent", { priority: 5, memoryMib: 512, preempt: true }));
    expect(plan).toMatchObject({ fits: false, node: "n1", preempts: [{ vm: "low", uuid: "uuid-low", priority: 1 }] });
    expect(plan.workers.map(({ node, verdict, reason }) => [node, verdict, reason])).toEqual([
      ["n1", "chosen", "would have room when low made way"],
      ["n2", "rejected", "has free only 0 of 512 MiB memory"],
    ]);
    expect(planVm(log.state, spec("meek", { memoryMib: 512 }))).toMatchObject({ fits: false, node: null, preempts: [] });
    expect(digest(log.state)).toBe(before);
  });

  test("what waits can be stopped, deleted and started again, and is neither moved nor paused", () => {
    run("low", 1, 1_024, { node: "n1" });
    run("high", 9, 1_024, { node: "n2" });
    log.accept(urgent(5));
    for (const kind of ["vm-pause", "vm-resume", "vm-migrate"] as const) expect(log.refuse({ kind, name: name("urgent") })).toMatch(/WRONG_STATE VM urgent has no room yet/);
    log.accept({ kind: "vm-stop", name: name("urgent"), force: false });
    expect([vm("urgent").waiting, movesOwed(log.state), stands("urgent")]).toEqual([undefined, [], undefined]);
    says("urgent", "stopped");
    expect(log.refuse({ kind: "vm-start", name: name("urgent") })).toMatch(/NO_CAPACITY/);
    log.accept({ kind: "vm-delete", name: name("urgent") });
    log.accept(report("urgent", "gone", 3, { node: "n1" }));
    expect(stands("low")).toBe("confirmed");
  });
});
