/** Workers: only a node that registered through the log takes VMs (row P8). */

import type { WorkerAnswered, WorkerCommand } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { listed } from "./placement-wish.ts";
import { listVms } from "./query.ts";
import type { NodeId, WorkerRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { isOver } from "./task-state.ts";
import { kindOf, type WorkloadKind } from "../workload-name.ts";

/**
 * Decides a registration. A repeated one brings name, capacity, drivers and labels up to date and keeps the rest. Less capacity
 * than is taken already is no error: it is the truth, and no more VMs come.
 */
export function decideRegister(
  state: MachineState,
  command: Extract<WorkerCommand, { kind: "worker-register" }>,
  index: number,
): Decision {
  const { node, name, cpus, memoryMib, diskMib, drivers } = command;
  const before = state.workers.get(node);
  const labels = command.labels ?? before?.labels;
  for (const other of state.workers.keys()) {
    if (other !== node && state.workers.get(other)?.name === name) {
      return refuse("ALREADY_EXISTS", `worker ${other} has the name ${name}`);
    }
  }
  const record: WorkerRecord = {
    node,
    name,
    admin: before?.admin ?? "active",
    cpus,
    memoryMib,
    diskMib,
    drivers: [...drivers].sort(),
    ...listed("labels", labels),
    ...listed("bridges", command.bridges),
    registeredIndex: before?.registeredIndex ?? index,
  };
  if (before !== undefined && isSame(before, record)) return accept({ changed: false } satisfies WorkerAnswered);
  return accept({ changed: true } satisfies WorkerAnswered, { table: "worker", key: node, record });
}

/** Decides what the operators want of a worker: whether VMs come to it, stay, or leave. */
export function decideAdmin(state: MachineState, { node, admin }: Extract<WorkerCommand, { kind: "worker-admin" }>): Decision {
  const worker = state.workers.get(node);
  if (worker === undefined) return refuse("NOT_FOUND", `node ${node} is not registered as a worker`);
  const done = worker.admin === admin || (worker.admin === "drained" && admin === "draining");
  if (done) return accept({ changed: false } satisfies WorkerAnswered);
  if (admin === "drained") {
    const vms = state.usage.get(node)?.vms ?? 0;
    if (worker.admin !== "draining") return refuse("WRONG_STATE", `worker ${worker.name} is not being drained`);
    if (vms > 0) return refuse("WRONG_STATE", `worker ${worker.name} still holds ${held(state, node)}`);
  }
  return accept({ changed: true } satisfies WorkerAnswered, { table: "worker", key: node, record: { ...worker, admin } });
}

/** Decides a removal, which must not leave a VM without its worker. */
export function decideRemove(state: MachineState, node: string): Decision {
  const worker = state.workers.get(node);
  if (worker === undefined) return refuse("NOT_FOUND", `node ${node} is not registered as a worker`);
  const vms = state.usage.get(node)?.vms ?? 0;
  if (vms > 0) {
    return refuse("WRONG_STATE", `worker ${worker.name} (${node}) holds ${held(state, node)}; delete them first`);
  }
  return accept({ changed: true } satisfies WorkerAnswered, { table: "worker", key: node, record: null });
}

function isSame(one: WorkerRecord, other: WorkerRecord): boolean {
  return (
    one.name === other.name &&
    one.cpus === other.cpus &&
    one.memoryMib === other.memoryMib &&
    one.diskMib === other.diskMib &&
    one.drivers.join() === other.drivers.join() &&
    one.labels?.join() === other.labels?.join() &&
    one.bridges?.join() === other.bridges?.join()
  );
}

/** `2 VMs, 1 service`: what a worker has that must leave it first. */
export function held(state: MachineState, node: NodeId): string {
  const counts = new Map<WorkloadKind, number>([["vm", 0], ["service", 0], ["task", 0]]);
  for (const vm of listVms(state, node).filter((one) => !isOver(one))) counts.set(kindOf(vm.spec.name), (counts.get(kindOf(vm.spec.name)) ?? 0) + 1);
  const words = [...counts].filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind === "vm" ? "VM" : kind}${count === 1 ? "" : "s"}`);
  return words.join(", ");
}
