/**
 * Every phase of a move of a VM, and every fault that meets it there (row W7). A phase is recognized by what is committed
 * and by what the hosts do, as somebody sees it who sees everything; the fault strikes in that moment.
 */

import { getVm } from "../../src/machine/query.ts";
import type { Name, VmRecord } from "../../src/machine/records.ts";
import type { HostTrouble } from "../../src/sim/host.ts";
import { leaderOf } from "../../src/sim/operator.ts";
import type { SimulatedNode } from "../../src/sim/node.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";

export const vmName = "mover" as Name;
export const vmUuid = "uuid-of-the-mover";

/** Who takes part in a case. */
export interface Stage {
  readonly parts: SimulationParts;
  readonly source: SimulatedNode;
  readonly target: SimulatedNode;
  /** The record as the node that leads has it. */
  readonly record: () => VmRecord | undefined;
}

export interface Phase {
  readonly name: string;
  /** True from the moment on in which the phase begins. */
  readonly begins: (stage: Stage, vm: VmRecord) => boolean;
  /** What goes wrong in this phase by itself: the step fails, or nothing happens for long. */
  readonly error: Strike;
  readonly timeout: Strike;
}

export type Strike = (stage: Stage) => void;

function told(node: SimulatedNode, event: string): boolean {
  return node.trace.lines.some((line) => line.event === event && "uuid" in line && line.uuid === vmUuid);
}

const runsAt = (node: SimulatedNode): boolean => node.host.running().some(({ uuid }) => uuid === vmUuid);

/** For so long something hangs that comes back before a lease is over, which was renewed up to a second before. */
const hangMs = 1_200;
/** The machine or the link is back after any failover. */
const longMs = 12_000;

function cutOff(node: SimulatedNode, forMs: number): void {
  const { network, nodes, scheduler } = node.world;
  const links = network.separate([node.id], [...nodes.keys()].filter((id) => id !== node.id));
  scheduler.after(forMs, () => network.mend(links));
}

function leader({ parts }: Stage): SimulatedNode {
  const found = leaderOf(parts.world);
  if (found === undefined) throw new Error("a case is struck while somebody leads");
  return found;
}

/** VMs take all the room that these workers have left. */
function fill({ parts: { operator } }: Stage, nodes: readonly SimulatedNode[]): void {
  for (const node of nodes) {
    const memoryMib = 4_096 - (runsAt(node) ? 64 : 0);
    const spec = { name: `fills-${node.member.name}` as Name, driver: "qemu", cpus: 1, memoryMib, diskMib: 0, image: "default" as Name } as const;
    operator.wantCommand({ kind: "vm-create", spec, uuid: `uuid-fills-${node.member.name}`, start: true, node: node.id });
  }
}

function inTrouble(node: SimulatedNode, what: keyof HostTrouble, how: "fails" | "hangs", forMs: number): void {
  node.host.trouble[what] = how;
  node.world.scheduler.after(forMs, () => delete node.host.trouble[what]);
}

function disobey({ source }: Stage): void {
  inTrouble(source, "stop", "hangs", longMs);
}

/** What the leader was about to do is lost with its leadership; it leads no more and lives. */
const leadershipLost: Strike = (stage) => {
  const node = leader(stage);
  node.enter(() => node.ask({ kind: "transfer", to: null }, () => {}));
};

export const phases: readonly Phase[] = [
  {
    name: "preparing",
    begins: (_stage, vm) => vm.migration !== undefined,
    // A place that is wanted by name and full: the move is refused before anything is stopped (see `before`).
    error: () => {},
    timeout: (stage) => cutOff(leader(stage), hangMs),
  },
  {
    name: "stopping at the source",
    begins: ({ source }) => told(source, "StopVm"),
    error: leadershipLost,
    timeout: ({ source }) => cutOff(source, hangMs),
  },
  {
    name: "stopped, not reported",
    begins: ({ source }) => told(source, "StopVm") && !runsAt(source),
    error: leadershipLost,
    timeout: ({ source }) => cutOff(source, hangMs),
  },
  {
    name: "switching the owner",
    begins: ({ source }, vm) => vm.owner === source.id && vm.desired === "stopped" && vm.observed === "stopped",
    error: leadershipLost,
    timeout: (stage) => cutOff(leader(stage), hangMs),
  },
  {
    name: "starting at the target",
    begins: ({ target }, vm) => vm.owner === target.id,
    error: ({ target }) => inTrouble(target, "start", "fails", longMs),
    timeout: ({ target }) => inTrouble(target, "start", "hangs", longMs),
  },
  {
    name: "done",
    begins: ({ target }, vm) => vm.owner === target.id && vm.observed === "running",
    error: ({ target }) => target.host.end(vmUuid, "crash"),
    timeout: ({ target }) => cutOff(target, hangMs),
  },
];

/** With its memory: the source sends it while the guest runs, then the guest stands still here and there. */
export const livePhases: readonly Phase[] = [
  {
    name: "preparing",
    begins: (_stage, vm) => vm.migration !== undefined,
    error: () => {},
    timeout: (stage) => cutOff(leader(stage), hangMs),
  },
  {
    name: "waiting at the target",
    begins: ({ target }) => told(target, "AwaitVm"),
    error: ({ target }) => target.host.end(vmUuid, "crash"),
    timeout: ({ target }) => inTrouble(target, "receive", "hangs", longMs),
  },
  {
    name: "sending its memory",
    begins: ({ source }) => source.parts?.executor.carrier.isSending(vmUuid) === true,
    error: ({ source }) => inTrouble(source, "send", "fails", longMs),
    timeout: ({ source }) => cutOff(source, hangMs),
  },
  {
    name: "standing still at the source",
    begins: ({ source }) => told(source, "SuspendVm"),
    error: leadershipLost,
    timeout: ({ source }) => cutOff(source, hangMs),
  },
  {
    name: "received by the target",
    begins: ({ target }) => told(target, "AskHandOver"),
    error: leadershipLost,
    timeout: ({ target }) => cutOff(target, hangMs),
  },
  {
    name: "handed over",
    begins: ({ target }, vm) => vm.owner === target.id,
    error: ({ target }) => target.host.end(vmUuid, "crash"),
    timeout: ({ target }) => cutOff(target, hangMs),
  },
  {
    name: "going on at the target",
    begins: ({ target }) => told(target, "ContinueVm"),
    error: ({ target }) => target.host.end(vmUuid, "crash"),
    timeout: ({ target }) => cutOff(target, hangMs),
  },
  {
    name: "done",
    begins: ({ target }, vm) => vm.owner === target.id && vm.observed === "running",
    error: ({ target }) => target.host.end(vmUuid, "crash"),
    timeout: ({ target }) => cutOff(target, hangMs),
  },
];

/** What meets a move with memory from the first moment on. */
export const liveStanding: Readonly<Record<string, { readonly before?: Strike; readonly begun?: Strike }>> = {
  "the target is full": { before: (stage) => fill(stage, [stage.target]) },
  "the target cannot take its memory": { before: ({ target }) => inTrouble(target, "receive", "fails", longMs) },
  "the source never comes to an end with sending": { before: ({ source }) => inTrouble(source, "send", "hangs", longMs) },
  "somebody stops the VM meanwhile": { begun: ({ parts: { operator } }) => operator.wantCommand({ kind: "vm-stop", name: vmName, force: false }) },
  "somebody restarts the VM meanwhile": { begun: ({ parts: { operator } }) => operator.wantCommand({ kind: "vm-restart", name: vmName, force: false }) },
};

/** What meets the drivers from the first moment on, and not in one phase. */
export const standing: Readonly<Record<string, { readonly before?: Strike; readonly begun?: Strike }>> = {
  "the target is full": { before: (stage) => fill(stage, [stage.target]) },
  "the target fills up while the guest does not obey": { before: disobey, begun: (stage) => fill(stage, [stage.target]) },
  "every other worker fills up while the guest does not obey": {
    before: disobey,
    begun: (stage) => fill(stage, [...stage.parts.world.nodes.values()].filter((node) => node !== stage.source)),
  },
  "the driver cannot stop it for a while": { before: ({ source }) => inTrouble(source, "stop", "fails", 3_000) },
  "the guest does not obey": { before: disobey },
};

function crash(node: SimulatedNode, backAfterMs: number): void {
  node.crash("lost");
  node.world.scheduler.after(backAfterMs, () => node.start());
}

function lose(node: SimulatedNode): void {
  node.host.losePower();
  crash(node, longMs);
}

export const faults: Readonly<Record<string, (stage: Stage, phase: Phase) => void>> = {
  error: (stage, phase) => phase.error(stage),
  timeout: (stage, phase) => phase.timeout(stage),
  "coordinator crash": (stage) => crash(leader(stage), 1_000),
  "source crash": ({ source }) => crash(source, 1_000),
  "source lost": ({ source }) => lose(source),
  "source cut off": ({ source }) => cutOff(source, longMs),
  "target crash": ({ target }) => crash(target, 1_000),
  "target lost": ({ target }) => lose(target),
  "target cut off": ({ target }) => cutOff(target, longMs),
};

/** What the leader has of the VM. */
export function recordOf(parts: SimulationParts): VmRecord | undefined {
  const machine = leaderOf(parts.world)?.replica?.machine;
  return machine === undefined ? undefined : getVm(machine, vmName);
}
