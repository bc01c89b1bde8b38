/** Placement where there is much: its time with 10,000 VMs, and creates at once against the room that is left (rows W2, W3). */

import fc from "fast-check";
import { expect, test } from "vitest";
import { validateCommand } from "../../../src/machine/apply.ts";
import { getVm, listWorkers } from "../../../src/machine/query.ts";
import type { PlacementWish, PublishedPort, VmRecord } from "../../../src/machine/records.ts";
import { stateFromRows } from "../../../src/machine/state.ts";
import { create, MachineLog, name, worker } from "./machine-log.ts";

const workers = 100;
const vms = 10_000;
const wishes: readonly (PlacementWish | undefined)[] = [
  undefined,
  { strategy: "bin-pack" },
  { strategy: "round-robin" },
  { strategy: "spread", label: "zone", apart: ["app=rare"] },
  { strategy: "locality", label: "zone=z3", near: ["app=a7"], preferApart: ["app=a8"] },
];

/** 100 workers with 100 VMs each, as a node knows them that has read its rows. */
function crowded(): MachineLog {
  const log = MachineLog.started();
  for (let at = 0; at < workers; at += 1) log.accept({ ...worker(`n${at}`, { cpus: 4_000, memoryMib: 1_000_000, drivers: ["process", "qemu"] }), labels: [`zone=z${at % 5}`] } as never);
  log.accept(create("first", { node: "n0" }));
  const first = getVm(log.state, "first") as VmRecord;
  const rows = [...log.rows.values()].filter(({ table }) => table !== "vm");
  for (let at = 0; at < vms; at += 1) {
    const publish: PublishedPort[] = [{ protocol: "tcp", address: "0.0.0.0", port: 1_000 + Math.floor(at / workers), guestPort: 80 }];
    const spec = { ...first.spec, name: name(`vm${at}`), labels: [`app=a${at % 10}`], publish };
    rows.push({ table: "vm", key: spec.name, value: JSON.stringify({ ...first, spec, uuid: `uuid-${spec.name}`, owner: `n${at % workers}` }) });
  }
  const full = new MachineLog(stateFromRows(rows));
  full.index = log.index;
  return full;
}

test("with 10,000 VMs on 100 workers a create is decided and applied in less than 5 ms, by every strategy", () => {
  const log = crowded();
  const times = wishes.map((place, way) => {
    const took: number[] = [];
    for (let at = 0; at < 40; at += 1) {
      const publish: PublishedPort[] = [{ protocol: "tcp", address: "0.0.0.0", port: 2_000 + way * 40 + at, guestPort: 80 }];
      const wanted = { driver: "qemu" as const, publish, labels: ["app=new"], ...(place === undefined ? {} : { place }) };
      const before = performance.now();
      log.accept(create(`new${way}-${at}`, wanted));
      took.push(performance.now() - before);
    }
    took.sort((one, other) => one - other);
    return { strategy: place?.strategy ?? "most-available", medianMs: Number((took[20] ?? 0).toFixed(3)) };
  });
  console.log(`placement among ${vms} VMs on ${workers} workers: ${times.map(({ strategy, medianMs }) => `${strategy} ${medianMs} ms`).join(", ")}`);
  // The median, since a busy machine may stop any one of them.
  expect(Math.max(...times.map(({ medianMs }) => medianMs))).toBeLessThan(5);
});

test("100 creates at once against room for k give exactly k, whatever the workers and the strategies", () => {
  const seed = Number(process.env["BLIXARD_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const room = fc.array(fc.record({ memoryMib: fc.integer({ min: 1, max: 3_000 }), cpus: fc.integer({ min: 1, max: 12 }) }), { minLength: 1, maxLength: 12 });
  const ways = fc.array(fc.constantFrom(undefined, "bin-pack", "round-robin", "locality"), { minLength: 100, maxLength: 100 });
  const exactly = fc.property(room, ways, (sizes, strategies) => {
    const log = MachineLog.started();
    sizes.forEach((size, at) => log.accept(worker(`n${at}`, size)));
    const fits = sizes.reduce((sum, { cpus, memoryMib }) => sum + Math.min(cpus, Math.floor(memoryMib / 100)), 0);
    const asked = strategies.map((strategy, at) => {
      const place = strategy === undefined ? {} : { place: { strategy, ...(strategy === "locality" ? { label: "zone=a" } : {}) } };
      return create(`vm${at}`, { memoryMib: 100, ...place });
    });
    // All are proposed before any is applied.
    const proposed = asked.filter((command) => validateCommand(log.state, command, log.timeMs) === undefined);
    expect(proposed).toHaveLength(fits === 0 ? 0 : 100);
    const replies = asked.map((command) => log.run(command));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(Math.min(100, fits));
    expect(replies.every((reply) => reply.ok || reply.code === "NO_CAPACITY")).toBe(true);
    for (const { worker: of, usage } of listWorkers(log.state)) expect(usage.cpus <= of.cpus && usage.memoryMib <= of.memoryMib).toBe(true);
  });
  fc.assert(exactly, { seed, numRuns: 40 });
});
