/** Planted bugs of moves of VMs: a step that comes too early, or twice, or leaves something behind. */

import { apply } from "../machine/apply.ts";
import { decodeEnvelope } from "../machine/envelope.ts";
import type { Applied, AppliedEntry } from "../machine/apply.ts";
import type { Command } from "../machine/commands.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { MachineState, Store } from "../machine/state.ts";
import { viewVm } from "../machine/views.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { telling } from "./planted-executors.ts";
import type { SimulatedNode } from "./node.ts";

type Move = Extract<Command, { kind: "vm-migrate" | "vm-switch" }>;

/** Entries about a move are applied by `change`; it gets the record as it was before. */
function moving(change: (move: Move, vm: VmRecord, state: MachineState, entry: AppliedEntry) => Applied): Required<Pick<PlantedBug, "apply">> {
  return {
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      const command = "refused" in envelope ? undefined : envelope.command;
      const move = command?.kind === "vm-migrate" || command?.kind === "vm-switch" ? command : undefined;
      const vm = move === undefined ? undefined : getVm(state, move.name);
      return move === undefined || vm === undefined ? apply(state, entry) : change(move, vm, state, entry);
    },
  };
}

/** The record is taken for another while the entry is applied. */
function asIf(vm: VmRecord, state: MachineState, entry: AppliedEntry): Applied {
  const store = state as Store;
  const { name } = vm.spec;
  const real = getVm(state, name);
  put(store, vm);
  const applied = apply(state, entry);
  if (!applied.reply.ok && real !== undefined) put(store, real);
  return applied;
}

function put(store: Store, vm: VmRecord): ReturnType<Store["vms"]["set"]> {
  viewVm(store, store.vms.get(vm.spec.name), vm);
  return store.vms.set(vm.spec.name, vm);
}

/** The first VM of which `find` holds, looked for at each turn of a node that leads or owns. */
function lookAgain(node: SimulatedNode, everyMs: number, act: (node: SimulatedNode, vms: readonly VmRecord[]) => void): void {
  node.later(everyMs, () => {
    lookAgain(node, everyMs, act);
    if (node.replica !== null && node.parts?.executor.started === true) act(node, listVms(node.replica.machine));
  });
}

function atStart(act: (node: SimulatedNode, vms: readonly VmRecord[]) => void, everyMs = 20): Required<Pick<PlantedBug, "equip">> {
  return {
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => lookAgain(node, everyMs, act));
      };
    },
  };
}

function submit(node: SimulatedNode, command: Command): void {
  node.ask({ kind: "submit", envelope: { client: `mover-${node.member.name}-${node.incarnation}`, sequence: Math.ceil(node.clock.localMs()), acknowledged: 1, command } }, () => {});
}

/** Starts it here, as its owner would. */
function launch(node: SimulatedNode, { spec, uuid, generation }: VmRecord): void {
  if (node.host.processes.has(uuid)) return;
  node.tell({ event: "LaunchVm", vm: spec.name, uuid, generation });
  node.host.start(uuid, spec.name, generation);
}

export const plantedMoves: readonly (() => PlantedBug)[] = [
  () => ({
    name: "vm-switched-before-it-stopped",
    caughtBy: ["Apply"],
    ...atStart((node, vms) => {
      const vm = node.replica?.raft.role === "Leader" ? vms.find(({ migration }) => migration !== undefined) : undefined;
      if (vm !== undefined) submit(node, { kind: "vm-switch", name: vm.spec.name, uuid: vm.uuid, generation: vm.generation });
    }),
    ...moving((move, vm, state, entry) => {
      if (move.kind !== "vm-switch" || vm.migration === undefined || vm.generation !== move.generation) return apply(state, entry);
      return asIf({ ...vm, observed: "stopped", observedGeneration: vm.generation }, state, entry);
    }),
  }),
  () => ({
    name: "target-starts-before-the-switch",
    caughtBy: ["LaunchVm"],
    ...atStart((node, vms) => {
      const vm = vms.find(({ migration }) => migration?.to === node.id);
      if (vm !== undefined) launch(node, vm);
    }),
  }),
  () => {
    const moved = new Map<string, string>();
    return {
      name: "source-starts-again-after-the-switch",
      caughtBy: ["LaunchVm"],
      ...atStart((node, vms) => {
        for (const vm of vms) {
          if (vm.migration !== undefined) moved.set(vm.uuid, vm.owner);
          else if (moved.get(vm.uuid) === node.id && vm.owner !== node.id && vm.desired === "running") launch(node, vm);
        }
      }),
    };
  },
  () => ({
    name: "second-move-accepted",
    caughtBy: ["Apply"],
    ...moving((move, vm, state, entry) => {
      const { migration, ...still } = vm;
      return move.kind === "vm-switch" || migration === undefined ? apply(state, entry) : asIf(still, state, entry);
    }),
  }),
  () => ({
    name: "move-left-behind",
    caughtBy: ["Apply"],
    ...moving((move, vm, state, entry) => {
      const applied = apply(state, entry);
      const now = getVm(state, move.name);
      if (move.kind !== "vm-switch" || !applied.reply.ok || now === undefined || vm.migration === undefined) return applied;
      const change = put(state as Store, { ...now, migration: vm.migration });
      const changes = [...applied.changes.filter(({ table }) => table !== "vm"), change];
      return { ...applied, changes, vmChanges: applied.vmChanges.map((one) => ({ ...one, move: vm.migration })) };
    }),
  }),
  () => ({
    name: "target-goes-on-before-the-hand-over",
    caughtBy: ["ContinueVm"],
    ...telling((node, event, tell) => {
      tell(event);
      if (event.event !== "ReceiveVm") return;
      tell({ event: "ContinueVm", vm: event.vm, uuid: event.uuid, generation: event.generation });
      node.host.go(event.uuid);
    }),
  }),
  () => ({
    name: "source-goes-on-while-its-move-is-open",
    caughtBy: ["ContinueVm"],
    ...telling((node, event, tell) => {
      tell(event);
      if (event.event !== "SuspendVm") return;
      tell({ event: "ContinueVm", vm: event.vm, uuid: event.uuid, generation: event.generation });
      node.host.go(event.uuid);
    }),
  }),
  () => ({
    name: "hand-over-asked-without-the-memory",
    caughtBy: ["AskHandOver"],
    ...telling((_node, event, tell) => {
      if (event.event !== "ReceiveVm") tell(event);
    }),
  }),
  () => ({
    name: "memory-sent-while-the-guest-runs",
    caughtBy: ["ReceiveVm"],
    ...telling((_node, event, tell) => {
      if (event.event !== "SuspendVm") tell(event);
    }),
  }),
  () => ({
    name: "source-booted-anew-while-its-move-is-open",
    caughtBy: ["LaunchVm"],
    ...telling((_node, event, tell) => {
      tell(event);
      if (event.event !== "SuspendVm") return;
      const { vm, uuid, generation } = event;
      tell({ event: "VmEnded", vm, uuid, how: "lease-expired" });
      tell({ event: "LaunchVm", vm, uuid, generation });
    }),
  }),
  () => ({
    name: "carried-vm-booted-in-place-of-its-memory",
    caughtBy: ["LaunchVm"],
    ...telling((_node, event, tell) => {
      if (event.event !== "ContinueVm") return tell(event);
      tell({ event: "VmEnded", vm: event.vm, uuid: event.uuid, how: "host-kill" });
      tell({ ...event, event: "LaunchVm" });
    }),
  }),
];
