import { describe, expect, test } from "vitest";
import type { Name } from "../../src/machine/records.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { expectGood } from "./judged.ts";

const goneMs = 4_000;
/** Well before the lease, and what must pass after it, are over: 3,000 and 4,250 ms. */
const assertedMs = goneMs + 2_000;
const lookedMs = assertedMs + 1_000;

/** What came of it. */
interface Seen {
  /** Whether the one who led took the operator's word. */
  accepted: boolean;
  /** Whether it would have while the worker was heard. */
  acceptedBefore: boolean;
  /** The owner of the VM a second later, by name. */
  owner: string;
}

/** A VM on n3 of three; at `goneMs` its machine is `gone` in some way, and an operator says that it is off. */
function run(seed: number, gone: (parts: SimulationParts) => void, backMs: number) {
  const seen: Seen = { accepted: false, acceptedBefore: false, owner: "" };
  const result = simulate({
    seed, nodes: 3, seconds: 24, faults: [], thinkMs: 400, vmShare: 0, leases: true,
    script: (parts) => {
      const { world, operator, byName } = parts;
      const { id } = byName("n3");
      const spec = { name: "lonely" as Name, driver: "process", cpus: 1, memoryMib: 64, diskMib: 0, image: "default" as Name } as const;
      operator.wantCommand({ kind: "vm-create", spec, uuid: "uuid-of-lonely", start: true, node: id });
      const tell = (): boolean => ["n1", "n2"].some((name) => byName(name).parts?.leases?.assertOff(id, "ops, looked at it") ?? false);
      world.scheduler.after(goneMs - 100, () => (seen.acceptedBefore = tell()));
      world.scheduler.after(goneMs, () => gone(parts));
      world.scheduler.after(assertedMs, () => (seen.accepted = tell()));
      world.scheduler.after(lookedMs, () => {
        const owner = byName("n1").replica?.machine.vms.get("lonely")?.owner;
        seen.owner = ["n1", "n2", "n3"].find((name) => byName(name).id === owner) ?? "nobody";
      });
      world.scheduler.after(backMs, () => (world.network.heal(), byName("n3").start()));
    },
  });
  return { result, seen };
}

/** Row W8: the word of an operator stands for the wait that makes sure that a worker's VMs have ended. */
describe("a machine that an operator says is off", () => {
  const losePower = ({ byName }: SimulationParts): void => {
    byName("n3").host.losePower();
    byName("n3").crash("lost");
  };

  test("loses its VM to another worker long before its lease would have been over, once, and comes back to none", { timeout: 900_000 }, async () => {
    for (const seed of [1, 2, 3]) {
      const { result, seen } = run(seed, losePower, 12_000);
      await expectGood(result);
      expect(seen.acceptedBefore, "while it is heard nobody's word counts").toBe(false);
      expect(seen.accepted).toBe(true);
      expect(seen.owner).toMatch(/^n[12]$/);
    }
  });

  test("the check has teeth: of one that was only cut off, the VM runs twice", { timeout: 900_000 }, () => {
    const cutOff = ({ world, byName }: SimulationParts): void => {
      const { id } = byName("n3");
      world.network.separate([id], [...world.nodes.keys()].filter((other) => other !== id));
    };
    const { result, seen } = run(1, cutOff, 12_000);
    expect(seen.accepted).toBe(true);
    expect(result.problems.join("\n")).toMatch(/is started on n[12] while it runs on n3/);
  });
});
