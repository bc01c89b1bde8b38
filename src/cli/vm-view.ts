/** VMs as answers. Desired and observed stand side by side (row S5). */

import type { EventRecord, HealthCheck, Placement, PlacementWish, RestartPolicy, VmExit, VmRecord, VmSpec } from "../machine/records.ts";
import type { VmInspectResponse, VmResponse, VmView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { formatDuration } from "./duration.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import type { Tone } from "./paint.ts";
import { formatHealthCheck } from "./health-check.ts";
import { printable } from "./printable.ts";
import { formatPublishedPort } from "./published-port.ts";
import { formatMebibytes } from "./size.ts";
import { type Cell, renderFields } from "./table.ts";

/** What a view tells besides its own fields. */
interface VmDetails extends Pick<VmSpec, "publish" | "restart" | "bootDeadlineMs" | "labels" | "place">, Pick<VmRecord, "attempts"> {
  readonly healthCheck?: HealthCheck;
  readonly health?: string;
  /** Why it is unhealthy. */
  readonly healthDetail?: string;
}

export function vmStatus({ vm, freshness }: VmResponse): Answer {
  if (vm === null) return { json: { vm: null, freshness: freshnessJson(freshness) }, text: () => "unknown", notes: freshnessNotes(freshness) };
  return {
    json: { ...vmJson(vm), freshness: freshnessJson(freshness) },
    notes: freshnessNotes(freshness),
    text: (paint) => renderFields(fieldsOf(vm), paint),
  };
}

/** All that is known: for programs as it is, for people the fields, the process and the history. */
export function vmInspected({ vm, freshness, record, history, run, missing }: VmInspectResponse): Answer {
  const events = parsed<readonly Happened[]>(history) ?? [];
  const process = parsed<Run>(run);
  return {
    json: { vm: vm && vmJson(vm), record: parsed(record), history: events, run: process, freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(missing === "" ? [] : [`its owner could not be asked for the process: ${missing}`])],
    text: (paint) => {
      const fields = vm === null ? [] : fieldsOf(vm).filter(([word]) => word !== "pid");
      const told = process === null ? [] : runFields(process);
      const lines = events.map(({ timeMs, what, text, index }) => `  ${new Date(timeMs).toISOString()}  ${what}${text === "" ? "" : `: ${text}`}  (index ${index})`);
      return [renderFields([...fields, ...told], paint), paint("quiet", "history"), ...lines.map(printable)].join("\n");
    },
  };
}

type Happened = Pick<EventRecord, "index" | "timeMs" | "what" | "text">;

/** As the owner tells it. */
interface Run {
  readonly directory: string;
  readonly console: string;
  readonly process: { readonly pid: number; readonly state: string | null; readonly generation: number; readonly argv: readonly string[] } | null;
  readonly watchdog: { readonly pid: number; readonly alive: boolean } | null;
}

function runFields({ directory, console, process, watchdog }: Run): readonly (readonly [string, Cell])[] {
  const state = process && (process.state === null ? "gone" : `state ${process.state}`);
  return [
    ["process", process && `${process.pid}, ${state}, started for generation ${process.generation}`],
    ["arguments", process === null || process.argv.length === 0 ? null : process.argv.map((word) => JSON.stringify(word)).join(" ")],
    ["watchdog", watchdog && `${watchdog.pid}, ${watchdog.alive ? "alive" : "gone"}`],
    ["directory", directory],
    ["console", console],
  ];
}

/** What a change answers; `done` is what happened to the VM: "created". */
export function vmChanged(name: string, done: string, { vm, index }: VmResponse): Answer {
  return {
    json: { name, index, vm: vm === null ? null : vmJson(vm) },
    text: () => {
      if (vm === null) return `VM ${name} ${done}`;
      return `VM ${name} ${done} on ${vm.ownerName || vm.ownerId}: ${vm.observed}, wanted ${vm.desired}`;
    },
  };
}

/** A VM for programs: what is not known is null, what is JSON inside is JSON. */
export function vmJson(vm: VmView): Record<string, unknown> {
  const { failure, exit, placement, pid, details, ...rest } = vm;
  return { ...rest, ...parsed<VmDetails>(details), pid: pid || null, failure: failure || null, exit: parsed<VmExit>(exit), placement: parsed<Placement>(placement) };
}

/** How a VM ended, in words. */
export function exitText(exit: string): string | null {
  const ended = parsed<VmExit>(exit);
  if (ended === null) return null;
  const { how, code, signal } = ended;
  return [how, code !== null && `code ${code}`, signal !== null && `signal ${signal}`].filter(Boolean).join(", ");
}

function fieldsOf(vm: VmView): readonly (readonly [string, Cell])[] {
  const placement = parsed<Placement>(vm.placement);
  const { publish = [], restart = null, bootDeadlineMs, attempts = 0, healthCheck, labels = [], place } = parsed<VmDetails>(vm.details) ?? {};
  return [
    ["name", vm.name],
    ["observed", observedCell(vm.observed)],
    ["desired", vm.desired],
    ["owner", vm.ownerName === "" ? vm.ownerId : `${vm.ownerName} (${vm.ownerId})`],
    ["health", healthCell(vm)],
    ["pid", vm.pid || null],
    ["failure", vm.failure === "" ? null : { text: vm.failure, tone: "bad" }],
    ["ended", exitText(vm.exit)],
    ["driver", vm.driver],
    ["cpus", vm.cpus],
    ["memory", formatMebibytes(vm.memoryMib)],
    ["disk", vm.diskMib === 0 ? "none" : formatMebibytes(vm.diskMib)],
    ["image", vm.image],
    ["publishes", publish.length === 0 ? null : publish.map(formatPublishedPort).join(", ")],
    ["restart", restart && restartText(restart, attempts)],
    ["boot deadline", bootDeadlineMs === undefined ? null : formatDuration(bootDeadlineMs)],
    ["health check", healthCheck === undefined ? null : formatHealthCheck(healthCheck)],
    ["labels", labels.join(", ") || null],
    ["wishes", place === undefined ? null : wishText(place)],
    ["placement", placement && placementText(placement)],
    ["uuid", vm.uuid],
    ["generation", vm.generation],
    ["changed", `index ${vm.changedIndex}`],
  ];
}

export function restartText({ when, limit, backoffMs }: RestartPolicy, attempts: number): string {
  const limited = limit === 0 ? "" : `, ${limit} times`;
  return `${when}${limited}, after ${formatDuration(backoffMs)} and twice as long each time; started again ${attempts} times so far`;
}

/** How it wants to be placed. */
export function wishText({ strategy, label, near = [], apart = [], preferNear = [], preferApart = [] }: PlacementWish): string {
  const lists = [["near", near], ["apart from", apart], ["rather near", preferNear], ["rather apart from", preferApart]] as const;
  const company = lists.filter(([, labels]) => labels.length > 0).map(([word, labels]) => `${word} ${labels.join(" and ")}`);
  return [label === undefined ? strategy : `${strategy} ${label}`, ...company].join(", ");
}

function placementText({ strategy, score, rejected }: Placement): string {
  const others = rejected.map(({ node, reason }) => `not ${node}: ${reason}`);
  return [`${strategy}, ${formatMebibytes(score)} left free`, ...others].join("; ");
}

/** What was observed, in its colour. */
export function observedCell(observed: string): Cell {
  const tones: Readonly<Record<string, Tone>> = { running: "good", failed: "bad", starting: "warning", stopping: "warning", pausing: "warning", paused: "warning", deleting: "warning", pending: "warning", stopped: "quiet" };
  const tone = tones[observed];
  return tone === undefined ? observed : { text: observed, tone };
}

/** Null where nobody asks. */
export function healthCell({ details }: VmView, isShort = false): Cell {
  const { health, healthDetail = "" } = parsed<VmDetails>(details) ?? {};
  if (health === undefined) return null;
  const tones: Readonly<Record<string, Tone>> = { healthy: "good", unhealthy: "bad" };
  return { text: isShort || healthDetail === "" ? health : `${health}: ${healthDetail}`, tone: tones[health] ?? "quiet" };
}

/** What the view tells besides its own fields. */
export function detailsIn<Details>({ details }: VmView): Details | null {
  return parsed<Details>(details);
}

function parsed<T>(json: string): T | null {
  try {
    return json === "" ? null : (JSON.parse(json) as T);
  } catch {
    return null;
  }
}
