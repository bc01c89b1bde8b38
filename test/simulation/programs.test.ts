import { describe, expect, test } from "vitest";
import type { Name } from "../../src/machine/records.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import { expectGood } from "./judged.ts";

/** What happened in a run, by the words of the trace: operations in the log, and events. */
function seenIn({ lines }: SimulationResult): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const { lines: told } of lines) {
    for (const line of told) {
      seen.add(line.event);
      if (line.event !== "ClientRequest") continue;
      for (const entry of line.entries) if (entry.kind === "vm") seen.add(`${entry.command.op} of a ${entry.command.vm.split("/")[0]}`);
    }
  }
  return seen;
}

/** Services and tasks under every fault: each run is judged, every task on a member comes to its end, nothing runs twice. */
describe("services and tasks, with faults by seed", () => {
  for (const leases of [true, false]) {
    test(leases ? "on workers that may lose them" : "on workers that keep them", { timeout: 900_000 }, async () => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= 5; seed += 1) {
        const result = simulate({ seed, nodes: 3 + (seed % 3), seconds: 20, faults: "swarm", thinkMs: 300, vmShare: 0.6, programShare: 0.9, leases });
        await expectGood(result);
        for (const what of seenIn(result)) seen.add(what);
      }
      const wanted = ["TimeOutTask", "vm-create of a task", "vm-retry of a task", "vm-stop of a task", "vm-delete of a task", "vm-create of a service", "vm-restart of a service"];
      expect([...seen]).toEqual(expect.arrayContaining(wanted));
    });
  }

  test("a worker with a service and tasks is cut off for longer than it takes to be given up", { timeout: 900_000 }, async () => {
    const result = simulate({
      seed: 1, nodes: 5, seconds: 32, faults: [], clients: 1, thinkMs: 2_000, vmShare: 0, leases: true,
      script: ({ world, operator, byName }) => {
        const ids = [...world.nodes.keys()];
        const { id, clock } = byName("n4");
        clock.disturb(0.9, 0);
        const spec = { driver: "process", cpus: 0, memoryMib: 64, diskMib: 0, image: "default" as Name, run: { argv: ["work"] } } as const;
        operator.wantCommand({ kind: "vm-create", spec: { ...spec, name: "service/web" as Name }, uuid: "uuid-web", start: true, node: id });
        for (let at = 0; at < 12; at += 1) {
          const task = { ...spec, name: `task/t-${at}` as Name, timeoutMs: 12_000, restart: { when: "on-failure", limit: 1, backoffMs: 100 } } as const;
          operator.wantCommand({ kind: "vm-create", spec: task, uuid: `uuid-t-${at}`, start: true, node: id });
        }
        world.scheduler.after(6_000, () => world.network.separate([id], ids.filter((other) => other !== id)));
        world.scheduler.after(16_000, () => world.network.heal());
      },
    });
    await expectGood(result);
    expect([...seenIn(result)]).toEqual(expect.arrayContaining(["ExpireLease", "vm-reassign of a service", "vm-reassign of a task"]));
  });
});
