/** Planted bugs of the executor: what it starts, stops and says of it. */

import type { VmRecord } from "../machine/records.ts";
import { getVm } from "../machine/query.ts";
import type { Store } from "../machine/state.ts";
import { viewVm } from "../machine/views.ts";
import { decodeEnvelope } from "../machine/envelope.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** Whatever the executor tells passes here first; `tell` is the node's own. */
export function telling(hear: (node: SimulatedNode, event: TraceEvent, tell: (event: TraceEvent) => void) => void): Required<Pick<PlantedBug, "equip">> {
  return {
    equip(node) {
      const tell = node.tell.bind(node);
      node.tell = (event) => hear(node, event, tell);
    },
  };
}

function recordOf(node: SimulatedNode, name: string): VmRecord | undefined {
  return node.replica === null ? undefined : getVm(node.replica.machine, name);
}

export const plantedExecutors: readonly (() => PlantedBug)[] = [
  () => ({ name: "vm-launched-by-another-node", caughtBy: ["LaunchVm"], launchesForeign: true }),
  () => ({ name: "running-before-the-guest-is-up", caughtBy: ["ReportVm"], reportsEarly: true }),
  () => ({ name: "vm-launched-again-after-restart", caughtBy: ["LaunchVm", "ReportVm"], forgetsProcesses: true }),
  () => {
    const nodes = new Map<string, SimulatedNode>();
    return {
      name: "vm-launched-before-the-commit",
      caughtBy: ["LaunchVm"],
      equip: (node) => void nodes.set(node.id, node),
      after({ raft }, outputs, event) {
        const node = nodes.get(raft.self);
        if (event.kind !== "propose" || raft.role !== "Leader" || node === undefined) return outputs;
        for (const { payload } of event.proposals) {
          const envelope = decodeEnvelope(payload);
          if ("refused" in envelope || envelope.command.kind !== "vm-create" || !envelope.command.start) continue;
          const { spec, uuid } = envelope.command;
          node.tell({ event: "LaunchVm", vm: spec.name, uuid, generation: 1 });
          node.host.start(uuid, spec.name, 1);
        }
        return outputs;
      },
    };
  },
  () => ({
    name: "status-written-without-a-command",
    caughtBy: ["Apply", "RestoreRows"],
    ...telling((node, event, tell) => {
      tell(event);
      const vm = event.event === "VmReady" ? recordOf(node, event.vm) : undefined;
      if (vm === undefined || node.replica === null) return;
      const store = node.replica.machine as Store;
      const written: VmRecord = { ...vm, observed: "running", observedGeneration: vm.generation };
      viewVm(store, vm, written);
      store.vms.set(vm.spec.name, written);
    }),
  }),
  () => ({
    name: "stop-reported-before-the-exit",
    caughtBy: ["ReportVm"],
    ...telling((_node, event, tell) => {
      tell(event);
      if (event.event !== "StopVm") return;
      const { vm, uuid, generation } = event;
      tell({ event: "ReportVm", vm, uuid, generation, observed: "stopped" });
    }),
  }),
  () => ({
    name: "wanted-vm-stopped",
    caughtBy: ["StopVm"],
    ...telling((node, event, tell) => {
      tell(event);
      if (event.event !== "VmReady") return;
      const { vm, uuid, generation } = event;
      node.later(200, () => {
        if (!node.host.processes.has(uuid) || recordOf(node, vm)?.uuid !== uuid) return;
        tell({ event: "StopVm", vm, uuid, generation: recordOf(node, vm)?.generation ?? generation });
        node.host.stop(uuid);
      });
    }),
  }),
  () => ({
    name: "vm-launched-for-an-older-generation",
    caughtBy: ["LaunchVm"],
    ...telling((_node, event, tell) => {
      tell(event.event === "LaunchVm" && event.generation > 1 ? { ...event, generation: event.generation - 1 } : event);
    }),
  }),
  () => ({
    name: "vm-started-again-by-itself",
    caughtBy: ["LaunchVm"],
    ...telling((node, event, tell) => {
      tell(event);
      if (event.event !== "ReportVm" || (event.observed !== "stopped" && event.observed !== "failed")) return;
      const { vm, uuid, generation } = event;
      if (recordOf(node, vm)?.desired !== "running" || recordOf(node, vm)?.generation !== generation) return;
      tell({ event: "LaunchVm", vm, uuid, generation });
      node.host.start(uuid, vm, generation);
    }),
  }),
  () => ({
    name: "adopts-the-vm-of-another-node",
    caughtBy: ["AdoptVm"],
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(300, () => {
          const foreign = [...node.world.nodes.values()].find((other) => other !== node && other.host.running().length > 0);
          const process = foreign?.host.running()[0];
          if (process !== undefined) node.tell({ event: "AdoptVm", vm: process.name, uuid: process.uuid, generation: process.generation });
        });
      };
    },
  }),
  () => ({
    name: "exit-not-noticed",
    caughtBy: ["ReportVm", "LaunchVm"],
    ...telling((_node, event, tell) => {
      if (event.event !== "VmEnded") tell(event);
    }),
  }),
  () => ({
    name: "deleted-vm-left-running",
    caughtBy: ["ReportVm"],
    ...telling((node, event, tell) => {
      const deleted = event.event === "StopVm" && recordOf(node, event.vm)?.desired === "deleted";
      if (!deleted) return tell(event);
      const { vm, uuid, generation } = event;
      tell({ event: "ReportVm", vm, uuid, generation, observed: "gone" });
    }),
  }),
];
