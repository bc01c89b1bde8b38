/**
 * Leases of workers (row W6, `spec/MCLease.tla`). A worker may run VMs only while it holds a lease; a VM goes to another
 * worker only after an entry has called the lease of its owner expired. The epoch of a lease is the index of the entry
 * that granted it, so it is never used again. Renewals are no entries: the leader acknowledges them (`node/lease-book.ts`).
 */

import type { LeaseCommand, LeaseGranted, VmCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { recordEvent } from "./events.ts";
import type { LeaseRecord, NodeId, VmRecord } from "./records.ts";
import { placeAgain } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { reassignTask } from "./task.ts";
import { isTask } from "./task-state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

type Command<K extends LeaseCommand["kind"]> = Extract<LeaseCommand, { kind: K }>;

/** True when an entry called the lease of `node` expired, and it has no other yet. */
export function isExpired(state: MachineState, node: NodeId): boolean {
  return state.leases.get(node)?.held === false;
}

/** Decides a new lease in place of that with `epoch` (0: none). The worker vouches that it runs nothing (`AskLease`). */
export function decideAcquire(state: MachineState, command: Command<"lease-acquire">, index: number): Decision {
  const { node, epoch, leaseMs, killBudgetMs } = command;
  const now = state.leases.get(node)?.epoch ?? 0;
  if (now !== epoch) return refuse("CONFLICT", `the lease of node ${node} has epoch ${now}, not ${epoch}`);
  const record: LeaseRecord = { node, epoch: index, held: true, leaseMs, killBudgetMs };
  return accept({ epoch: index } satisfies LeaseGranted, { table: "lease", key: node, record });
}

/** Decides that a lease is over. Only the leader proposes it, after it has acknowledged no renewal for long enough. */
export function decideExpire(state: MachineState, command: Command<"lease-expire">): Decision {
  const { node, epoch, asserted = "" } = command;
  const lease = state.leases.get(node);
  if (lease?.epoch !== epoch) return refuse("CONFLICT", `the lease of node ${node} has epoch ${lease?.epoch ?? 0}, not ${epoch}`);
  const value: LeaseGranted = { epoch };
  if (!lease.held) return accept(value);
  const subject = state.workers.get(node)?.name ?? node;
  const text = asserted === "" ? "no renewal came in time" : `the machine is off, says ${asserted}`;
  const event = recordEvent({ kind: "worker", what: "failed", subject, node, text });
  return accept(value, { table: "lease", key: node, record: { ...lease, held: false } }, event);
}

/**
 * Decides that a VM leaves a worker that lost its lease (row W5): by comparing uuid, owner and generation, so that of two
 * that try it one wins. It never goes back to a worker without a lease. What was to be deleted is gone with its worker:
 * what is left on the disk there is an orphan's directory.
 */
export function decideReassign(state: MachineState, command: Extract<VmCommand, { kind: "vm-reassign" }>, index: number): Decision {
  const { name, uuid, from, generation } = command;
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.uuid !== uuid || vm.owner !== from || vm.generation !== generation) {
    return refuse("CONFLICT", `${titleOf(name)} is ${vm.uuid} at generation ${vm.generation} and belongs to node ${vm.owner}`);
  }
  if (!isExpired(state, from)) return refuse("WRONG_STATE", `node ${from} may still run ${titleOf(name)}: its lease has not expired`);
  if (vm.desired === "deleted") return accept(answerFor(vm, true), { table: "vm", key: name, record: null });
  if (isTask(vm)) return reassignTask(state, vm, index);
  const placed = placeAgain(state, vm);
  if ("accepted" in placed) return placed;
  const { placement } = placed;
  // What was stopped in order to move does so now.
  const { migration, waiting: _, ...kept } = vm;
  const desired = migration?.restart === true ? "running" : vm.desired;
  const runs = desired === "running";
  // The memory of what was paused is lost; nobody starts it behind the back of who paused it.
  const paused = vm.desired === "paused";
  const record: VmRecord = {
    ...kept,
    owner: placement.node,
    placement,
    desired,
    forceStop: runs ? false : vm.forceStop,
    generation: vm.generation + 1,
    observed: runs ? "pending" : paused ? "failed" : "stopped",
    // What is not to run owes nobody anything: its new owner has nothing to stop.
    observedGeneration: runs ? vm.observedGeneration : vm.generation + 1,
    exit: null,
    failure: paused ? "its worker failed while it was paused" : null,
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: name, record }, ...placed.writes);
}
