/** Services as answers, in the words of those who keep them: the state, what is wanted, the program. */

import type { Program, RestartPolicy } from "../machine/records.ts";
import type { VmListResponse, VmResponse, VmView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import type { Tone } from "./paint.ts";
import { shortened } from "./printable.ts";
import { formatMebibytes } from "./size.ts";
import { type Cell, renderFields } from "./table.ts";
import { detailsIn, exitText, healthCell, restartText, vmJson } from "./vm-view.ts";

/** What a view of a service or a task tells besides its own fields. */
interface Details {
  readonly state: string;
  readonly run: Program;
  readonly restart?: RestartPolicy;
  readonly attempts?: number;
  readonly labels?: readonly string[];
}

const programWidth = 60;

/** The command line as somebody would type it; for people only. */
export function programText({ argv }: Program): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}

const usual = ["name", "state", "wanted", "worker", "restarts", "program"];

/** The columns of `service list`. */
export const serviceListing: Listing<VmView> = {
  what: "service",
  columns: {
    name: { cell: ({ name }) => name },
    state: { cell: stateCell, filterBy: (vm) => detailsOf(vm).state },
    observed: { cell: ({ observed }) => observed },
    health: { cell: (vm) => healthCell(vm, true) },
    wanted: { cell: ({ desired }) => desired },
    worker: { cell: ({ ownerName, ownerId }) => ownerName || ownerId },
    restarts: { cell: (vm) => detailsOf(vm).attempts ?? 0, right: true },
    pid: { cell: ({ pid }) => pid || null, right: true },
    cpus: { cell: ({ cpus }) => cpus, right: true },
    memory: { cell: ({ memoryMib }) => formatMebibytes(memoryMib), right: true },
    ended: { cell: ({ exit }) => exitText(exit) },
    failure: { cell: ({ failure }) => failure || null },
    labels: { cell: (vm) => detailsOf(vm).labels?.join(",") || null },
    generation: { cell: ({ generation }) => generation, right: true },
    uuid: { cell: ({ uuid }) => uuid },
    program: { cell: (vm) => shortened(programText(detailsOf(vm).run), programWidth) },
  },
  // Health is shown where somebody asks for it.
  usual: (services) => (services.some((vm) => healthCell(vm) !== null) ? usual.toSpliced(2, 0, "health") : usual),
  filters: ["name", "state", "observed", "health", "wanted", "worker", "labels"],
};

/** A program gets whole services, whatever the columns. */
export function serviceList({ vms, freshness }: VmListResponse, choice: Choice = {}): Answer {
  const shown = chosenRows(serviceListing, vms, choice);
  const none = vms.length === 0 ? "there is no service yet: `blixard service start NAME -- PROGRAM`" : "no service fits the filters";
  return {
    json: { services: shown.map(serviceJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => renderListing(serviceListing, shown, choice, paint),
  };
}

export function serviceStatus({ vm, freshness }: VmResponse): Answer {
  return {
    json: { ...(vm === null ? { service: null } : serviceJson(vm)), freshness: freshnessJson(freshness) },
    notes: freshnessNotes(freshness),
    text: (paint) => (vm === null ? "unknown" : renderFields(fieldsOf(vm), paint)),
  };
}

/** What a change answers; `done` is what happened to the service: "started". */
export function serviceChanged(name: string, done: string, { vm, index }: VmResponse): Answer {
  return {
    json: { name, index, service: vm === null ? null : serviceJson(vm) },
    text: () => (vm === null ? `service ${name} ${done}` : `service ${name} ${done} on ${vm.ownerName || vm.ownerId}: ${vm.observed}, wanted ${vm.desired}`),
  };
}

/** For programs; what only VMs have is left out. */
export function serviceJson(vm: VmView): Record<string, unknown> {
  const { driver: _, image: __, diskMib: ___, ...rest } = vmJson(vm);
  return rest;
}

function fieldsOf(vm: VmView): readonly (readonly [string, Cell])[] {
  const { run, restart, attempts = 0, labels = [] } = detailsOf(vm);
  return [
    ["service", vm.name],
    ["state", stateCell(vm)],
    ["wanted", vm.desired],
    ["worker", vm.ownerName === "" ? vm.ownerId : `${vm.ownerName} (${vm.ownerId})`],
    ["health", healthCell(vm)],
    ["pid", vm.pid || null],
    ["failure", vm.failure === "" ? null : { text: vm.failure, tone: "bad" }],
    ["ended", exitText(vm.exit)],
    ...programFields(run),
    ["restart", restart === undefined ? "never" : restartText(restart, attempts)],
    ...roomFields(vm),
    ["labels", labels.join(", ") || null],
    ["uuid", vm.uuid],
    ["generation", vm.generation],
    ["changed", `index ${vm.changedIndex}`],
  ];
}

/** What runs. The values of variables may be secrets, and are not shown to people. */
export function programFields(run: Program): readonly (readonly [string, Cell])[] {
  const names = (run.env ?? []).map((variable) => variable.slice(0, variable.indexOf("=")));
  return [
    ["program", programText(run)],
    ["directory", run.cwd ?? null],
    ["environment", names.join(", ") || null],
  ];
}

export function roomFields({ cpus, memoryMib }: VmView): readonly (readonly [string, Cell])[] {
  return [["room taken", `${cpus} CPUs, ${formatMebibytes(memoryMib)} memory`]];
}

/** One of the four states, and what is under way. */
function stateCell(vm: VmView): Cell {
  const { state } = detailsOf(vm);
  const tones: Readonly<Record<string, Tone>> = { running: "good", failed: "bad", migrating: "warning", stopped: "quiet" };
  const under = vm.observed === state || vm.observed === "stopped" || state === "migrating" ? "" : ` (${vm.observed})`;
  return { text: `${state}${under}`, tone: under === "" ? (tones[state] ?? "quiet") : "warning" };
}

function detailsOf(vm: VmView): Details {
  return { state: "unknown", run: { argv: [] }, ...detailsIn<Details>(vm) };
}
