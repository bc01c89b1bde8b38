/** Row W3 in a whole cluster: creates that come at once, through any node, under faults, never get more than the room there is. */

import { expect, test } from "vitest";
import { listVms } from "../../src/machine/query.ts";
import type { Name } from "../../src/machine/records.ts";
import type { Envelope, Reply } from "../../src/machine/commands.ts";
import { Chance } from "../../src/sim/chance.ts";
import { swarm } from "../../src/sim/fault-kinds.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";
import type { World } from "../../src/sim/world.ts";
import { expectGood } from "./judged.ts";

const creates = 100;
/** A simulated worker has 16 CPUs. */
const cpus = 3;
const roomOfOne = 5;
const attemptMs = 700;
/** What takes workers away, brings new ones, or ends a VM, which sets its room free, changes the room. */
const changeTheRoom = ["churn", "bit-flip", "lose-disk", "guest-ends", "launch-crash", "crash-at-point"];

const seed = Number(process.env["BLIXARD_NEW_SEEDS"] ?? process.env["BLIXARD_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Asks one node after the other, always with the same request, until one answers. */
function persist(world: World, chance: Chance, envelope: Envelope, done: (reply: Reply) => void): void {
  let answered = false;
  const attempt = (): void => {
    if (answered) return;
    const node = chance.pick([...world.nodes.values()]);
    node.enter(() => node.ask({ kind: "submit", envelope }, (found) => {
      if (answered || found.kind !== "replied") return;
      answered = true;
      done(found.reply);
    }));
    world.scheduler.after(chance.between(0.5, 1.5) * attemptMs, attempt);
  };
  attempt();
}

/** All creates are asked for within a moment, each by a client of its own. */
function askForAll({ world }: SimulationParts, replies: Reply[]): void {
  const chance = world.chance.stream("creates");
  for (let at = 1; at <= creates; at += 1) {
    const spec = { name: `wanted-${at}` as Name, driver: "process", cpus, memoryMib: 64, diskMib: 0, image: "default" as Name } as const;
    const command = { kind: "vm-create", spec, uuid: `wanted-${at}`, start: true } as const;
    const envelope = { client: `creator-${at}`, sequence: 1, acknowledged: 1, command };
    world.scheduler.after(2_000 + chance.between(0, 20), () => persist(world, chance, envelope, (reply) => void replies.push(reply)));
  }
}

async function run(runSeed: number): Promise<void> {
  const chance = new Chance(runSeed).stream("room");
  const nodes = 3 + chance.below(3);
  const faults = swarm(chance).filter((kind) => !changeTheRoom.includes(kind));
  const replies: Reply[] = [];
  const held: World[] = [];
  const script = (parts: SimulationParts): void => {
    held.push(parts.world);
    askForAll(parts, replies);
  };
  const result = simulate({ seed: runSeed, nodes, seconds: 15, faults, clients: 2, vmShare: 0, script });
  const [world] = held;
  for (let look = 0; replies.length < creates && look < 60; look += 1) world!.scheduler.runUntil(world!.scheduler.nowMs + 1_000);
  // Whoever applies last has done so by then.
  world!.scheduler.runUntil(world!.scheduler.nowMs + 3_000);
  const what = `seed ${runSeed}, ${nodes} nodes, ${faults.join()}`;
  expect(replies, what).toHaveLength(creates);
  const room = nodes * roomOfOne;
  expect(replies.filter(({ ok }) => ok), what).toHaveLength(room);
  expect(replies.every((reply) => reply.ok || reply.code === "NO_CAPACITY"), what).toBe(true);
  for (const { replica, id } of world!.nodes.values()) {
    const vms = listVms(replica!.machine);
    expect(vms, what).toHaveLength(room);
    expect(vms.filter((vm) => vm.owner === id), what).toHaveLength(roomOfOne);
  }
  await expectGood(result);
}

test.for([1, 2, 3, 4])("100 creates at once against room for k give exactly k, part %i (BLIXARD_SEED)", { timeout: 600_000 }, async (part) => {
  for (const one of [part, new Chance(seed).stream(`room ${part}`).below(2 ** 31)]) await run(one);
});
