import fc from "fast-check";
import { expect, test } from "vitest";
import { validateCommand } from "../../../src/machine/apply.ts";
import { encodeEnvelope } from "../../../src/machine/envelope.ts";
import type { Command, Envelope, KvOperation } from "../../../src/machine/commands.ts";
import { dutyOf, outbox } from "../../../src/machine/outbox.ts";
import { listReservations, listVms, listWorkers } from "../../../src/machine/query.ts";
import type { DriverName, PlacementWish, VmExit } from "../../../src/machine/records.ts";
import { digest, rowsOf, type MachineState } from "../../../src/machine/state.ts";
import { MachineLog, name, spec } from "./machine-log.ts";

const nodes = ["n1", "n2", "n3"];
const node = fc.constantFrom(...nodes);
const vm = fc.constantFrom("a", "b", "c", "d").map(name);
const key = fc.constantFrom("/a", "/a/b", "/é", "/__proto__", "/z");
const value = fc.constantFrom("", "1", '"\\\n', "日本😀");
const version = fc.integer({ min: 1, max: 3 });
const kind = <K extends string>(word: K) => fc.constant(word);

const operation: fc.Arbitrary<KvOperation> = fc.oneof(
  fc.record({ kind: kind("kv-put"), key, value }),
  fc.record({ kind: kind("kv-put-if-absent"), key, value }),
  fc.record({ kind: kind("kv-cas"), key, value, ifVersion: version }),
  fc.record({ kind: kind("kv-cas"), key, value, ifValue: value }),
  fc.record({ kind: kind("kv-delete"), key }, { requiredKeys: ["kind", "key"] }),
);

const uuid = fc.constantFrom("x-1");
const generation = fc.integer({ min: 1, max: 4 });
const exit: fc.Arbitrary<VmExit> = fc.record({ how: fc.constantFrom("crash", "signal"), code: fc.constantFrom(null, 1), signal: fc.constant(null) });

const report: fc.Arbitrary<Command> = fc
  .record({ vm, node, generation: fc.integer({ min: 1, max: 4 }), observed: fc.constantFrom("starting", "running", "stopped", "failed", "gone"), exit, uuid: fc.constantFrom("1", "2") })
  .map(({ vm: it, observed, exit: end, uuid, ...rest }) => {
    const ended = observed === "stopped" || observed === "failed";
    return { kind: "vm-report", name: it, uuid: `${it}-${uuid}`, observed, exit: ended ? end : null, failure: null, ...rest } as const;
  });

const labels = fc.constantFrom(["app=a"], ["zone=z", "app=b"], []);
const wish: fc.Arbitrary<PlacementWish> = fc.oneof(
  fc.record({ strategy: fc.constantFrom("bin-pack" as const, "round-robin" as const), near: labels, preferApart: labels }, { requiredKeys: ["strategy"] }),
  fc.record({ strategy: kind("spread"), label: kind("app"), apart: labels }),
  fc.record({ strategy: kind("locality"), label: kind("app=b"), preferNear: labels }),
);
const publish = fc.constantFrom(80, 81).map((port) => [{ protocol: "tcp", address: "127.0.0.1", port, guestPort: 1 } as const]);
const priority = fc.constantFrom(1, 5);
const wishes = fc.record({ labels, place: wish, priority, preempt: fc.boolean() }, { requiredKeys: [] });
const guest = fc.oneof(fc.constant({}), fc.constant({ driver: "qemu" as const, image: name("web") }), publish.map((ports) => ({ driver: "qemu" as const, publish: ports })));

const create: fc.Arbitrary<Command> = fc
  .record({ vm, uuid: fc.constantFrom("1", "2"), start: fc.boolean(), memoryMib: fc.constantFrom(1, 100, 300), cpus: fc.constantFrom(1, 2), node: fc.option(node), wishes, guest })
  .map(({ vm: it, uuid, start, node: place, wishes: wished, guest: kindOf, ...room }) => {
    const command = { kind: "vm-create", spec: spec(it, { ...room, ...wished, ...kindOf }), uuid: `${it}-${uuid}`, start } as const;
    return place === null ? command : { ...command, node: place };
  });

const register: fc.Arbitrary<Command> = fc
  .record({ node, memoryMib: fc.constantFrom(500, 1_000), cpus: fc.constantFrom(4, 8), drivers: fc.constantFrom<DriverName[]>(["process"], ["qemu", "process"]) })
  .chain((one) => fc.option(labels).map((some) => (some === null ? one : { ...one, labels: some })))
  .map((one) => ({ kind: "worker-register", name: name(one.node), diskMib: 1_000, ...one }));

const sha256 = "0".repeat(64);
const digest64 = fc.constantFrom(sha256, "1".repeat(64));
const image = fc.constantFrom("default", "web").map(name);
const files = { kernel: { sha256, bytes: 1 }, initrd: { sha256, bytes: 1 } };
const imageCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: kind("image-add"), name: image, digest: digest64, manifest: fc.constantFrom(files, { ...files, disk: { sha256, bytes: 1 }, cmdline: "a" }), node }),
  fc.record({ kind: kind("image-hold"), name: image, digest: digest64, node, held: fc.boolean() }),
  fc.record({ kind: kind("image-remove"), name: image, force: fc.boolean() }),
);
const token = fc.record({ tokenId: fc.constantFrom("t1", "t2"), name: vm });

const command: fc.Arbitrary<Command> = fc.oneof(
  { arbitrary: operation, weight: 4 },
  { arbitrary: fc.array(operation, { minLength: 1, maxLength: 4 }).map((operations) => ({ kind: "kv-batch", operations }) as const), weight: 2 },
  { arbitrary: create, weight: 4 },
  { arbitrary: report, weight: 6 },
  vm.map((it) => ({ kind: "vm-start", name: it }) as const),
  fc.record({ kind: kind("vm-stop"), name: vm, force: fc.boolean() }),
  vm.map((it) => ({ kind: "vm-delete", name: it }) as const),
  fc.record({ kind: fc.constantFrom("vm-pause" as const, "vm-resume" as const, "vm-migrate" as const), name: vm }),
  fc.record({ kind: kind("vm-restart"), name: vm, force: fc.boolean() }),
  { arbitrary: fc.record({ kind: fc.constantFrom("vm-switch" as const, "vm-rollback" as const, "vm-admit" as const), name: vm, uuid, generation }), weight: 2 },
  fc.record({ kind: kind("vm-preempt"), name: vm, uuid, generation, by: vm }),
  fc.record({ kind: kind("steady-report"), name: vm, uuid: fc.constantFrom("a-1", "b-1"), node, generation: fc.integer({ min: 1, max: 4 }) }),
  { arbitrary: register, weight: 3 },
  { arbitrary: imageCommand, weight: 2 },
  node.map((it) => ({ kind: "worker-remove", node: it }) as const),
  token.map((it) => ({ kind: "token-create", ...it, sha256, ttlMs: 5_000 }) as const),
  fc.record({ token, node }).map(({ token: it, node: by }) => ({ kind: "token-use", ...it, sha256, node: by }) as const),
);

interface Step {
  readonly timeMs: number;
  readonly envelope: Envelope;
}

/** Uuids and generations are those of the VM as it is, more often than not. */
function meant(state: MachineState, one: Command): Command {
  const now = "name" in one && "uuid" in one ? state.vms.get(one.name) : undefined;
  if (now === undefined || !("generation" in one)) return one;
  return { ...one, uuid: now.uuid, ...(one.generation > 1 ? { generation: now.generation } : {}), ...("node" in one ? { node: now.owner } : {}) } as Command;
}

const step: fc.Arbitrary<Step> = fc.record({
  timeMs: fc.integer({ min: 1_000_000, max: 1_020_000 }),
  envelope: fc
    .record({ client: fc.constantFrom("c1", "c2", "c3"), sequence: fc.integer({ min: 1, max: 60 }), lag: fc.integer({ min: 0, max: 40 }), command })
    .map(({ lag, ...rest }) => ({ ...rest, acknowledged: Math.max(1, rest.sequence - lag) })),
});

/** Workers first, so that most creates find a place. */
const opening: readonly Command[] = nodes.map((it) => ({ kind: "worker-register", node: it, name: name(it), cpus: 4, memoryMib: 500, diskMib: 0, drivers: ["process"] }));

function opened(): MachineLog {
  const log = MachineLog.started();
  for (const one of opening) log.accept(one);
  return log;
}

function play(log: MachineLog, { timeMs, envelope }: Step) {
  log.timeMs = timeMs;
  const applied = log.append(encodeEnvelope({ ...envelope, command: meant(log.state, envelope.command) }));
  return applied;
}

function debtsOf(state: MachineState) {
  return nodes.map((it) => outbox(state, it));
}

function expectRoom(state: MachineState): void {
  for (const { worker, usage } of listWorkers(state)) {
    const vms = listVms(state, worker.node);
    const reserved = listReservations(state).filter((one) => one.node === worker.node);
    const sum = (field: "cpus" | "memoryMib") => reserved.reduce((total, one) => total + one[field], 0);
    const diskMib = vms.reduce((total, one) => total + one.spec.diskMib, 0);
    expect(usage).toEqual({ cpus: sum("cpus"), memoryMib: sum("memoryMib"), diskMib, vms: vms.length });
  }
  expectReservations(state);
}

/** Room for all that may run, of its own generation, where it may run; none for what is certainly at rest (row W4). */
function expectReservations(state: MachineState): void {
  for (const vm of listVms(state)) {
    const { spec: of, uuid, owner, generation, desired, observed, observedGeneration } = vm;
    const reservation = state.reservations.get(of.name);
    if (reservation !== undefined) expect(reservation).toMatchObject({ vm: of.name, uuid, node: owner, generation, cpus: of.cpus, memoryMib: of.memoryMib });
    const answered = observedGeneration === generation;
    if (answered && desired === "running" && observed === "running") expect(reservation?.state).toBe("confirmed");
    if (dutyOf(vm) === "start") expect(reservation?.state).toBe("held");
    if (answered && desired === "stopped" && vm.migration === undefined) expect(reservation).toBeUndefined();
    if (vm.waiting !== undefined) expect([desired, reservation, dutyOf(vm)]).toEqual(["running", undefined, null]);
  }
  for (const { vm } of listReservations(state)) expect(state.vms.has(vm)).toBe(true);
}

test("a restart at any point changes nothing: state, digest, rows, debts, and all that follows (rows P1, P5, S7)", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 30 }), (before, after) => {
      const log = opened();
      for (const each of before) play(log, each);
      expect([...rowsOf(log.state)].map((row) => [`${row.table} ${row.key}`, row]).sort()).toEqual([...log.rows].sort());
      const restarted = MachineLog.restarted(log);
      expect(restarted.state).toEqual(log.state);
      expect([...restarted.state.sessions.keys()]).toEqual([...log.state.sessions.keys()]);
      for (const each of after) {
        expect(play(restarted, each)).toEqual(play(log, each));
        expect(digest(restarted.state)).toBe(digest(log.state));
        expect(debtsOf(restarted.state)).toEqual(debtsOf(log.state));
      }
      expect([...rowsOf(restarted.state)]).toEqual([...rowsOf(log.state)]);
    }),
    { numRuns: 150 },
  );
});

test("the same log gives the same replies, rows and digest", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [one, other] = [opened(), opened()];
      for (const each of steps) expect(play(other, each)).toEqual(play(one, each));
      expect(digest(one.state)).toBe(digest(other.state));
    }),
    { numRuns: 50 },
  );
});

test("no worker is promised beyond its room, by whatever command, and the views agree with the rows (row W3)", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const log = opened();
      for (const each of steps) {
        const before = new Map(listReservations(log.state).map((one) => [one.uuid, one.node]));
        play(log, each);
        expectRoom(log.state);
        for (const { uuid: of, node: at } of listReservations(log.state)) {
          if (before.get(of) === at) continue;
          const { worker, usage } = listWorkers(log.state).find((view) => view.worker.node === at)!;
          expect(usage.memoryMib).toBeLessThanOrEqual(worker.memoryMib);
          expect(usage.cpus).toBeLessThanOrEqual(worker.cpus);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("propose and apply decide alike", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const log = opened();
      for (const [at, each] of steps.entries()) {
        const before = digest(log.state);
        const refused = validateCommand(log.state, meant(log.state, each.envelope.command), each.timeMs);
        expect(digest(log.state)).toBe(before);
        const { reply } = play(log, { ...each, envelope: { ...each.envelope, client: `once-${at}`, sequence: 1, acknowledged: 1 } });
        expect(reply.ok ? undefined : { ...reply, index: 0 }).toEqual(refused);
      }
    }),
    { numRuns: 60 },
  );
});

test("every step of a VM has its line, and the lines join up (row T2)", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const log = opened();
      const known = new Map<string, unknown>();
      for (const each of steps) {
        play(log, each);
        for (const { vm: it, uuid, from, to } of log.vmChanges) {
          expect(from).toEqual(known.get(`${it} ${uuid}`) ?? "absent");
          if (to === "absent") known.delete(`${it} ${uuid}`);
          else known.set(`${it} ${uuid}`, to);
        }
        const now = listVms(log.state).map((one) => [`${one.spec.name} ${one.uuid}`, { desired: one.desired, observed: one.observed }]);
        expect(now).toEqual([...known].sort());
      }
    }),
    { numRuns: 60 },
  );
});
