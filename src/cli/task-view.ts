/** Tasks as answers: the state, the attempt, how it ended, the end of what it wrote. */

import { UserError } from "../errors.ts";
import type { Program, RestartPolicy } from "../machine/records.ts";
import type { VmListResponse, VmResponse, VmView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { formatDuration } from "./duration.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import type { Tone } from "./paint.ts";
import { printable, shortened } from "./printable.ts";
import { programFields, programText, roomFields, serviceJson } from "./service-view.ts";
import { formatMebibytes } from "./size.ts";
import { type Cell, renderFields } from "./table.ts";
import { detailsIn, exitText } from "./vm-view.ts";

interface Details {
  readonly state: string;
  readonly run: Program;
  readonly timeoutMs: number;
  readonly restart?: RestartPolicy;
  readonly attempts?: number;
  readonly output?: string;
}

const programWidth = 60;

/** States that no task leaves any more. */
const ends: readonly string[] = ["completed", "failed", "timed-out", "cancelled"];

export function isEnded(task: VmView): boolean {
  return ends.includes(detailsOf(task).state);
}

/** The columns of `task list`. */
export const taskListing: Listing<VmView> = {
  what: "task",
  columns: {
    name: { cell: ({ name }) => name },
    state: { cell: stateCell },
    attempt: { cell: attemptText },
    exit: { cell: (task) => exitText(task.exit) },
    worker: { cell: ({ ownerName, ownerId }) => ownerName || ownerId || null },
    pid: { cell: ({ pid }) => pid || null, right: true },
    cpus: { cell: ({ cpus }) => cpus, right: true },
    memory: { cell: ({ memoryMib }) => formatMebibytes(memoryMib), right: true },
    failure: { cell: ({ failure }) => failure || null },
    uuid: { cell: ({ uuid }) => uuid },
    program: { cell: (task) => shortened(programText(detailsOf(task).run), programWidth) },
  },
  usual: () => ["name", "state", "attempt", "exit", "worker", "program"],
  filters: ["name", "state", "worker"],
};

/** Tasks in one of `states`, where any are given, that fit the filters. A program gets whole tasks, whatever the columns. */
export function taskList({ vms, freshness }: VmListResponse, states: readonly string[], choice: Choice = {}): Answer {
  const ofStates = states.length === 0 ? [] : [{ field: "state", values: states }];
  const shown = chosenRows(taskListing, vms, { filter: [...ofStates, ...(choice.filter ?? [])] });
  const none = vms.length === 0 ? "there is no task yet: `blixard task submit -- PROGRAM`" : "no task fits the filters";
  return {
    json: { tasks: shown.map(taskJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => renderListing(taskListing, shown, choice, paint),
  };
}

export function taskStatus({ vm, freshness }: VmResponse): Answer {
  return {
    json: { ...(vm === null ? { task: null } : taskJson(vm)), freshness: freshnessJson(freshness) },
    notes: freshnessNotes(freshness),
    text: (paint) => (vm === null ? "unknown" : [renderFields(fieldsOf(vm), paint), ...outputLines(vm, (line) => paint("quiet", line))].join("\n")),
  };
}

/** What a change answers; `done` is what happened to the task: "submitted". */
export function taskChanged(name: string, done: string, { vm, index }: VmResponse): Answer {
  return {
    json: { name, index, task: vm === null ? null : taskJson(vm) },
    text: () => (vm === null ? `task ${name} ${done}` : `task ${name} ${done}: ${whereText(vm)}`),
  };
}

/** `running on n2, attempt 1 of 3`. */
export function whereText(task: VmView): string {
  const on = task.ownerName || task.ownerId;
  const why = task.failure === "" ? "" : `, ${task.failure}`;
  return `${detailsOf(task).state}${on === "" ? "" : ` on ${on}`}, attempt ${attemptText(task)}${why}`;
}

/** Throws when the task has come to another end than it was submitted for. */
export function expectCompleted(task: VmView): void {
  const { state } = detailsOf(task);
  if (state === "completed") return;
  const why = task.failure || (state === "cancelled" ? "" : exitText(task.exit) ?? "");
  throw new UserError("DRIVER_FAILED", `task ${task.name} ${state === "timed-out" ? "timed out" : state === "cancelled" ? "was cancelled" : "failed"}${why === "" ? "" : `: ${why}`}`, {
    node: task.ownerId,
    next: `See \`blixard task status ${task.name}\`, which shows the end of its output, and \`blixard task logs ${task.name}\`.`,
  });
}

function taskJson(task: VmView): Record<string, unknown> {
  const { restart, attempts = 0 } = detailsOf(task);
  const { attempts: _, restart: __, observed: ___, desired: ____, ...rest } = serviceJson(task);
  return { ...rest, attempt: attempts + 1, attemptsAllowed: allowed(restart), retryBackoffMs: restart?.backoffMs ?? null, output: detailsOf(task).output ?? null };
}

function allowed(restart: RestartPolicy | undefined): number {
  return restart === undefined || restart.when === "never" ? 1 : restart.limit + 1;
}

function attemptText(task: VmView): string {
  const { restart, attempts = 0 } = detailsOf(task);
  return `${attempts + 1} of ${allowed(restart)}`;
}

function fieldsOf(task: VmView): readonly (readonly [string, Cell])[] {
  const { run, timeoutMs, restart } = detailsOf(task);
  const retries = restart === undefined || restart.when === "never" ? null : `after ${formatDuration(restart.backoffMs)} and twice as long each time`;
  return [
    ["task", task.name],
    ["state", stateCell(task)],
    ["attempt", attemptText(task)],
    ["worker", task.ownerId === "" ? null : task.ownerName === "" ? task.ownerId : `${task.ownerName} (${task.ownerId})`],
    ["pid", task.pid || null],
    [isWaiting(task) ? "waits" : "failure", task.failure === "" ? null : { text: task.failure, tone: isWaiting(task) ? "warning" : "bad" }],
    ["ended", exitText(task.exit)],
    ...programFields(run),
    ["timeout", `${formatDuration(timeoutMs)} an attempt`],
    ["next attempt", retries],
    ...roomFields(task),
    ["uuid", task.uuid],
    ["changed", `index ${task.changedIndex}`],
  ];
}

function isWaiting(task: VmView): boolean {
  return detailsOf(task).state === "pending" && task.ownerId === "";
}

function outputLines(task: VmView, heading: (line: string) => string): readonly string[] {
  const { output = "" } = detailsOf(task);
  if (output === "") return [];
  return [heading("output, its end"), ...output.trimEnd().split("\n").map((line) => `  ${printable(line)}`)];
}

function stateCell(task: VmView): Cell {
  const { state } = detailsOf(task);
  const tones: Readonly<Record<string, Tone>> = { completed: "good", running: "good", failed: "bad", "timed-out": "bad", cancelled: "quiet" };
  return { text: state, tone: tones[state] ?? "warning" };
}

function detailsOf(task: VmView): Details {
  return { state: "unknown", run: { argv: [] }, timeoutMs: 0, ...detailsIn<Details>(task) };
}
