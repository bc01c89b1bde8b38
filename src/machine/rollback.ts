/**
 * A start that was not confirmed in time is taken back (row W4). Nobody knows whether it runs, so its worker has to end
 * it, and keeps the room until it says so or loses its lease; then it goes to another worker, or has failed for good.
 */

import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { recordEvent } from "./events.ts";
import type { VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

/** Starts in a row that are taken back, until it has failed. */
export const rollbackLimit = 3;

/** Decides that a start is taken back, by comparing uuid and generation: one that was confirmed meanwhile stays. */
export function decideRollback(state: MachineState, command: Extract<VmCommand, { kind: "vm-rollback" }>, index: number): Decision {
  const { name, uuid, generation } = command;
  const vm = state.vms.get(name);
  const reservation = state.reservations.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation}`);
  if (reservation === undefined || reservation.ttlMs === null) return refuse("WRONG_STATE", `no start of ${titleOf(name)} waits to be confirmed`);
  const worker = state.workers.get(vm.owner)?.name ?? vm.owner;
  const unconfirmed = `its start on worker ${worker} was not confirmed within ${reservation.ttlMs / 1_000} s`;
  const record: VmRecord = {
    ...vm,
    migration: { to: null, restart: true, sinceIndex: index, unconfirmed },
    rollbacks: (vm.rollbacks ?? 0) + 1,
    desired: "stopped",
    forceStop: true,
    generation: generation + 1,
    failure: unconfirmed,
    changedIndex: index,
  };
  const event = recordEvent({ kind: "vm", what: "rolled-back", subject: name, node: vm.owner, text: unconfirmed });
  return accept(answerFor(record, true), { table: "vm", key: name, record }, event);
}
