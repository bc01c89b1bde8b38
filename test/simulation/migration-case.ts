/** One case of the table of moves: a cluster, a VM that moves, a fault in one phase, and what came of it. */

import { getVm, listVms } from "../../src/machine/query.ts";
import { noUsage } from "../../src/machine/views.ts";
import { leaderOf } from "../../src/sim/operator.ts";
import type { SimulationParts } from "../../src/sim/simulation-parts.ts";
import { simulate } from "../../src/sim/simulate.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import { recordOf, vmName, vmUuid, type Stage } from "./migration-cases.ts";

/** Virtual time from the fault until the VM must have come to rest: a failover, a start, a boot that hangs. */
const restWithinMs = 20_000;

export interface MoveCase {
  /** With its memory. */
  readonly live?: boolean;
  /** Who leads: none of the two, or one of them. */
  readonly coordinator?: "apart" | "source" | "target";
  readonly before?: (stage: Stage) => void;
  readonly begun?: (stage: Stage) => void;
  /** Looked at every millisecond; strikes once, and says that it did. */
  readonly strike: (stage: Stage) => boolean;
}

export interface MoveOutcome {
  readonly result: SimulationResult;
  readonly outcome: string;
  readonly struck: boolean;
  /** From the fault to rest; null: it never came to rest. */
  readonly tookMs: number | null;
  /** What is left behind that must not be. */
  readonly left: readonly string[];
  /** What runs has the memory of before. */
  readonly keptMemory: boolean;
}

/** Plays the case; a function of it. */
export function playMove(wish: MoveCase): MoveOutcome {
  const seen: { stage?: Stage; struckMs?: number; restMs?: number | null; memory?: string | null } = {};
  const result = simulate({
    seed: 7, nodes: 5, seconds: 32, faults: [], clients: 1, thinkMs: 2_000, vmShare: 0, leases: true,
    script: (parts) => {
      parts.world.hangChance = 0; // what hangs here does so on purpose
      const stage = cast(parts, wish.coordinator ?? "apart");
      seen.stage = stage;
      begin(stage, wish, (nowMs) => (seen.struckMs = nowMs), (memory) => (seen.memory = memory));
      watchRest(stage, () => seen.struckMs, (restMs) => (seen.restMs = restMs));
    },
  });
  const { stage, struckMs, restMs } = seen as { stage: Stage; struckMs?: number; restMs?: number | null };
  const tookMs = struckMs === undefined || restMs == null ? null : restMs - struckMs;
  const running = [...stage.parts.world.nodes.values()].flatMap(({ host }) => host.running()).find(({ uuid }) => uuid === vmUuid);
  const keptMemory = running !== undefined && running.memory === seen.memory;
  return { result, outcome: outcomeOf(stage), struck: struckMs !== undefined, tookMs, left: leftBehind(stage), keptMemory };
}

function cast(parts: SimulationParts, coordinator: "apart" | "source" | "target"): Stage {
  const leader = leaderOf(parts.world);
  const [one, other] = [...parts.world.nodes.values()].filter((node) => node !== leader);
  if (leader === undefined || one === undefined || other === undefined) throw new Error("the cluster was formed");
  const source = coordinator === "source" ? leader : one;
  const target = coordinator === "target" ? leader : other;
  return { parts, source, target, record: () => recordOf(parts) };
}

function begin(stage: Stage, { live = false, before, begun, strike }: MoveCase, struck: (nowMs: number) => void, booted: (memory: string | null) => void): void {
  const { parts: { world, operator }, source, target, record } = stage;
  const spec = { name: vmName, driver: "qemu", cpus: 1, memoryMib: 64, diskMib: 0, image: "default" as typeof vmName } as const;
  operator.wantCommand({ kind: "vm-create", spec, uuid: vmUuid, start: true, node: source.id });
  let state: "starts" | "asked" | "moves" | "struck" = "starts";
  const look = (): void => {
    if (state === "starts" && record()?.observed === "running") {
      before?.(stage);
      booted(source.host.processes.get(vmUuid)?.memory ?? null);
      operator.wantCommand({ kind: live ? "vm-carry" : "vm-migrate", name: vmName, to: target.id });
      state = "asked";
    }
    if (state === "asked" && (record()?.migration !== undefined || before !== undefined)) {
      begun?.(stage);
      state = "moves";
    }
    if (state === "moves" && leaderOf(world) !== undefined && strike(stage)) {
      state = "struck";
      struck(world.scheduler.nowMs);
    }
    if (state !== "struck") world.scheduler.after(1, look);
  };
  look();
}

/** Tells again and again since when the VM is at rest, by looking at what is; null while it is not. */
function watchRest(stage: Stage, since: () => number | undefined, tell: (restMs: number | null) => void): void {
  const { scheduler } = stage.parts.world;
  let restMs: number | null = null;
  const look = (): void => {
    const isRest = since() !== undefined && outcomeOf(stage) !== "at work";
    restMs = isRest ? (restMs ?? scheduler.nowMs) : null;
    tell(restMs);
    scheduler.after(10, look);
  };
  look();
}

/** Where the one instance runs, or why none does; `at work` while neither is certain. */
function outcomeOf({ parts: { world }, source, target, record }: Stage): string {
  const vm = record();
  const on = [...world.nodes.values()].filter(({ host }) => host.running().some(({ uuid }) => uuid === vmUuid));
  if (on.length > 1) return `TWO: ${on.map(({ member }) => member.name).join(" and ")}`;
  if (vm === undefined || vm.migration !== undefined || vm.observedGeneration !== vm.generation) return "at work";
  const [owner] = on;
  if (vm.observed === "failed" && owner === undefined && vm.failure !== null) return `failed: ${vm.failure}`;
  if (vm.desired === "stopped" && vm.observed === "stopped" && owner === undefined) return "stopped as asked";
  if (vm.observed !== "running" || owner === undefined || owner.id !== vm.owner) return "at work";
  return `runs at ${owner === source ? "the source" : owner === target ? "the target" : "a third worker"}`;
}

function leftBehind({ parts: { world } }: Stage): readonly string[] {
  return [...world.nodes.values()].flatMap((node) => {
    const machine = node.replica?.machine;
    if (machine === undefined) return [`${node.member.name} is ${node.state}`];
    const left: string[] = [];
    if (machine.migrating.size > 0 || getVm(machine, vmName)?.migration !== undefined) left.push(`a move in the rows of ${node.member.name}`);
    for (const worker of machine.workers.keys()) {
      const own = listVms(machine, worker);
      // At rest room is taken by what runs, and by nothing else.
      const running = own.filter(({ desired, observed }) => desired === "running" && observed === "running");
      const { vms, memoryMib, cpus } = machine.usage.get(worker) ?? noUsage;
      const asked = running.reduce((sum, { spec: { memoryMib: one } }) => sum + one, 0);
      if (vms !== own.length || memoryMib !== asked || cpus !== running.length) left.push(`room of ${worker} at ${node.member.name}: ${memoryMib} MiB for ${asked}`);
    }
    return left;
  });
}

export function isInTime({ tookMs }: MoveOutcome): boolean {
  return tookMs !== null && tookMs <= restWithinMs;
}
