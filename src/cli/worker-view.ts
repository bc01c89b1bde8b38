/** Workers as answers. */

import { UserError } from "../errors.ts";
import type { ReservationListResponse, WorkerListResponse, WorkerResponse, WorkerView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { renderRoomTaken } from "./reservation-view.ts";
import { formatMebibytes } from "./size.ts";
import { renderFields } from "./table.ts";

/** The columns of `worker list`. */
export const workerListing: Listing<WorkerView> = {
  what: "worker",
  columns: {
    name: { cell: ({ name }) => name },
    admin: { cell: ({ admin }) => admin },
    health: { cell: ({ health }) => health || "unknown" },
    vms: { cell: ({ vms }) => vms, right: true },
    cpus: { cell: ({ cpus, freeCpus }) => `${freeCpus}/${cpus} free` },
    memory: { cell: ({ memoryMib, freeMemoryMib }) => share(freeMemoryMib, memoryMib) },
    disk: { cell: ({ diskMib, freeDiskMib }) => share(freeDiskMib, diskMib) },
    drivers: { cell: ({ drivers }) => drivers.join(",") },
    labels: { cell: ({ labels }) => labels.join(",") || null },
    bridges: { cell: ({ bridges }) => bridges.join(",") || null },
    silent: { cell: ({ silentMs }) => `${(silentMs / 1000).toFixed(1)} s`, right: true },
    node: { cell: ({ nodeId }) => nodeId },
  },
  usual: () => ["name", "admin", "health", "vms", "cpus", "memory", "disk", "drivers", "labels", "node"],
  filters: ["name", "admin", "health", "drivers", "labels", "bridges", "node"],
};

/** A program gets whole workers, whatever the columns. */
export function workerList({ workers, freshness }: WorkerListResponse, choice: Choice = {}): Answer {
  const shown = chosenRows(workerListing, workers, choice);
  const none = workers.length === 0 ? "there is no worker yet: `blixard worker register`" : "no worker fits the filters";
  return {
    json: { workers: shown, freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => renderListing(workerListing, shown, choice, paint),
  };
}

/** The worker of a list that `node` names, by id or by name, and the room that is taken on it. */
export function workerStatus(node: string, response: WorkerListResponse, taken: ReservationListResponse): Answer {
  const worker = response.workers.find(({ nodeId, name }) => nodeId === node || name === node);
  if (worker === undefined) {
    throw new UserError("NOT_FOUND", `node ${node} is no worker`, { next: "See `blixard worker list`, or register it with `blixard worker register`." });
  }
  // Two answers: what is told holds at least as of the older one.
  const [freshness = null] = [response.freshness, taken.freshness].sort((a, b) => (a?.appliedIndex ?? 0) - (b?.appliedIndex ?? 0));
  // A VM that comes with its memory takes its room here too, before it is here.
  const reservations = taken.reservations.filter(({ nodeId, toId }) => nodeId === worker.nodeId || toId === worker.nodeId);
  return {
    json: { ...worker, reservations, freshness: freshnessJson(freshness) },
    notes: freshnessNotes(freshness),
    text: (paint) => [renderFields(fieldsOf(worker), paint), ...renderRoomTaken(worker.nodeId, reservations, paint)].join("\n"),
  };
}

export function workerRegistered({ worker, index }: WorkerResponse): Answer {
  if (worker === null) return { json: { worker: null, index }, text: () => `registered, index ${index}` };
  return {
    json: { worker, index },
    text: () => {
      const { name, cpus, memoryMib, diskMib, drivers } = worker;
      return `worker ${name} registered: ${cpus} CPUs, ${formatMebibytes(memoryMib)} memory, ${formatMebibytes(diskMib)} disk, drivers ${drivers.join(", ") || "none"}`;
    },
  };
}

/** `what`: to be read after the worker's name. */
export function workerChanged(node: string, what: string, { worker, index }: WorkerResponse): Answer {
  return { json: { worker, index }, text: () => `worker ${worker?.name ?? node} ${what}` };
}

function healthText({ health, silentMs }: WorkerView): string {
  return health === "degraded" || health === "failed" ? `${health}, silent for ${(silentMs / 1000).toFixed(1)} s` : health || "unknown";
}

function fieldsOf(worker: WorkerView): readonly (readonly [string, string | number])[] {
  return [
    ["name", worker.name],
    ["node", worker.nodeId],
    ["admin", worker.admin],
    ["health", healthText(worker)],
    ["cpus", `${worker.freeCpus} of ${worker.cpus} free`],
    ["memory", share(worker.freeMemoryMib, worker.memoryMib)],
    ["disk", share(worker.freeDiskMib, worker.diskMib)],
    ["drivers", worker.drivers.join(", ")],
    ["labels", worker.labels.join(", ") || "none"],
    ["bridges", worker.bridges.join(", ") || "none"],
    ["vms", worker.vms],
  ];
}

function share(free: number, whole: number): string {
  return `${formatMebibytes(free)} of ${formatMebibytes(whole)} free`;
}
