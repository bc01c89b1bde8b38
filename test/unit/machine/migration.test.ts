import { beforeEach, expect, test } from "vitest";
import { movesOwed } from "../../../src/machine/migration.ts";
import { getVm } from "../../../src/machine/query.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

let log: MachineLog;
const vm = () => getVm(log.state, "web")!;
const migrate = (to?: string) => ({ kind: "vm-migrate", name: name("web"), ...(to === undefined ? {} : { to }) }) as const;
const ended = (observed: "stopped" | "failed" = "stopped") => log.accept(report("web", observed, vm().generation, { node: vm().owner }));
/** Does all that the leader owes, until it owes nothing. */
function pay(): void {
  for (const command of movesOwed(log.state)) log.run(command);
}

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["n1", "n2", "n3"]) log.accept(worker(node));
  log.accept(create("web", { node: "n1" }));
  log.accept(report("web", "running", 1, { node: "n1" }));
});

test("it is stopped where it is, and gets its new owner only when that has said so", () => {
  log.accept(migrate("n2"));
  expect(vm()).toMatchObject({ owner: "n1", desired: "stopped", generation: 2, migration: { to: "n2", restart: true } });
  expect(movesOwed(log.state)).toEqual([]);
  expect(log.refuse({ kind: "vm-switch", name: name("web"), uuid: "uuid-web", generation: 2 })).toMatch(/WRONG_STATE/);
  ended();
  expect(movesOwed(log.state)).toEqual([{ kind: "vm-switch", name: "web", uuid: "uuid-web", generation: 2 }]);
  pay();
  expect(vm()).toMatchObject({ owner: "n2", desired: "running", observed: "pending", generation: 3 });
  expect(vm().migration).toBeUndefined();
  expect(log.refuse({ kind: "vm-switch", name: name("web"), uuid: "uuid-web", generation: 2 })).toMatch(/CONFLICT/);
  expect(log.refuse(report("web", "running", 3, { node: "n1" }))).toMatch(/CONFLICT/);
});

test("one that is stopped moves at once and stays stopped", () => {
  log.accept({ kind: "vm-stop", name: name("web"), force: false });
  ended();
  log.accept(migrate());
  pay();
  expect(vm()).toMatchObject({ desired: "stopped", observed: "stopped" });
  expect(vm().owner).not.toBe("n1");
  expect(movesOwed(log.state)).toEqual([]);
});

test("one that never ran moves at once, too", () => {
  log.accept(create("idle", { node: "n1", start: false }));
  log.accept({ kind: "vm-migrate", name: name("idle"), to: "n3" });
  pay();
  expect(getVm(log.state, "idle")).toMatchObject({ owner: "n3", desired: "stopped", observed: "stopped" });
});

test("one move at a time; nothing is stopped for which there is no place", () => {
  log.accept(migrate("n2"));
  expect(log.refuse(migrate("n3"))).toMatch(/CONFLICT/);
  log.accept(create("other", { node: "n2", memoryMib: 700 }));
  ended();
  // The place was taken meanwhile: the next best one is.
  log.accept(create("full", { node: "n2", memoryMib: 100 }));
  pay();
  expect(vm().owner).toBe("n3");
  log.accept(create("filler", { node: "n1", memoryMib: 1_000 }));
  expect(log.refuse(migrate("n1"))).toMatch(/NO_CAPACITY/);
  expect(vm()).toMatchObject({ desired: "running", owner: "n3" });
});

test("with no place left it goes on where it was, and says why", () => {
  log.accept(migrate("n2"));
  for (const node of ["n2", "n3"]) log.accept(create(`fills-${node}`, { node, memoryMib: 1_000 }));
  ended();
  pay();
  expect(vm()).toMatchObject({ owner: "n1", desired: "running", observed: "pending", generation: 3 });
  expect(vm().failure).toMatch(/has no other place/);
  expect(vm().migration).toBeUndefined();
});

test.each([["vm-start", "running"], ["vm-stop", "stopped"], ["vm-delete", "deleted"]] as const)("%s while it is to move: it stays", (kind, desired) => {
  log.accept(migrate("n2"));
  log.accept(kind === "vm-stop" ? { kind, name: name("web"), force: false } : { kind, name: name("web") });
  expect(vm()).toMatchObject({ owner: "n1", desired });
  expect(vm().migration).toBeUndefined();
  expect(movesOwed(log.state)).toEqual([]);
});

test("a worker that fails while its VM is to move loses it like any, and the VM runs again", () => {
  const { epoch } = log.accept<{ epoch: number }>({ kind: "lease-acquire", node: "n1", epoch: 0, leaseMs: 1_000, killBudgetMs: 500 });
  log.accept(migrate("n2"));
  log.accept({ kind: "lease-expire", node: "n1", epoch });
  log.accept({ kind: "vm-reassign", name: name("web"), uuid: "uuid-web", from: "n1", generation: 2 });
  pay();
  expect(vm()).toMatchObject({ desired: "running", observed: "pending" });
  expect(vm().owner).not.toBe("n1");
  expect(vm().migration).toBeUndefined();
});

test("a worker is drained of its VMs one by one, and takes none until it is active again", () => {
  log.accept({ kind: "worker-admin", node: "n1", admin: "draining" });
  expect(log.refuse({ kind: "worker-admin", node: "n1", admin: "drained" })).toMatch(/WRONG_STATE.*still holds 1 VM/);
  expect(log.refuse(create("more", { node: "n1" }))).toMatch(/NO_CAPACITY.*is draining/);
  pay();
  expect(vm()).toMatchObject({ desired: "stopped", migration: { to: null, restart: true } });
  pay();
  ended();
  pay();
  expect(vm().owner).not.toBe("n1");
  pay();
  expect(log.state.workers.get("n1")).toMatchObject({ admin: "drained" });
  expect(movesOwed(log.state)).toEqual([]);
  log.accept({ kind: "worker-admin", node: "n1", admin: "active" });
  log.accept(create("back", { node: "n1" }));
});

test("a VM that has no place elsewhere is not stopped by a drain", () => {
  for (const node of ["n2", "n3"]) log.accept(create(`fills-${node}`, { node, memoryMib: 1_000 }));
  log.accept({ kind: "worker-admin", node: "n1", admin: "draining" });
  expect(movesOwed(log.state)).toEqual([]);
  expect(vm()).toMatchObject({ owner: "n1", desired: "running", observed: "running" });
});
