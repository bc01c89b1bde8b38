/** Workers as answers. */

import { UserError } from "../errors.ts";
import type { WorkerListResponse, WorkerResponse, WorkerView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { formatMebibytes } from "./size.ts";
import { renderFields, renderTable } from "./table.ts";

export function workerList({ workers, freshness }: WorkerListResponse): Answer {
  return {
    json: { workers, freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(workers.length === 0 ? ["there is no worker yet: `blixard worker register`"] : [])],
    text: (paint) =>
      workers.length === 0
        ? null
        : renderTable<WorkerView>(
            [
              { heading: "NAME", cell: ({ name }) => name },
              { heading: "ADMIN", cell: ({ admin }) => admin },
              { heading: "HEALTH", cell: ({ health }) => health || "unknown" },
              { heading: "VMS", cell: ({ vms }) => vms, right: true },
              { heading: "CPUS", cell: ({ cpus, freeCpus }) => `${freeCpus}/${cpus} free` },
              { heading: "MEMORY", cell: ({ memoryMib, freeMemoryMib }) => share(freeMemoryMib, memoryMib) },
              { heading: "DISK", cell: ({ diskMib, freeDiskMib }) => share(freeDiskMib, diskMib) },
              { heading: "DRIVERS", cell: ({ drivers }) => drivers.join(",") },
              { heading: "LABELS", cell: ({ labels }) => labels.join(",") || null },
              { heading: "NODE", cell: ({ nodeId }) => nodeId },
            ],
            workers,
            paint,
          ),
  };
}

/** The workers of a list that `node` names, by id or by name. */
export function workerStatus(node: string, response: WorkerListResponse): Answer {
  const worker = response.workers.find(({ nodeId, name }) => nodeId === node || name === node);
  if (worker === undefined) {
    throw new UserError("NOT_FOUND", `node ${node} is no worker`, { next: "See `blixard worker list`, or register it with `blixard worker register`." });
  }
  const { freshness } = response;
  return { json: { ...worker, freshness: freshnessJson(freshness) }, notes: freshnessNotes(freshness), text: (paint) => renderFields(fieldsOf(worker), paint) };
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
    ["vms", worker.vms],
  ];
}

function share(free: number, whole: number): string {
  return `${formatMebibytes(free)} of ${formatMebibytes(whole)} free`;
}
