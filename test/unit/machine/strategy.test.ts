/** Strategies, affinity, and plans (row W2). */

import { describe, expect, test } from "vitest";
import { movesOwed } from "../../../src/machine/migration.ts";
import { planVm } from "../../../src/machine/plan.ts";
import { getVm, getWorker } from "../../../src/machine/query.ts";
import type { PlacementWish, VmSpec } from "../../../src/machine/records.ts";
import { digest } from "../../../src/machine/state.ts";
import { create, MachineLog, name, report, spec, worker } from "./machine-log.ts";

const by = (strategy: PlacementWish["strategy"], more: Partial<PlacementWish> = {}): { place: PlacementWish } => ({ place: { strategy, ...more } });
const labelled = (node: string, ...labels: string[]) => ({ ...worker(node), labels }) as ReturnType<typeof worker>;

/** Where each VM is, in the order of creation. */
function owners(log: MachineLog, ...vms: (Partial<VmSpec> | undefined)[]): readonly string[] {
  return vms.map((wishes, place) => {
    log.accept(create(`vm${place}`, { memoryMib: 64, ...wishes }));
    return getVm(log.state, `vm${place}`)?.owner ?? "";
  });
}

function cluster(...workers: ReturnType<typeof worker>[]): MachineLog {
  const log = MachineLog.started();
  for (const one of workers) log.accept(one);
  return log;
}

/** The VM has ended where it was, and its leader changes the owner. */
function moved(log: MachineLog, vm: string): string {
  const { generation, owner } = getVm(log.state, vm) ?? { generation: 0, owner: "" };
  log.accept(report(vm, "stopped", generation, { node: owner }));
  for (const command of movesOwed(log.state)) if (command.kind === "vm-switch") log.accept(command);
  return getVm(log.state, vm)?.owner ?? "";
}

describe("strategies", () => {
  test("bin-pack fills the fullest worker that has room", () => {
    const log = cluster(worker("n1"), worker("n2", { memoryMib: 160 }), worker("n3"));
    expect(owners(log, by("bin-pack"), by("bin-pack"), by("bin-pack"), by("bin-pack"))).toEqual(["n2", "n2", "n1", "n1"]);
  });

  test("round-robin goes on by name after the last one, past who cannot, also on a node that restarted", () => {
    const log = cluster(worker("n3"), worker("n1"), worker("n2"));
    expect(owners(log, by("round-robin"), by("round-robin"), by("round-robin"), by("round-robin"))).toEqual(["n1", "n2", "n3", "n1"]);
    log.accept({ kind: "worker-admin", node: "n2", admin: "draining" });
    const restarted = MachineLog.restarted(log);
    for (const one of [log, restarted]) {
      one.accept(create("next", by("round-robin")));
      expect(getVm(one.state, "next")?.owner).toBe("n3");
    }
    expect(digest(restarted.state)).toBe(digest(log.state));
  });

  test("spread evens out the values of a label among VMs of its kind; a worker without the label is none", () => {
    const log = cluster(labelled("n1", "zone=a"), labelled("n2", "zone=a"), labelled("n3", "zone=b"), worker("n4", { memoryMib: 9_000 }));
    const wish = { labels: ["app=db"], ...by("spread", { label: "zone" }) };
    expect(owners(log, wish, wish, wish, wish)).toEqual(["n1", "n3", "n2", "n3"]);
    expect(getVm(log.state, "vm3")?.placement).toMatchObject({ strategy: "spread", rejected: [{ node: "n4", reason: "lacks the label zone" }, { node: "n1", score: 896 }, { node: "n2", score: 896 }] });
  });

  test("locality takes the label where it can, and the best other where it cannot", () => {
    const log = cluster(worker("n1", { memoryMib: 9_000 }), { ...labelled("n2", "zone=b"), memoryMib: 128 } as never);
    const wish = by("locality", { label: "zone=b" });
    expect(owners(log, wish, wish, wish)).toEqual(["n2", "n2", "n1"]);
  });

  test("equal workers: the first by name, whatever their ids", () => {
    for (const strategy of ["most-available", "bin-pack", "round-robin"] as const) {
      const log = cluster(worker("n1", { name: "zeta" }), worker("n2", { name: "alpha" }));
      expect(owners(log, by(strategy))).toEqual(["n2"]);
    }
  });
});

describe("company", () => {
  const db = { labels: ["app=db"] };

  test("hard anti-affinity holds for who comes and for who is there, and also for a worker that is named", () => {
    const log = cluster(worker("n1"), worker("n2"));
    const apart = { ...db, ...by("most-available", { apart: ["app=db"] }) };
    expect(owners(log, apart, apart)).toEqual(["n1", "n2"]);
    expect(log.refuse(create("third", apart))).toContain("n1 (n1) holds a VM with app=db; n2 (n2) holds a VM with app=db");
    expect(log.refuse(create("plain", db))).toContain("holds a VM that keeps apart from app=db");
    expect(log.refuse(create("named", { ...apart, node: "n1" }))).toContain("NO_CAPACITY");
    log.accept(create("other"));
  });

  test("hard affinity: the first of a group goes anywhere, the others to it; without a host there is no place", () => {
    const log = cluster(worker("n1", { memoryMib: 512 }), worker("n2", { memoryMib: 600 }));
    const near = { ...db, ...by("bin-pack", { near: ["app=db"] }) };
    expect(log.refuse(create("web", by("bin-pack", { near: ["app=db"] })))).toContain("holds no VM with app=db");
    expect(owners(log, near, by("most-available"), near)).toEqual(["n1", "n2", "n1"]);
  });

  test("soft wishes come before the strategy, and give way to room", () => {
    const log = cluster(worker("n1", { memoryMib: 192 }), worker("n2"));
    const soft = { ...db, ...by("bin-pack", { preferApart: ["app=db"] }) };
    expect(owners(log, soft, soft, soft)).toEqual(["n1", "n2", "n1"]);
    expect(getVm(log.state, "vm2")?.placement.rejected[0]?.reason).toContain("with 1 of the soft wishes open");
    log.accept(create("friend", by("most-available", { preferNear: ["app=web"] })));
    log.accept(create("web", { labels: ["app=web"], node: "n1", memoryMib: 64 }));
    expect(planVm(log.state, spec("mate", { memoryMib: 1, ...by("most-available", { preferNear: ["app=web"] }) }))).toMatchObject({
      ...{ fits: true, node: "n2" },
      workers: [{ name: "n2", reason: expect.stringContaining("with 1 of the soft wishes open") }, { name: "n1", verdict: "rejected", reason: "has free only 0 of 1 MiB memory" }],
    });
  });

  test("a drain and a failover place by the same wish", () => {
    const log = cluster(labelled("n1", "zone=a"), labelled("n2", "zone=b"), { ...labelled("n3", "zone=c"), memoryMib: 512 } as never);
    const wish = { ...db, ...by("spread", { label: "zone", apart: ["app=db"] }) };
    expect(owners(log, wish, wish)).toEqual(["n1", "n2"]);
    log.accept({ kind: "vm-migrate", name: name("vm0") });
    const { generation = 0 } = getVm(log.state, "vm0") ?? {};
    log.accept({ kind: "vm-report", name: name("vm0"), uuid: "uuid-vm0", node: "n1", generation, observed: "stopped", exit: null, failure: null });
    expect(movesOwed(log.state)).toHaveLength(1);
    expect(moved(log, "vm0")).toBe("n3");
    log.accept({ kind: "lease-acquire", node: "n2", epoch: 0, leaseMs: 1_000, killBudgetMs: 100 });
    log.accept({ kind: "lease-expire", node: "n2", epoch: log.index });
    const lost = getVm(log.state, "vm1");
    log.accept({ kind: "vm-reassign", name: name("vm1"), uuid: "uuid-vm1", from: "n2", generation: lost?.generation ?? 0 });
    expect(getVm(log.state, "vm1")).toMatchObject({ owner: "n1", placement: { strategy: "spread" } });
  });
});

describe("what is asked", () => {
  test.each([
    [{ labels: ["zone"] }, "field command.spec.labels must be KEY=VALUE"],
    [{ labels: ["a=1", "a=2"] }, "field command.spec.labels must not name a key twice"],
    [by("spread"), "needs the key of a label to spread over"],
    [by("spread", { label: "zone=a" }), "needs the key of a label to spread over"],
    [by("locality", { label: "zone" }), "needs a label that workers should have"],
    [by("bin-pack", { label: "zone" }), "does not look at"],
    [by("best" as never), "field command.spec.place.strategy must be one of"],
    [by("bin-pack", { apart: ["app"] }), "field command.spec.place.apart must be KEY=VALUE"],
    [{ place: { ...by("bin-pack").place, far: [] } as never }, 'field command.spec.place."far" is unknown'],
  ])("%j is refused", (wishes, why) => {
    expect(cluster(worker("n1")).refuse(create("web", wishes as Partial<VmSpec>))).toContain(why);
  });

  test("labels stand sorted in the rows, however they were given; a worker keeps those it has until others are told", () => {
    const log = cluster(labelled("n1", "zone=a", "rack=3"));
    log.accept(create("web", { labels: ["b=2", "a=1"], ...by("bin-pack", { near: [], apart: ["z=1", "c=1"] }) }));
    expect(getVm(log.state, "web")?.spec).toMatchObject({ labels: ["a=1", "b=2"], place: { strategy: "bin-pack", apart: ["c=1", "z=1"] } });
    expect(getVm(log.state, "web")?.spec.place).not.toHaveProperty("near");
    log.accept(worker("n1", { memoryMib: 2_048 }));
    expect(getWorker(log.state, "n1")?.worker.labels).toEqual(["rack=3", "zone=a"]);
    expect(log.accept(labelled("n1"))).toEqual({ changed: true });
    expect(getWorker(log.state, "n1")?.worker).not.toHaveProperty("labels");
  });

  test("a plan is the decision of the create, names every worker, and changes nothing", () => {
    const log = cluster(worker("n1"), worker("n2", { memoryMib: 2_048 }), worker("n3", { memoryMib: 64 }));
    const before = digest(log.state);
    const plan = planVm(log.state, spec("web"));
    expect(plan).toMatchObject({ fits: true, node: "n2", strategy: "most-available", refusal: null });
    expect(plan.workers.map(({ node, verdict, score }) => [node, verdict, score])).toEqual([["n2", "chosen", 1_792], ["n1", "alternative", 768], ["n3", "rejected", null]]);
    expect(plan.workers[2]?.reason).toBe("has free only 64 of 256 MiB memory");
    expect(planVm(log.state, spec("web"), "n3")).toMatchObject({ fits: false, node: null, refusal: { code: "NO_CAPACITY" } });
    expect(planVm(log.state, spec("web", { memoryMib: 9_999 }))).toMatchObject({ fits: false, refusal: { code: "NO_CAPACITY" } });
    expect(digest(log.state)).toBe(before);
    log.accept(create("web"));
    expect(getVm(log.state, "web")?.owner).toBe(plan.node);
    expect(planVm(log.state, spec("web"))).toMatchObject({ fits: false, refusal: { code: "ALREADY_EXISTS" } });
  });
});
