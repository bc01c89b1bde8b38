import { expect, test } from "vitest";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";
import { expectGood } from "./judged.ts";

/**
 * Room is scarce, some VMs push others away, some starts hang, and faults come by seed. At the end of each run nothing is
 * under way: every start was confirmed or taken back, every VM that made way has ended, and nobody waits where there is room.
 */
test("reservations and preemption, with faults by seed (rows W2, W4)", { timeout: 900_000 }, async () => {
  const seen = { rollbacks: 0, preemptions: 0 };
  for (let seed = 1; seed <= 10; seed += 1) {
    // Much that is wanted makes room scarce; little leaves a start that hangs alone until its time is over.
    const wishes = seed % 2 === 0 ? { thinkMs: 40, vmShare: 0.8 } : { thinkMs: 600, vmShare: 0.7 };
    const script = ({ world }: SimulationParts): void => void (seed % 2 === 1 && (world.hangChance = 0.4));
    const result = simulate({ seed, nodes: 3, seconds: 20, faults: ["loss", "crash", "pause", "isolate-leader"], ...wishes, leases: true, scarce: true, script });
    await expectGood(result);
    seen.rollbacks += result.stats.rollbacks;
    seen.preemptions += result.stats.preemptions;
  }
  expect(seen.rollbacks).toBeGreaterThan(0);
  expect(seen.preemptions).toBeGreaterThan(0);
});
