import { beforeEach, expect, test } from "vitest";
import type { Command, Reply, VmCreated } from "../../../src/machine/commands.ts";
import { getVm, listLeases } from "../../../src/machine/query.ts";
import type { Name, NodeId } from "../../../src/machine/records.ts";
import { MachineLog } from "./machine-log.ts";

let log: MachineLog;
const run = (command: Command): Reply => log.run(command);
const worker = (node: NodeId, memoryMib = 1_024): Reply =>
  run({ kind: "worker-register", node, name: node as Name, cpus: 8, memoryMib, diskMib: 1_000, drivers: ["process"] });
const acquire = (node: NodeId, epoch = 0): number => {
  const reply = run({ kind: "lease-acquire", node, epoch, leaseMs: 10_000, killBudgetMs: 5_000 });
  expect(reply).toMatchObject({ ok: true });
  return reply.index;
};
const create = (name: string, start = true, node?: NodeId): Reply =>
  run({
    kind: "vm-create", uuid: `uuid-${name}`, start, ...(node === undefined ? {} : { node }),
    spec: { name: name as Name, driver: "process", cpus: 1, memoryMib: 100, diskMib: 0, image: "default" as Name },
  });
const reassign = (name: string, from: NodeId, generation = 1): Reply =>
  run({ kind: "vm-reassign", name: name as Name, uuid: `uuid-${name}`, from, generation });

beforeEach(() => {
  log = MachineLog.started();
  for (const node of ["a", "b", "c"]) worker(node);
});

test("a lease has the index of its entry for an epoch, and is replaced only by who knows it", () => {
  const epoch = acquire("a");
  expect(listLeases(log.state)).toEqual([{ node: "a", epoch, held: true, leaseMs: 10_000, killBudgetMs: 5_000 }]);
  expect(run({ kind: "lease-acquire", node: "a", epoch: 0, leaseMs: 1, killBudgetMs: 0 })).toMatchObject({ ok: false, code: "CONFLICT" });
  expect(acquire("a", epoch)).toBeGreaterThan(epoch);
});

test("only the lease that is meant expires, once", () => {
  const epoch = acquire("a");
  const next = acquire("a", epoch);
  expect(run({ kind: "lease-expire", node: "a", epoch })).toMatchObject({ ok: false, code: "CONFLICT" });
  expect(run({ kind: "lease-expire", node: "b", epoch })).toMatchObject({ ok: false, code: "CONFLICT" });
  expect(run({ kind: "lease-expire", node: "a", epoch: next })).toMatchObject({ ok: true });
  expect(run({ kind: "lease-expire", node: "a", epoch: next })).toMatchObject({ ok: true });
  expect(listLeases(log.state)).toMatchObject([{ node: "a", epoch: next, held: false }]);
});

test("a VM leaves its owner only after that has lost its lease, and never goes back to one without", () => {
  const epoch = acquire("a");
  create("web", true, "a");
  expect(reassign("web", "a")).toMatchObject({ ok: false, code: "WRONG_STATE" });
  run({ kind: "lease-expire", node: "a", epoch });
  expect(reassign("web", "b")).toMatchObject({ ok: false, code: "CONFLICT" });
  expect(reassign("web", "a", 2)).toMatchObject({ ok: false, code: "CONFLICT" });
  expect(reassign("web", "a")).toMatchObject({ ok: true });
  const vm = getVm(log.state, "web");
  expect(vm?.owner).not.toBe("a");
  expect(vm).toMatchObject({ generation: 2, desired: "running", observed: "pending", observedGeneration: 0 });
  expect(reassign("web", "a")).toMatchObject({ ok: false, code: "CONFLICT" });
});

test("no VM is placed on a worker that has lost its lease", () => {
  run({ kind: "lease-expire", node: "a", epoch: acquire("a") });
  for (const name of ["v1", "v2", "v3", "v4"]) {
    const reply = create(name);
    expect(reply.ok && (reply.value as VmCreated).node).not.toBe("a");
  }
  const refused = create("v5", true, "a");
  expect(refused).toMatchObject({ ok: false, code: "NO_CAPACITY" });
  expect(refused.ok ? "" : refused.message).toContain("has lost its lease");
});

test("what was stopped stays so, what was to be deleted is gone, and the old owner's reports count no more", () => {
  const epoch = acquire("a");
  create("idle", false, "a");
  create("gone", true, "a");
  run({ kind: "vm-delete", name: "gone" as Name });
  run({ kind: "lease-expire", node: "a", epoch });
  expect(reassign("idle", "a")).toMatchObject({ ok: true });
  expect(getVm(log.state, "idle")).toMatchObject({ desired: "stopped", observed: "stopped", generation: 2, observedGeneration: 2 });
  expect(reassign("gone", "a", 2)).toMatchObject({ ok: true });
  expect(getVm(log.state, "gone")).toBeUndefined();
  const report = { kind: "vm-report", name: "idle" as Name, uuid: "uuid-idle", node: "a", exit: null, failure: null } as const;
  expect(run({ ...report, generation: 1, observed: "running" })).toMatchObject({ ok: false, code: "CONFLICT" });
});

test("one VM that has no room elsewhere keeps no other from moving", () => {
  const epoch = acquire("a");
  worker("a", 8_192);
  const big = { name: "big" as Name, driver: "process", cpus: 1, memoryMib: 4_096, diskMib: 0, image: "default" as Name } as const;
  expect(run({ kind: "vm-create", uuid: "uuid-big", start: true, node: "a", spec: big })).toMatchObject({ ok: true });
  create("small", true, "a");
  run({ kind: "lease-expire", node: "a", epoch });
  expect(reassign("big", "a")).toMatchObject({ ok: false, code: "NO_CAPACITY" });
  expect(reassign("small", "a")).toMatchObject({ ok: true });
});
