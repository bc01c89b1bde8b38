import fc from "fast-check";
import { expect, test } from "vitest";
import type { Command } from "../../../src/machine/commands.ts";
import { movesOwed } from "../../../src/machine/migration.ts";
import { getVm, listVms } from "../../../src/machine/query.ts";
import type { VmSpec } from "../../../src/machine/records.ts";
import { serviceState, serviceSteps } from "../../../src/machine/service-state.ts";
import { create, MachineLog, name, report, worker } from "./machine-log.ts";

const run = { argv: ["sleep", "60"] };
const service = (wishes: Partial<VmSpec> = {}): Command => create("service/web", { run, cpus: 0, ...wishes });

function started(): MachineLog {
  const log = MachineLog.started();
  for (const node of ["n1", "n2", "n3"]) log.accept(worker(node));
  return log;
}

test("a service and a VM of one name are two, and refusals call each by its kind", () => {
  const log = started();
  log.accept(create("web"));
  log.accept(service());
  expect(listVms(log.state).map(({ spec }) => spec.name)).toEqual(["service/web", "web"]);
  expect(log.refuse(service({}))).toBe("ALREADY_EXISTS service web is there");
  expect(log.refuse({ kind: "vm-stop", name: name("service/none"), force: false })).toBe("NOT_FOUND there is no service none");
  log.accept({ kind: "vm-stop", name: name("service/web"), force: false });
  expect(getVm(log.state, "web")?.desired).toBe("running");
  expect(getVm(MachineLog.restarted(log).state, "service/web")).toEqual(getVm(log.state, "service/web"));
});

test.each<[string, Partial<VmSpec> & { readonly as?: string }]>([
  ["a service needs a program", { as: "service/a" }],
  ["a VM runs an image, no program", { as: "a", run }],
  ["a VM needs a processor", { as: "a", cpus: 0 }],
  ["is a process without a disk", { as: "service/a", run, driver: "qemu" }],
  ["is a process without a disk", { as: "service/a", run, diskMib: 1 }],
  ["has no agent", { as: "service/a", run, health: { probe: { kind: "exec", argv: ["true"] }, intervalMs: 100, timeoutMs: 100, threshold: 1 } }],
  ["spec.name holds", { as: "services/a", run }],
  ["spec.name is empty", { as: "service/", run }],
  ["spec.name holds", { as: "service/service/a", run }],
  ["argv must be a list that is not empty", { as: "service/a", run: { argv: [] } }],
  ["argv must name a program", { as: "service/a", run: { argv: [""] } }],
  ["argv must not hold NUL", { as: "service/a", run: { argv: ["a\0b"] } }],
  ["env must be KEY=VALUE", { as: "service/a", run: { argv: ["a"], env: ["1A=x"] } }],
  ["cwd must be an absolute path", { as: "service/a", run: { argv: ["a"], cwd: "etc" } }],
])("%s: %j", (problem, { as = "", ...wishes }) => {
  expect(started().refuse(create(as, { uuid: "u", ...wishes }))).toContain(problem);
});

test("its room counts, and it leaves a worker that is drained", () => {
  const log = started();
  log.accept(service({ memoryMib: 1_000, cpus: 2 }));
  const { owner } = getVm(log.state, "service/web")!;
  expect(log.state.usage.get(owner)).toMatchObject({ memoryMib: 1_000, cpus: 2, vms: 1 });
  log.accept(report("service/web", "running", 1, { node: owner }));
  log.accept({ kind: "worker-admin", node: owner, admin: "draining" });
  expect(movesOwed(log.state)).toEqual([{ kind: "vm-migrate", name: "service/web" }]);
});

const wishes: readonly Command["kind"][] = ["vm-start", "vm-stop", "vm-restart", "vm-delete", "vm-migrate", "vm-switch", "vm-reassign", "vm-report"];

test("it comes from state to state by the closed table only, and by every row of it", { timeout: 60_000 }, () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(fc.record({ kind: fc.constantFrom(...wishes), observed: fc.constantFrom("starting", "running", "stopped", "failed", "gone") }), { maxLength: 60 }), (steps) => {
      const log = started();
      for (const node of ["n1", "n2", "n3"]) log.accept({ kind: "lease-acquire", node, epoch: 0, leaseMs: 1_000, killBudgetMs: 0 });
      log.accept(service());
      for (const { kind, observed } of steps) {
        const before = getVm(log.state, "service/web");
        if (before === undefined) return;
        log.run(commandOf(log, kind, observed as "running"));
        const after = getVm(log.state, "service/web");
        const [from, to] = [serviceState(before), after === undefined ? "gone" : serviceState(after)];
        if (from === to || to === "gone") continue;
        seen.add(`${from} ${to} ${kind}`);
        expect(serviceSteps[from][to as "running"], `${from} to ${to}`).toContain(kind);
        if (to === "running" && kind !== "vm-report") expect(from).toBe("migrating");
      }
    }),
    { numRuns: 3_000, seed: 7 },
  );
  const table = Object.entries(serviceSteps).flatMap(([from, row]) => Object.entries(row).flatMap(([to, kinds]) => kinds.map((kind) => `${from} ${to} ${kind}`)));
  expect([...seen].sort()).toEqual(table.sort());
});

/** About the service as it is now. Where it is reassigned its worker has failed, and comes back. */
function commandOf(log: MachineLog, kind: Command["kind"], observed: Extract<Command, { kind: "vm-report" }>["observed"]): Command {
  const { uuid, owner, generation, spec } = getVm(log.state, "service/web")!;
  switch (kind) {
    case "vm-report":
      return report(spec.name, observed, generation, { node: owner });
    case "vm-switch":
      return { kind, name: spec.name, uuid, generation };
    case "vm-reassign": {
      const epoch = log.state.leases.get(owner)?.epoch ?? 0;
      log.accept({ kind: "lease-expire", node: owner, epoch });
      const reply = log.run({ kind, name: spec.name, uuid, from: owner, generation });
      log.accept({ kind: "lease-acquire", node: owner, epoch, leaseMs: 1_000, killBudgetMs: 0 });
      // Asked again it is refused: what it did is looked at.
      return reply.ok ? { kind, name: spec.name, uuid, from: owner, generation } : { kind: "vm-delete", name: name("service/none") };
    }
    case "vm-stop":
    case "vm-restart":
      return { kind, name: spec.name, force: false };
    default:
      return { kind, name: spec.name } as Command;
  }
}
