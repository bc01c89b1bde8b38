/**
 * What operators want of VMs: create, start, stop, delete. Each is idempotent (row P6): asked twice, the second answers
 * `changed: false`. None of them says that a VM runs; only a report does (row S5, `vm-report.ts`).
 *
 * Room is taken by the entry that wants it to run, and given back when it has ended (`reservation.ts`): a stopped VM keeps
 * its worker and its disk, and is started there if there is room.
 */

import type { VmAnswered, VmCommand, VmCreated } from "./commands.ts";
import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import { checkCopy } from "./health.ts";
import { copyOfWish, listed } from "./placement-wish.ts";
import { pinImage } from "./image.ts";
import { placeByPreemption } from "./preemption.ts";
import type { NodeId, VmRecord, VmSpec } from "./records.ts";
import { placeNew, startProblem, type Placed } from "./schedule.ts";
import { networkCopy } from "./vm-network.ts";
import { programCopy } from "./program.ts";
import type { MachineState } from "./state.ts";
import { cancelOf, isForgettable, placeTask } from "./task.ts";
import { isTask } from "./task-state.ts";
import { titleOf } from "../workload-name.ts";

type Command<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** Decides a create. A VM in deletion keeps its name until its driver has reported it gone. */
export function decideCreate(state: MachineState, command: Command<"vm-create">, index: number): Decision {
  const { uuid, start, node } = command;
  const spec = pinImage(state, copyOf(command.spec));
  if ("accepted" in spec) return spec;
  const namesake = state.vms.get(spec.name);
  if (namesake !== undefined) {
    const deleting = namesake.desired === "deleted" ? " and is being deleted; its name is free when its worker has done so" : "";
    return refuse("ALREADY_EXISTS", `${titleOf(spec.name)} is there${deleting}`);
  }
  if (state.vmUuids.has(uuid)) return refuse("ALREADY_EXISTS", `another VM has the uuid ${uuid}`);
  const placed = spec.timeoutMs === undefined ? placeOrPreempt(state, spec, start, node, index) : placeTask(state, spec, node);
  if ("accepted" in placed) return placed;
  const { placement, writes, waiting } = placed;
  const record: VmRecord = {
    spec,
    uuid,
    owner: placement.node,
    placement,
    desired: start ? "running" : "stopped",
    forceStop: false,
    generation: 1,
    observed: "pending",
    // A VM that is not to run yet needs nobody: nothing is owed for generation 1.
    observedGeneration: start ? 0 : 1,
    exit: null,
    failure: placed.waits ?? null,
    ...(waiting === undefined ? {} : { waiting }),
    createdIndex: index,
    changedIndex: index,
  };
  const value: VmCreated = { uuid, node: placement.node, score: placement.score, generation: 1 };
  return accept(value, { table: "vm", key: spec.name, record }, ...writes);
}

/** A place with room, or one where it waits until VMs of lower priority have made way. */
function placeOrPreempt(state: MachineState, spec: VmSpec, start: boolean, node: NodeId | undefined, index: number): Placed {
  const placed = placeNew(state, spec, node);
  if (!("accepted" in placed) || placed.code !== "NO_CAPACITY" || !start) return placed;
  const placement = placeByPreemption(state, spec, node);
  if (placement === null) return placed;
  const victims = (placement.preempts ?? []).map(({ vm }) => vm).join(", ");
  return { placement, writes: [], waiting: { sinceIndex: index, reason: `waits until ${victims} made way` } };
}

/** Decides a start. One that ended by itself, though it should run, is tried again; one that is paused goes on. */
export function decideStart(state: MachineState, command: Command<"vm-start">, index: number): Decision {
  const vm = livingVm(state, command.name, "started");
  if ("accepted" in vm) return vm;
  const { again } = command;
  if (again !== undefined && (again.uuid !== vm.uuid || again.generation !== vm.generation || !hasEnded(vm))) {
    return refuse("CONFLICT", `${titleOf(command.name)} is not what it was when it ended`);
  }
  if (vm.desired === "running" && !hasEnded(vm)) return unchanged(vm);
  const problem = startProblem(state, vm);
  if (problem !== null) return problem;
  return wish(again === undefined ? vm : { ...vm, attempts: again.attempt }, "running", index, { force: false, keepAttempts: again !== undefined });
}

/** Decides a stop. Force may be added to a stop that is under way; that is no new generation. */
export function decideStop(state: MachineState, command: Command<"vm-stop">, index: number): Decision {
  const vm = livingVm(state, command.name, "stopped");
  if ("accepted" in vm) return vm;
  const cancelled = isTask(vm) ? cancelOf(vm, index) : undefined;
  if (cancelled !== undefined) return cancelled;
  if (vm.desired !== "stopped") return wish(vm, "stopped", index, command);
  const underWay = vm.observedGeneration < vm.generation;
  const { migration, ...kept } = vm;
  const forceStop = vm.forceStop || (underWay && command.force);
  // One that is stopped in order to move stays where it is then.
  if (migration !== undefined || forceStop !== vm.forceStop) return changed({ ...kept, forceStop, changedIndex: index });
  return unchanged(vm);
}

/** Decides a pause: the guest stands still and keeps its memory. Only what runs can. */
export function decidePause(state: MachineState, command: Command<"vm-pause">, index: number): Decision {
  const vm = livingVm(state, command.name, "paused");
  if ("accepted" in vm) return vm;
  if (vm.waiting !== undefined) return waits(vm, "paused");
  if (vm.desired === "stopped" || hasEnded(vm)) return refuse("WRONG_STATE", `${titleOf(command.name)} does not run and cannot be paused`);
  if (vm.spec.driver === "runner") return refuse("WRONG_STATE", `${titleOf(command.name)} is run by a runner, which cannot pause it`);
  if (vm.migration?.live === true) return refuse("CONFLICT", `${titleOf(command.name)} is being moved with its memory and cannot be paused`);
  return vm.desired === "paused" ? unchanged(vm) : wish(vm, "paused", index);
}

/** Decides a resume. What has ended while it was paused is not started behind anybody's back. */
export function decideResume(state: MachineState, command: Command<"vm-resume">, index: number): Decision {
  const vm = livingVm(state, command.name, "resumed");
  if ("accepted" in vm) return vm;
  if (vm.waiting !== undefined) return waits(vm, "resumed");
  if (vm.desired === "stopped" || hasEnded(vm)) return refuse("WRONG_STATE", `${titleOf(command.name)} does not run and cannot be resumed`);
  return vm.desired === "running" ? unchanged(vm) : wish(vm, "running", index);
}

/** Decides a restart: the process that runs ends as by a stop, another starts. One that does not run is started. */
export function decideRestart(state: MachineState, command: Command<"vm-restart">, index: number): Decision {
  const vm = livingVm(state, command.name, "restarted");
  if ("accepted" in vm) return vm;
  const problem = vm.waiting === undefined ? startProblem(state, vm) : waits(vm, "restarted");
  if (problem !== null) return problem;
  return wish({ ...vm, freshFrom: vm.generation + 1 }, "running", index, command);
}

/** Decides a delete. The record stays until the driver was reached (row P7). */
export function decideDelete(state: MachineState, command: Command<"vm-delete">, index: number): Decision {
  const vm = state.vms.get(command.name);
  if (vm === undefined) return noSuchVm(command.name);
  if (isForgettable(state, vm)) return accept(answerFor(vm, true), { table: "vm", key: vm.spec.name, record: null });
  if (vm.desired === "deleted") return unchanged(vm);
  const { migration: _, waiting: __, ...kept } = vm;
  return changed({ ...kept, desired: "deleted", generation: vm.generation + 1, changedIndex: index });
}

export function noSuchVm(name: string): Refused {
  return refuse("NOT_FOUND", `there is no ${titleOf(name)}`);
}

/** What a VM command answers. */
export function answerFor(vm: VmRecord, isChanged: boolean): VmAnswered {
  return { uuid: vm.uuid, node: vm.owner, generation: vm.generation, changed: isChanged };
}

function waits({ spec, waiting }: VmRecord, participle: string): Refused {
  return refuse("WRONG_STATE", `${titleOf(spec.name)} has no room yet and cannot be ${participle}: it ${waiting?.reason ?? "waits"}`);
}

function livingVm(state: MachineState, name: string, participle: string): VmRecord | Refused {
  const vm = state.vms.get(name);
  if (vm === undefined) return noSuchVm(name);
  if (vm.desired === "deleted") return refuse("WRONG_STATE", `${titleOf(name)} is being deleted and cannot be ${participle}`);
  return vm;
}

/** True when the executor has said of the latest wish that it came to an end. */
function hasEnded(vm: VmRecord): boolean {
  return vm.observedGeneration === vm.generation && (vm.observed === "stopped" || vm.observed === "failed");
}

interface HowWished {
  readonly force: boolean;
  readonly graceMs?: number;
  /** By policy: the starts since somebody asked for one go on counting. */
  readonly keepAttempts?: boolean;
}

/** A new wish, hence a new generation. */
function wish(vm: VmRecord, desired: VmRecord["desired"], index: number, how: HowWished = { force: false }): Decision {
  const { graceMs: _, migration: __, waiting: ___, rollbacks: ____, attempts, ...kept } = vm;
  const grace = how.graceMs === undefined ? {} : { graceMs: how.graceMs };
  const counted = how.keepAttempts === true && attempts !== undefined ? { attempts } : {};
  return changed({ ...kept, ...grace, ...counted, desired, forceStop: how.force, generation: vm.generation + 1, changedIndex: index });
}

function unchanged(vm: VmRecord): Decision {
  return accept(answerFor(vm, false));
}

function changed(record: VmRecord): Decision {
  return accept(answerFor(record, true), { table: "vm", key: record.spec.name, record });
}

/** The fields in an order of ours, not in that of the request: the row's text is compared byte by byte. */
function copyOf(spec: VmSpec): VmSpec {
  const { name, driver, cpus, memoryMib, diskMib, image, imageDigest, run, timeoutMs, publish, restart, bootDeadlineMs, health, labels, place, network } = spec;
  const { priority, preempt, startWithinMs } = spec;
  return {
    ...{ name, driver, cpus, memoryMib, diskMib, image },
    ...(imageDigest === undefined ? {} : { imageDigest }),
    ...(run === undefined ? {} : { run: programCopy(run) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(publish === undefined ? {} : { publish: publish.map(({ protocol, address, port, guestPort }) => ({ protocol, address, port, guestPort })) }),
    ...(restart === undefined ? {} : { restart: { when: restart.when, limit: restart.limit, backoffMs: restart.backoffMs } }),
    ...(bootDeadlineMs === undefined ? {} : { bootDeadlineMs }),
    ...(health === undefined ? {} : { health: checkCopy(health) }),
    ...listed("labels", labels),
    ...(place === undefined ? {} : { place: copyOfWish(place) }),
    ...(network === undefined ? {} : { network: networkCopy(network) }),
    ...(priority === undefined ? {} : { priority }),
    ...(preempt === undefined ? {} : { preempt }),
    ...(startWithinMs === undefined ? {} : { startWithinMs }),
  };
}
