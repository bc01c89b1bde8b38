/** Planted bugs of reservations: room that is promised twice, kept for nobody, or taken from those who need it. */

import { apply } from "../machine/apply.ts";
import type { Applied, AppliedEntry, ReservationChange } from "../machine/apply.ts";
import type { Command } from "../machine/commands.ts";
import { decodeEnvelope, encodeEnvelope } from "../machine/envelope.ts";
import type { RowChange } from "../machine/row-change.ts";
import type { ReservationRecord } from "../machine/reservation.ts";
import type { MachineState, Store } from "../machine/state.ts";
import { viewReservation } from "../machine/views.ts";
import { started } from "./planted-leases.ts";
import type { PlantedBug } from "./planted-bug.ts";
import type { SimulatedNode } from "./node.ts";

function commandOf(entry: AppliedEntry): Command | undefined {
  const envelope = decodeEnvelope(entry.payload);
  return "refused" in envelope ? undefined : envelope.command;
}

/** Writes the row of a reservation besides what was applied, and tells of it if `told` is there. */
function written(store: Store, applied: Applied, record: ReservationRecord, told?: ReservationChange): Applied {
  viewReservation(store, store.reservations.get(record.vm), record);
  const row = store.reservations.set(record.vm, record);
  const changes: RowChange[] = [...applied.changes.filter(({ table, key }) => table !== row.table || key !== row.key), row];
  return { ...applied, changes, reservationChanges: told === undefined ? applied.reservationChanges : [...applied.reservationChanges, told] };
}

/** Workers are taken to have ten times what they have while `work` is done. */
function withoutBounds(state: MachineState, work: () => Applied): Applied {
  const { workers } = state as Store;
  const before = workers.keys().map((node) => [node, workers.get(node)] as const);
  for (const [node, worker] of before) if (worker !== undefined) workers.set(node, { ...worker, cpus: worker.cpus * 10 });
  const applied = work();
  for (const [node, worker] of before) if (worker !== undefined) workers.set(node, worker);
  return applied;
}

const everyMs = 400;

/** Whoever leads does something again and again. */
function leading(then: (node: SimulatedNode, state: MachineState, submit: (command: Command) => void) => void): Required<Pick<PlantedBug, "equip">> {
  return started((node) => {
    const again = (): void => {
      node.later(everyMs, again);
      if (node.replica?.raft.role !== "Leader") return;
      const envelope = { client: `hasty-${node.member.name}-${node.incarnation}`, sequence: Math.ceil(node.clock.localMs()), acknowledged: 1 };
      then(node, node.replica.machine, (command) => node.ask({ kind: "submit", envelope: { ...envelope, command } }, () => {}));
    };
    again();
  });
}

function unconfirmed(state: MachineState): ReservationRecord | undefined {
  return [...state.unconfirmed].sort().map((name) => state.reservations.get(name)).find((one) => one !== undefined);
}

export const plantedReservations: readonly (() => PlantedBug)[] = [
  () => ({
    name: "reservation-leaked",
    caughtBy: ["Apply"],
    apply: () => (state, entry) => {
      const store = state as Store;
      const command = commandOf(entry);
      const before = command?.kind === "vm-report" && command.observed === "stopped" ? store.reservations.get(command.name) : undefined;
      const applied = apply(state, entry);
      if (before === undefined || store.reservations.has(before.vm)) return applied;
      return { ...written(store, applied, before), reservationChanges: [] };
    },
  }),
  () => ({
    name: "confirmation-of-an-older-generation-believed",
    caughtBy: ["Apply"],
    apply: () => (state, entry) => {
      const store = state as Store;
      const command = commandOf(entry);
      const applied = apply(state, entry);
      const held = command?.kind === "vm-report" && command.observed === "running" ? store.reservations.get(command.name) : undefined;
      if (command?.kind !== "vm-report" || held?.state !== "held" || command.generation >= held.generation) return applied;
      const { vm, node, generation } = held;
      return written(store, applied, { ...held, state: "confirmed", ttlMs: null, deadlineMs: null }, { vm, node, generation, state: "confirmed" });
    },
  }),
  () => ({
    name: "capacity-checked-at-propose-only",
    caughtBy: ["Apply"],
    apply: () => (state, entry) => {
      const kind = commandOf(entry)?.kind;
      return kind === "vm-create" || kind === "vm-start" ? withoutBounds(state, () => apply(state, entry)) : apply(state, entry);
    },
  }),
  () => ({
    name: "room-given-before-the-other-has-ended",
    caughtBy: ["Apply"],
    ...leading((_node, state, submit) => {
      const vm = [...state.queued].sort().map((name) => state.vms.get(name)).find((one) => one?.placement.preempts !== undefined);
      if (vm !== undefined) submit({ kind: "vm-admit", name: vm.spec.name, uuid: vm.uuid, generation: vm.generation });
    }),
    apply: () => (state, entry) => (commandOf(entry)?.kind === "vm-admit" ? withoutBounds(state, () => apply(state, entry)) : apply(state, entry)),
  }),
  () => ({
    name: "equal-priority-preempted",
    caughtBy: ["Apply"],
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      if ("refused" in envelope || envelope.command.kind !== "vm-create" || envelope.command.spec.preempt !== true) return apply(state, entry);
      const { spec } = envelope.command;
      const command = { ...envelope.command, spec: { ...spec, priority: (spec.priority ?? 0) + 1 } };
      return apply(state, { ...entry, payload: encodeEnvelope({ ...envelope, command }) });
    },
  }),
  () => ({
    name: "start-taken-back-by-a-leader-that-did-not-wait",
    caughtBy: ["LapseReservation"],
    ...leading((node, state) => {
      const held = unconfirmed(state);
      if (held === undefined || held.ttlMs === null) return;
      const { vm, uuid, generation, ttlMs } = held;
      node.tell({ event: "LapseReservation", vm, uuid, generation, waitedMs: everyMs, ttlMs });
    }),
  }),
  () => ({
    name: "start-taken-back-for-no-reason",
    caughtBy: ["ClientRequest"],
    ...leading((_node, state, submit) => {
      const held = unconfirmed(state);
      if (held !== undefined) submit({ kind: "vm-rollback", name: held.vm, uuid: held.uuid, generation: held.generation });
    }),
  }),
  () => ({
    name: "vm-launched-without-a-reservation",
    caughtBy: ["LaunchVm"],
    ...started((node) => {
      const again = (): void => {
        node.later(everyMs, again);
        const machine = node.replica?.machine;
        const waiting = [...(machine?.queued ?? [])].sort().map((name) => machine?.vms.get(name)).find((vm) => vm?.owner === node.id);
        if (waiting === undefined || node.host.processes.has(waiting.uuid) || node.parts?.leases?.mayRun() !== true) return;
        const { spec, uuid, generation } = waiting;
        node.tell({ event: "LaunchVm", vm: spec.name, uuid, generation });
        node.host.start(uuid, spec.name, generation);
      };
      again();
    }),
  }),
];
