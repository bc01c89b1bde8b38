import { describe, expect, test } from "vitest";
import type { Name } from "../../src/machine/records.ts";
import type { PlantedBug } from "../../src/sim/planted-bug.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { expectGood } from "./judged.ts";

/**
 * Workers that fail lose their VMs to others, under every fault. The simulator sees all hosts at once: a VM that is started
 * while it runs elsewhere is a problem of the run, whatever the records and traces say.
 */
describe("leases of workers, with faults by seed", () => {
  for (let from = 1; from <= 8; from += 4) {
    test(`seeds ${from} to ${from + 3}`, { timeout: 900_000 }, async () => {
      for (let seed = from; seed < from + 4; seed += 1) {
        await expectGood(simulate({ seed, nodes: 3 + (seed % 3), seconds: 20, faults: "swarm", thinkMs: 400, vmShare: 0.4, leases: true }));
      }
    });
  }

  /** Two of five workers, one after the other, are cut off for longer than it takes to be given up; their clocks are slow. */
  const cutOff = (seed: number, planted: PlantedBug | null = null) =>
    simulate({
      seed, nodes: 5, seconds: 32, faults: [], thinkMs: 400, vmShare: 0.4, leases: true, planted,
      script: ({ world, operator, byName }) => {
        const ids = [...world.nodes.keys()];
        for (const [at, name] of ["n4", "n5"].entries()) {
          const { id, clock } = byName(name);
          clock.disturb(0.9, 0);
          const spec = { name: `of-${name}` as Name, driver: "process", cpus: 1, memoryMib: 64, diskMib: 0, image: "default" as Name } as const;
          operator.wantCommand({ kind: "vm-create", spec, uuid: `uuid-of-${name}`, start: true, node: id });
          world.scheduler.after(4_000 + at * 14_000, () => world.network.separate([id], ids.filter((other) => other !== id)));
          world.scheduler.after(13_000 + at * 14_000, () => world.network.heal());
        }
      },
    });

  test("workers are cut off: their VMs end there, and then come up on others", { timeout: 900_000 }, async () => {
    const result = cutOff(1);
    await expectGood(result);
    expect(result.stats.failovers).toBeGreaterThanOrEqual(2);
  });

  test("the check has teeth: where VMs outlive the lease of their worker, it sees two", { timeout: 900_000 }, () => {
    const { problems } = cutOff(1, { name: "vms-outlive-their-lease", caughtBy: [], outlivesLease: true });
    expect(problems.join("\n")).toMatch(/is started on n\d while it runs on n\d/);
  });
});
