/**
 * The states of a task (row W10), which its row and nothing else tells. An attempt is a generation of the row: what is
 * said about an older one is refused like any late report, and at most one is under way, by the rules of ownership.
 */

import { kindOf } from "../workload-name.ts";
import type { VmRecord } from "./records.ts";
import { restartDelayMs } from "./restart-policy.ts";

/** `pending`: it waits for a place, or for its next attempt. `assigned`: a worker has it and was not seen to run it yet. */
export type TaskState = "pending" | "assigned" | "running" | "completed" | "failed" | "timed-out" | "cancelling" | "cancelled" | "removing";

export function isTask({ spec }: Pick<VmRecord, "spec">): boolean {
  return kindOf(spec.name) === "task";
}

export function taskState(task: VmRecord): TaskState {
  const { desired, observed, owner, exit } = task;
  const answered = task.observedGeneration === task.generation;
  if (desired === "deleted") return "removing";
  if (desired === "stopped") return answered ? "cancelled" : "cancelling";
  if (!answered) return owner === "" ? "pending" : "assigned";
  if (observed === "running") return "running";
  if (observed === "stopped") return "completed";
  if (observed !== "failed") return "assigned";
  if (restartDelayMs(task) !== null) return "pending";
  return exit?.how === "timed-out" ? "timed-out" : "failed";
}

/** It came to an end, and nothing more will become of it: it takes no room, and owes nobody anything. */
export function isOver(vm: VmRecord): boolean {
  return isTask(vm) && ["completed", "failed", "timed-out", "cancelled"].includes(taskState(vm));
}

/** It takes room of a worker. */
export function holdsPlace(vm: VmRecord): boolean {
  return vm.owner !== "" && !isOver(vm);
}
