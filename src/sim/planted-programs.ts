/** Planted bugs of services and tasks. */

import { apply } from "../machine/apply.ts";
import { decodeEnvelope, encodeEnvelope } from "../machine/envelope.ts";
import { listVms } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import { restartDelayMs } from "../machine/restart-policy.ts";
import type { Store } from "../machine/state.ts";
import { isTask } from "../machine/task-state.ts";
import type { Process } from "./host.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";

const retryEveryMs = 300;

/** A leader asks for the next attempt at a task that runs. */
function retryHastily(node: SimulatedNode): void {
  node.later(retryEveryMs, () => retryHastily(node));
  const { replica } = node;
  const task = replica === null ? undefined : listVms(replica.machine).find((vm) => isTask(vm) && vm.observed === "running");
  if (replica?.raft.role !== "Leader" || task === undefined) return;
  const command = { kind: "vm-retry", name: task.spec.name, uuid: task.uuid, generation: task.generation } as const;
  node.ask({ kind: "submit", envelope: { client: `hasty-${node.member.name}-${node.incarnation}`, sequence: Math.ceil(node.clock.localMs()), acknowledged: 1, command } }, () => {});
}

/** As long as it is applied the record says that the attempt has failed, and that others may follow. */
function pretendFailed(task: VmRecord): VmRecord {
  return { ...task, observed: "failed", observedGeneration: task.generation, spec: { ...task.spec, restart: { when: "on-failure", limit: 0, backoffMs: 1 } } };
}

export const plantedPrograms: readonly (() => PlantedBug)[] = [
  () => ({ name: "service-running-before-it-is-confirmed", caughtBy: ["ReportVm"], reportsEarly: "service" }),
  () => ({
    name: "task-retried-while-it-runs",
    caughtBy: ["Apply"],
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => retryHastily(node));
      };
    },
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      const task = "refused" in envelope || envelope.command.kind !== "vm-retry" ? undefined : state.vms.get(envelope.command.name);
      if (task?.observed !== "running" || restartDelayMs(task) !== null) return apply(state, entry);
      const { vms } = state as Store;
      vms.set(task.spec.name, pretendFailed(task));
      const applied = apply(state, entry);
      const after = vms.get(task.spec.name);
      vms.set(task.spec.name, after === undefined || after.generation === task.generation ? task : { ...after, spec: task.spec });
      return { ...applied, vmChanges: applied.vmChanges.map((change) => ({ ...change, from: { desired: task.desired, observed: task.observed } })) };
    },
  }),
  () => ({
    name: "result-of-an-old-attempt-believed",
    caughtBy: ["Apply"],
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      if ("refused" in envelope || envelope.command.kind !== "vm-report") return apply(state, entry);
      const { command } = envelope;
      const task = state.vms.get(command.name);
      if (task === undefined || !isTask(task) || task.uuid !== command.uuid || command.generation >= task.generation) return apply(state, entry);
      const believed = { ...command, generation: task.generation, node: task.owner };
      return apply(state, { ...entry, payload: encodeEnvelope({ ...envelope, command: believed }) });
    },
  }),
  () => {
    const first = new Map<string, number>();
    return {
      name: "attempt-timed-from-the-first-one",
      caughtBy: ["TimeOutTask"],
      attemptAgeMs: (node: SimulatedNode, { uuid, startedMs }: Process) => {
        const key = `${node.id} ${uuid}`;
        first.set(key, Math.min(first.get(key) ?? startedMs, startedMs));
        return node.clock.localMs() - (first.get(key) ?? 0);
      },
    };
  },
  () => {
    const began = new Map<Process, number>();
    return {
      name: "attempt-timed-by-the-wall-clock",
      caughtBy: ["TimeOutTask"],
      attemptAgeMs: (node: SimulatedNode, process: Process) => {
        began.set(process, began.get(process) ?? node.clock.wallMs());
        return node.clock.wallMs() - (began.get(process) ?? 0);
      },
    };
  },
  () => ({ name: "attempt-launched-again-after-its-end", caughtBy: ["LaunchVm"], launchesAttemptsAgain: true }),
  () => ({
    name: "time-out-told-of-an-attempt-that-failed",
    caughtBy: ["ReportVm"],
    equip(node) {
      const tell = node.tell.bind(node);
      node.tell = (event) => tell(event.event === "ReportVm" && event.vm.startsWith("task/") && event.observed === "failed" ? { ...event, timedOut: true } : event);
    },
  }),
];
