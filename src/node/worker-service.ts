/** Workers, for people. */

import { availableParallelism, totalmem } from "node:os";
import { statfsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import { parseName } from "../machine/names.ts";
import { getWorker, listWorkers } from "../machine/query.ts";
import type { DriverName, NodeId } from "../machine/records.ts";
import type { ServiceHandlers } from "../transport/service.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";
import { workerView } from "./views.ts";

export interface WorkerServiceParts extends ServiceParts {
  readonly self: { readonly id: NodeId; readonly name: string };
  readonly dataDir: string;
  readonly acquireLease: (timeoutMs: number) => Promise<void>;
  /** Drivers that work on this machine. */
  readonly drivers: () => readonly DriverName[];
}

export function workerService(parts: WorkerServiceParts): ServiceHandlers["worker"] {
  const { self, requests, replica } = parts;
  return {
    async register({ request, cpus, memoryMib, diskMib, node }, context) {
      requireCluster(parts);
      if (node !== "" && node !== self.id && node !== self.name) {
        throw new UserError("INVALID_ARGUMENT", `only the daemon of ${node} knows what that machine offers`, {
          next: `Send the request to ${node} itself, with --addr.`,
        });
      }
      const has = machineHas(parts.dataDir);
      const command: Command = {
        kind: "worker-register",
        node: self.id,
        name: parseName(self.name, "node name"),
        cpus: cpus === 0 ? has.cpus : cpus,
        memoryMib: memoryMib === 0 ? has.memoryMib : memoryMib,
        diskMib: diskMib === 0 ? has.diskMib : diskMib,
        drivers: [...parts.drivers()],
      };
      // First the lease, so that no VM ever comes to a worker that can never lose it.
      await parts.acquireLease(timeoutOf(context));
      const { index } = await requests.execute(envelopeOf(request, command), timeoutOf(context));
      const worker = getWorker(replica.machine, self.id);
      return worker === undefined ? { index } : { index, worker: workerView(worker) };
    },
    async list({ read }, context) {
      const fresh = await readAs(parts, read, context);
      return { freshness: fresh, workers: listWorkers(replica.machine).map(workerView) };
    },
  };
}

/** What the machine has to offer: three quarters of its memory, the rest is for the machine itself. */
function machineHas(dataDir: string): { cpus: number; memoryMib: number; diskMib: number } {
  const mib = 1024 * 1024;
  const { bavail, bsize } = statfsSync(dataDir);
  return { cpus: availableParallelism(), memoryMib: Math.floor((totalmem() * 0.75) / mib), diskMib: Math.floor((bavail * bsize) / mib) };
}
