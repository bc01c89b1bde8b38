/**
 * Lines of several nodes are merged by logical clocks, and any clocks that grow along causality are as good as others. A
 * correct run is accepted in every such order, reads included: what one node does is compared with what others did.
 */

import { test } from "vitest";
import { Chance } from "../../src/sim/chance.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationOptions } from "../../src/sim/simulate.ts";
import { expectGood } from "./judged.ts";

type Script = NonNullable<SimulationOptions["script"]>;

/** Now and then a node's logical clock jumps ahead, so that its next lines come behind those of others that knew nothing of it. */
function jumpingClocks(seed: number): Script {
  const chance = new Chance(seed).stream("merges");
  return ({ world }) => {
    const jump = (): void => {
      const node = chance.pick([...world.nodes.values()]);
      node.observe(node.traceClock + chance.below(400));
      world.scheduler.after(chance.between(1, 60), jump);
    };
    jump();
  };
}

test.for([1, 2, 3, 4])("seed %i", { timeout: 300_000 }, async (seed) => {
  await expectGood(simulate({ seed, nodes: 3, seconds: 10, faults: "swarm", clients: 6, thinkMs: 25, vmShare: 0, script: jumpingClocks(seed) }));
});
