import { beforeEach, describe, expect, test } from "vitest";
import { movesOwed } from "../../../src/machine/migration.ts";
import { Pace } from "../../../src/machine/pace.ts";
import { getVm, getWorker, listReservations } from "../../../src/machine/query.ts";
import { ReservationBook } from "../../../src/machine/reservation-book.ts";
import { startWithinMs } from "../../../src/machine/reservation.ts";
import { create, MachineLog, name, report, spec, worker } from "./machine-log.ts";

let log: MachineLog;
const vm = (it = "web") => getVm(log.state, it)!;
const reserved = (it = "web") => log.state.reservations.get(it);
const says = (observed: "starting" | "running" | "stopped" | "failed" | "paused", it = "web") => log.accept(report(it, observed, vm(it).generation, { node: vm(it).owner }));
const rollback = (generation: number) => ({ kind: "vm-rollback", name: name("web"), uuid: "uuid-web", generation }) as const;
const pay = () => movesOwed(log.state).forEach((command) => log.run(command));

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["n1", "n2", "n3"]) log.accept(worker(node, { memoryMib: 512 }));
});

describe("a reservation (row W4)", () => {
  test("is made with the placement, confirmed by the report, and gone with the end", () => {
    log.timeMs = 2_000_000;
    log.accept(create("web", { node: "n1", startWithinMs: 9_000 }));
    const made = { vm: "web", uuid: "uuid-web", node: "n1", generation: 1, cpus: 1, memoryMib: 256, to: null, sinceIndex: log.index };
    expect(reserved()).toEqual({ ...made, state: "held", deadlineMs: 2_009_000, ttlMs: 9_000 });
    says("starting");
    expect(reserved()).toEqual({ ...made, state: "held", deadlineMs: 2_009_000, ttlMs: 9_000 });
    says("running");
    expect(reserved()).toEqual({ ...made, state: "confirmed", deadlineMs: null, ttlMs: null });
    log.accept({ kind: "vm-stop", name: name("web"), force: false });
    expect(reserved()).toMatchObject({ state: "releasing", generation: 2 });
    says("stopped");
    expect(reserved()).toBeUndefined();
    expect(getWorker(log.state, "n1")?.usage).toMatchObject({ cpus: 0, memoryMib: 0, vms: 1 });
  });

  test("a report of another generation confirms nothing", () => {
    log.accept(create("web", { node: "n1" }));
    says("running");
    log.accept({ kind: "vm-restart", name: name("web"), force: false });
    expect(reserved()).toMatchObject({ state: "held", generation: 2 });
    expect(log.refuse(report("web", "running", 1))).toMatch(/CONFLICT/);
    expect(reserved()).toMatchObject({ state: "held", generation: 2 });
    says("running");
    expect(reserved()).toMatchObject({ state: "confirmed", generation: 2 });
  });

  test("one that ends by itself lets go, unless its policy starts it again", () => {
    log.accept(create("web", { node: "n1" }));
    log.accept(create("again", { node: "n1", restart: { when: "always", limit: 1, backoffMs: 10 } }));
    for (const it of ["web", "again"]) says("running", it);
    for (const it of ["web", "again"]) says("failed", it);
    expect(reserved()).toBeUndefined();
    expect(reserved("again")?.state).toBe("kept");
    log.accept({ kind: "vm-start", name: name("again"), again: { uuid: "uuid-again", generation: 1, attempt: 1 } });
    expect(reserved("again")?.state).toBe("held");
    says("failed", "again");
    expect(reserved("again")).toBeUndefined();
  });

  test("one that is told to stop before it ran is released by its end, not by the wish", () => {
    log.accept(create("web", { node: "n1" }));
    log.accept({ kind: "vm-delete", name: name("web") });
    expect(reserved()?.state).toBe("releasing");
    log.accept(report("web", "gone", 2));
    expect(listReservations(log.state)).toEqual([]);
  });

  test("a start has time for its boot", () => {
    expect(startWithinMs(spec("web"))).toBe(300_000);
    expect(startWithinMs(spec("web", { bootDeadlineMs: 200_000 }))).toBe(400_000);
    expect(startWithinMs(spec("web", { bootDeadlineMs: 200, startWithinMs: 1_000 }))).toBe(1_000);
    expect(log.refuse(create("web", { bootDeadlineMs: 2_000, startWithinMs: 1_000 }))).toMatch(/before its boot deadline/);
  });
});

describe("a start that nobody confirms (row W4)", () => {
  test("is ended where it is, keeps the room until that is certain, and goes elsewhere", () => {
    log.accept(create("web", { node: "n1", startWithinMs: 1_000 }));
    says("starting");
    expect(log.refuse(rollback(2))).toMatch(/CONFLICT/);
    log.accept(rollback(1));
    expect(vm()).toMatchObject({ owner: "n1", desired: "stopped", generation: 2, rollbacks: 1, failure: "its start on worker n1 was not confirmed within 1 s" });
    expect(reserved()).toMatchObject({ node: "n1", state: "releasing" });
    pay();
    expect(vm().owner).toBe("n1");
    says("stopped");
    expect(reserved()).toMatchObject({ node: "n1", state: "kept" });
    pay();
    expect(vm().owner).not.toBe("n1");
    expect(reserved()).toMatchObject({ node: vm().owner, state: "held", generation: 3 });
    says("running");
    expect(vm().rollbacks).toBeUndefined();
    expect(log.refuse(rollback(3))).toMatch(/WRONG_STATE no start of VM web waits/);
  });

  test("the third in a row has failed for good", () => {
    log.accept(create("web", { startWithinMs: 1_000 }));
    for (let at = 1; at <= 3; at += 1) {
      log.accept(rollback(vm().generation));
      says("stopped");
      pay();
    }
    expect(vm()).toMatchObject({ desired: "running", observed: "failed", generation: 7, observedGeneration: 7 });
    expect(vm().failure).toMatch(/not confirmed within 1 s, the last of 3/);
    expect(listReservations(log.state)).toEqual([]);
    expect(movesOwed(log.state)).toEqual([]);
  });

  test("with no other place it has failed, and says so", () => {
    for (const node of ["n2", "n3"]) log.accept(create(`fills-${node}`, { node, memoryMib: 512 }));
    log.accept(create("web", { node: "n1", startWithinMs: 1_000 }));
    log.accept(rollback(1));
    says("stopped");
    pay();
    expect(vm()).toMatchObject({ observed: "failed", desired: "running", owner: "n1" });
    expect(vm().failure).toMatch(/no other place: no worker has room/);
    expect(reserved()).toBeUndefined();
  });
});

describe("the leader's book of starts", () => {
  const never = () => false;
  const always = () => true;

  test("counts by its own clock; a new leader begins anew, so does one that stood still", () => {
    log.accept(create("web", { node: "n1", startWithinMs: 4_000 }));
    const book = new ReservationBook(new Pace(100));
    const look = (term: number, nowMs: number) => book.lapsed(log.state, term, nowMs, never, always);
    for (const nowMs of [100, 2_000, 4_099]) expect(look(1, nowMs)).toEqual([]);
    expect(look(1, 4_100)).toEqual([{ vm: "web", uuid: "uuid-web", generation: 1, waitedMs: 4_000, ttlMs: 4_000 }]);
    for (const nowMs of [4_200, 8_199]) expect(look(2, nowMs)).toEqual([]);
    expect(look(2, 8_200)).toHaveLength(1);
    expect(look(2, 13_300)).toEqual([]);
    expect(look(2, 17_300)).toHaveLength(1);
  });

  test("leaves alone what is confirmed, under way, or on a worker that is silent", () => {
    log.accept(create("web", { node: "n1", startWithinMs: 1_000 }));
    const book = new ReservationBook(new Pace(100));
    book.lapsed(log.state, 1, 0, never, always);
    expect(book.lapsed(log.state, 1, 2_000, always, always)).toEqual([]);
    expect(book.lapsed(log.state, 1, 2_000, never, never)).toEqual([]);
    says("running");
    expect(book.lapsed(log.state, 1, 3_000, never, always)).toEqual([]);
    log.accept({ kind: "vm-restart", name: name("web"), force: false });
    expect(book.lapsed(log.state, 1, 3_500, never, always)).toEqual([]);
    expect(book.lapsed(log.state, 1, 4_500, never, always)).toMatchObject([{ generation: 2, waitedMs: 1_000 }]);
  });

  test("no more in a minute than may move (row W9)", () => {
    for (const it of ["a", "b", "c"]) log.accept(create(it, { startWithinMs: 1_000 }));
    const pace = new Pace(2);
    const book = new ReservationBook(pace);
    book.lapsed(log.state, 1, 0, never, always);
    expect(book.lapsed(log.state, 1, 1_000, never, always).map(({ vm: it }) => it)).toEqual(["a", "b"]);
    expect(book.lapsed(log.state, 1, 1_100, never, always)).toEqual([]);
    expect(pace.allow(["another move"], 1_200)).toEqual([]);
    expect(pace.allow(["another move"], 61_001)).toHaveLength(1);
  });
});
