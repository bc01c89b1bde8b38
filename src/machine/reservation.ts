/**
 * Reservations (row W4): the room that a VM takes on a worker, as rows of their own. One is made in the entry that places
 * the VM or wants it to run, confirmed by the committed report that it runs, and gone with the one that it ended. What a
 * row says follows from the VM's record alone, so no command can forget it; room is promised by rows, never twice.
 *
 * A start that nobody confirms is taken back after its time (`ReservationBook`): the worker may have started it or not,
 * so it is first ended there, and only then placed anew. The time is the leader's own; a row tells it in the log's time.
 */

import type { Moment } from "./decision.ts";
import type { Name, NodeId, VmRecord, VmSpec } from "./records.ts";
import { isTask } from "./task-state.ts";
import { restartDelayMs } from "./restart-policy.ts";

/**
 * `held`: it is to run, and its worker has not confirmed that. `confirmed`: it runs, or is paused. `releasing`: it is to
 * end, and its worker has not said that it did. `kept`: nothing runs, and it will soon: by its restart policy, or elsewhere.
 */
export type ReservationState = "held" | "confirmed" | "releasing" | "kept";

export interface ReservationRecord {
  readonly vm: Name;
  readonly uuid: string;
  readonly node: NodeId;
  /** Where the same room is taken too: its memory is about to come there. */
  readonly to: NodeId | null;
  /** Its epoch: the generation of the VM. A report of another one confirms nothing. */
  readonly generation: number;
  readonly state: ReservationState;
  readonly cpus: number;
  readonly memoryMib: number;
  /** Entry by which the VM got this room. */
  readonly sinceIndex: number;
  /** Of one that is held: when it is taken back, in the log's time (milliseconds since the epoch), and after how long. */
  readonly deadlineMs: number | null;
  readonly ttlMs: number | null;
}

/** Longer than any boot that nobody set a deadline for. */
const defaultStartWithinMs = 300_000;

/** How long a start of the VM may stay unconfirmed. */
export function startWithinMs({ startWithinMs: asked, bootDeadlineMs = 0 }: VmSpec): number {
  return asked ?? Math.max(defaultStartWithinMs, bootDeadlineMs * 2);
}

/** What holds of the VM's room; null: it takes none. One that was stopped takes none but for its disk. */
export function reservationState(vm: VmRecord): ReservationState | null {
  if (vm.waiting !== undefined || vm.owner === "") return null;
  const answered = vm.observedGeneration === vm.generation;
  const over = answered && vm.observed !== "starting" && vm.observed !== "running" && vm.observed !== "paused";
  if (vm.desired === "stopped" || vm.desired === "deleted") {
    if (!over) return "releasing";
    return vm.migration?.restart === true && vm.migration.preemptedBy === undefined ? "kept" : null;
  }
  if (over) return restartDelayMs(vm) === null ? null : "kept";
  return answered && vm.observed === vm.desired ? "confirmed" : "held";
}

/** The row beside `vm`, where there was `before`. Room that is not there can be neither released nor kept. */
export function reservationOf(before: ReservationRecord | undefined, vm: VmRecord | null, { index, nowMs }: Moment): ReservationRecord | null {
  const state = vm === null ? null : reservationState(vm);
  if (vm === null || state === null) return null;
  if (before === undefined && (state === "releasing" || state === "kept")) return null;
  const { uuid, owner: node, generation, spec } = vm;
  const { name, cpus, memoryMib } = spec;
  const to = vm.migration?.live === true ? vm.migration.to : null;
  const sameRoom = before?.uuid === uuid && before.node === node;
  if (sameRoom && before.to === to && before.generation === generation && before.state === state) return before;
  // The attempt of a task has its own time, which its worker counts.
  const ttlMs = state === "held" && vm.desired === "running" && !isTask(vm) ? startWithinMs(spec) : null;
  const sinceIndex = sameRoom ? before.sinceIndex : index;
  return { vm: name, uuid, node, to, generation, state, cpus, memoryMib, sinceIndex, deadlineMs: ttlMs === null ? null : nowMs + ttlMs, ttlMs };
}
