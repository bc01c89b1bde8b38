/**
 * Tasks (row W10): programs that run to completion. A task has an owner like a VM, or none (`""`) while no worker has room.
 * Its worker reports how an attempt ended; then, or when that worker has certainly lost it, the next one may begin, on
 * another worker if there is one. Who cannot bear a second attempt allows one: then it runs at most once.
 */

import { titleOf } from "../workload-name.ts";
import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import type { NodeId, Placement, VmRecord, VmSpec } from "./records.ts";
import { attemptsLeft, restartDelayMs } from "./restart-policy.ts";
import { type Placed, placeAgain, placeElsewhere, placeNew } from "./schedule.ts";
import { clusterKey, type MachineState } from "./state.ts";
import { isOver, isTask } from "./task-state.ts";
import { answerFor, noSuchVm } from "./vm.ts";

type Of<K extends VmCommand["kind"]> = Extract<VmCommand, { kind: K }>;

/** Tasks that came to an end and are kept, with their results; then the oldest go. */
export const finishedLimit = 1_000;
/** So many that wait for a place are looked at, the oldest: a look costs a bounded time. */
const lookedAt = 16;

/** A place for a task that nobody has: on the worker named, or the best one, or none, and then why. */
export function placeTask(state: MachineState, spec: VmSpec, node?: NodeId): Placed {
  const placed = placeNew(state, spec, node);
  if (!("accepted" in placed) || node !== undefined || placed.code !== "NO_CAPACITY") return placed;
  return { placement: nowhere(spec), writes: [], waits: placed.message };
}

function nowhere({ place }: VmSpec): Placement {
  return { strategy: place?.strategy ?? "most-available", node: "", score: 0, rejected: [] };
}

/** Decides that a task gets its next attempt, or its first after it waited for a place. The attempt before has ended. */
export function decideRetry(state: MachineState, { name, uuid, generation }: Of<"vm-retry">, index: number): Decision {
  const task = state.vms.get(name);
  if (task === undefined) return noSuchVm(name);
  if (task.uuid !== uuid || task.generation !== generation) return refuse("CONFLICT", `${titleOf(name)} is ${task.uuid} at generation ${task.generation}`);
  const waits = task.owner === "" && task.desired === "running" && task.observed === "pending";
  if (!waits && restartDelayMs(task) === null) return refuse("WRONG_STATE", `${titleOf(name)} is ${task.observed}, wanted ${task.desired}, and gets no other attempt now`);
  const placed = waits ? placeNew(state, task.spec) : placeNext(state, task);
  if ("accepted" in placed) return placed;
  const attempts = waits ? task.attempts : (task.attempts ?? 0) + 1;
  return begin(task, placed, attempts, index);
}

/** Another worker first; where there is none its own, if that takes work; else it waits. */
function placeNext(state: MachineState, task: VmRecord): Placed {
  const elsewhere = placeElsewhere(state, task);
  if (!("accepted" in elsewhere)) return elsewhere;
  const worker = state.workers.get(task.owner);
  const stays = worker?.admin === "active" && state.leases.get(task.owner)?.held !== false;
  return { placement: stays ? task.placement : nowhere(task.spec), writes: [] };
}

function begin(task: VmRecord, { placement, writes }: Exclude<Placed, Refused>, attempts: number | undefined, index: number): Decision {
  const { attempts: _, ...kept } = task;
  const record: VmRecord = {
    ...kept,
    ...(attempts === undefined ? {} : { attempts }),
    owner: placement.node,
    placement,
    generation: task.generation + 1,
    observed: "pending",
    failure: null,
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: task.spec.name, record }, ...writes);
}

/** Decides what becomes of a task whose worker has lost its lease: the attempt there is over, however far it came. */
export function reassignTask(state: MachineState, task: VmRecord, index: number): Decision {
  const { name } = task.spec;
  if (isOver(task)) return refuse("WRONG_STATE", `${titleOf(name)} has come to its end, and does not change its owner`);
  const next = task.generation + 1;
  if (task.desired === "running" && attemptsLeft(task)) {
    const placed = placeAgain(state, task);
    return begin(task, "accepted" in placed ? { placement: nowhere(task.spec), writes: [] } : placed, (task.attempts ?? 0) + 1, index);
  }
  const cancelled = task.desired === "stopped";
  const record: VmRecord = {
    ...task,
    owner: "",
    generation: next,
    observed: cancelled ? "stopped" : "failed",
    observedGeneration: next,
    exit: { how: "lease-expired", code: null, signal: null },
    failure: cancelled ? null : "its worker failed, and it has no attempt left",
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: name, record });
}

/** What a leader owes tasks: a place to the oldest that wait, and an end to results that nobody will ask for. */
export function tasksOwed(state: MachineState): readonly Of<"vm-retry" | "vm-delete">[] {
  if ((state.waiting.size === 0 && state.finished.size <= finishedLimit) || !state.cluster.has(clusterKey)) return [];
  const oldest = byAge(state, state.waiting).slice(0, lookedAt);
  const placeable = oldest.filter((task) => !("accepted" in placeNew(state, task.spec)));
  const spent = byAge(state, state.finished).slice(0, Math.max(0, state.finished.size - finishedLimit));
  return [
    ...placeable.map(({ spec, uuid, generation }) => ({ kind: "vm-retry", name: spec.name, uuid, generation }) as const),
    ...spent.slice(0, lookedAt).map(({ spec }) => ({ kind: "vm-delete", name: spec.name }) as const),
  ];
}

function byAge(state: MachineState, names: ReadonlySet<string>): readonly VmRecord[] {
  const tasks = [...names].map((name) => state.vms.get(name)).filter((task) => task !== undefined);
  return tasks.sort((one, other) => one.createdIndex - other.createdIndex);
}

/** What a cancel comes to where no worker need do anything; undefined: it is stopped like a VM. */
export function cancelOf(task: VmRecord, index: number): Decision | undefined {
  const { name } = task.spec;
  if (task.desired === "running" && isOver(task)) return refuse("WRONG_STATE", `${titleOf(name)} has ${task.observed === "stopped" ? "completed" : "failed"} already`);
  if (task.owner !== "" || task.desired === "stopped") return undefined;
  const generation = task.generation + 1;
  const record: VmRecord = { ...task, desired: "stopped", generation, observed: "stopped", observedGeneration: generation, failure: null, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: name, record });
}

/** True when a task can be forgotten at once: nobody has it, or it ended on a node that is no worker any more. */
export function isForgettable(state: MachineState, task: VmRecord): boolean {
  return isTask(task) && (task.owner === "" || (isOver(task) && !state.workers.has(task.owner)));
}
