import { beforeEach, expect, test } from "vitest";
import { arrivalsAt } from "../../../src/machine/carry.ts";
import { getVm } from "../../../src/machine/query.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

let log: MachineLog;
const vm = () => getVm(log.state, "web")!;
const carry = (to?: string) => ({ kind: "vm-carry", name: name("web"), ...(to === undefined ? {} : { to }) }) as const;
const handOver = (node = "n2") => ({ kind: "vm-hand-over", name: name("web"), uuid: "uuid-web", node, generation: vm().generation, move: vm().migration?.sinceIndex ?? 1 }) as const;
const keep = () => ({ kind: "vm-keep", name: name("web"), uuid: "uuid-web", move: vm().migration?.sinceIndex ?? 1, reason: "tried" }) as const;
const room = (node: string) => log.state.usage.get(node)?.memoryMib ?? 0;

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["n1", "n2", "n3"]) log.accept(worker(node, { drivers: ["process", "qemu"] }));
  log.accept(create("web", { node: "n1", driver: "qemu", memoryMib: 128 }));
  log.accept(report("web", "running", 1, { node: "n1" }));
});

test("it runs on where it is, with room taken at both, until the target is the owner", () => {
  log.accept(carry("n2"));
  expect(vm()).toMatchObject({ owner: "n1", desired: "running", observed: "running", generation: 1, migration: { to: "n2", live: true } });
  expect([room("n1"), room("n2")]).toEqual([128, 128]);
  expect(arrivalsAt(log.state, "n2").map(({ spec }) => spec.name)).toEqual(["web"]);
  expect(arrivalsAt(log.state, "n3")).toEqual([]);
  log.accept(handOver());
  expect(vm()).toMatchObject({ owner: "n2", desired: "running", observed: "pending", generation: 2, carriedTo: 2 });
  expect(vm().migration).toBeUndefined();
  expect([room("n1"), room("n2")]).toEqual([0, 128]);
  expect(log.refuse(report("web", "running", 1, { node: "n1" }))).toMatch(/CONFLICT/);
});

test("given up, it stays and says why; what was asked for that move is refused from then on", () => {
  log.accept(carry("n2"));
  const late = handOver();
  log.accept(keep());
  expect(vm()).toMatchObject({ owner: "n1", observed: "running", generation: 1 });
  expect(vm().failure).toMatch(/was to move with its memory to worker n2 and stays: tried/);
  expect([room("n1"), room("n2")]).toEqual([128, 0]);
  expect(log.refuse(late)).toMatch(/CONFLICT/);
  log.accept(carry("n2"));
  expect(log.refuse(late)).toMatch(/CONFLICT/);
});

test("one move at a time, of either kind, and no pause meanwhile", () => {
  log.accept(carry("n2"));
  expect(log.refuse(carry("n3"))).toMatch(/CONFLICT/);
  expect(log.refuse({ kind: "vm-migrate", name: name("web") })).toMatch(/CONFLICT/);
  expect(log.refuse({ kind: "vm-pause", name: name("web") })).toMatch(/CONFLICT/);
});

test.each(["vm-stop", "vm-restart", "vm-delete"] as const)("%s ends the move", (kind) => {
  log.accept(carry("n2"));
  const late = handOver();
  log.accept(kind === "vm-delete" ? { kind, name: name("web") } : { kind, name: name("web"), force: false });
  expect(vm().migration).toBeUndefined();
  expect(room("n2")).toBe(0);
  expect(log.refuse(late)).toMatch(/CONFLICT/);
});

test("a guest that ends meanwhile has no memory to move", () => {
  log.accept(carry("n2"));
  log.accept(report("web", "failed", 1, { node: "n1", exit: { how: "crash", code: 1, signal: null }, failure: "it crashed" }));
  expect(vm()).toMatchObject({ owner: "n1", observed: "failed" });
  expect(vm().migration).toBeUndefined();
});

test("a target that lost its lease does not become the owner", () => {
  const { epoch } = log.accept<{ epoch: number }>({ kind: "lease-acquire", node: "n2", epoch: 0, leaseMs: 1_000, killBudgetMs: 500 });
  log.accept(carry("n2"));
  log.accept({ kind: "lease-expire", node: "n2", epoch });
  expect(log.refuse(handOver())).toMatch(/WRONG_STATE.*lost its lease/);
});

test("what cannot move with its memory is refused, and told what can be done", () => {
  log.accept(create("plain", { node: "n1", driver: "process" }));
  log.accept(report("plain", "running", 1, { node: "n1" }));
  expect(log.refuse({ kind: "vm-carry", name: name("plain") })).toMatch(/WRONG_STATE.*the driver process.*without --live/);
  log.accept(create("disk", { node: "n1", driver: "qemu", diskMib: 64 }));
  log.accept(report("disk", "running", 1, { node: "n1" }));
  expect(log.refuse({ kind: "vm-carry", name: name("disk") })).toMatch(/WRONG_STATE.*has a disk/);
  log.accept(create("idle", { node: "n1", driver: "qemu", start: false }));
  expect(log.refuse({ kind: "vm-carry", name: name("idle") })).toMatch(/WRONG_STATE.*only one that runs/);
});
