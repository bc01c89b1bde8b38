/** Workers, for people. */

import { availableParallelism, totalmem } from "node:os";
import { statfsSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import { parseName } from "../machine/names.ts";
import { getWorker, listReservations, listWorkers } from "../machine/query.ts";
import type { DriverName, NodeId } from "../machine/records.ts";
import type { RequestId, WorkerAdminRequest, WorkerResponse, WorkerView } from "../transport/messages.generated.ts";
import type { CallContext, ServiceHandlers } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import { isDeviceName } from "../machine/vm-network.ts";
import { bridgesHere, dial } from "./concrete.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";
import { reservationView, workerNames, workerView } from "./views.ts";

const healthTimeoutMs = 1_000;

export interface WorkerServiceParts extends ServiceParts {
  readonly self: { readonly id: NodeId; readonly name: string };
  readonly dataDir: string;
  readonly acquireLease: (timeoutMs: number) => Promise<void>;
  /** As this node judges, which is worth something while it leads. */
  readonly health: HealthOf;
  readonly addressOf: (node: NodeId) => string | null;
  /** Drivers that work on this machine. */
  readonly drivers: () => readonly DriverName[];
}

export function workerService(parts: WorkerServiceParts): ServiceHandlers["worker"] {
  const { self, requests, replica } = parts;
  return {
    async register({ request, cpus, memoryMib, diskMib, node, labels, clearLabels }, context) {
      requireCluster(parts);
      if (node !== "" && node !== self.id && node !== self.name) {
        throw new UserError("INVALID_ARGUMENT", `only the daemon of ${node} knows what that machine offers`, {
          next: `Send the request to ${node} itself, with --addr.`,
        });
      }
      const has = machineHas(parts.dataDir);
      const bridges = (await bridgesHere()).filter((bridge) => isDeviceName(bridge) === null);
      const command: Command = {
        kind: "worker-register",
        node: self.id,
        name: parseName(self.name, "node name"),
        cpus: cpus === 0 ? has.cpus : cpus,
        memoryMib: memoryMib === 0 ? has.memoryMib : memoryMib,
        diskMib: diskMib === 0 ? has.diskMib : diskMib,
        drivers: [...parts.drivers()],
        ...(labels.length === 0 && !clearLabels ? {} : { labels }),
        ...(bridges.length === 0 ? {} : { bridges }),
      };
      // First the lease, so that no VM ever comes to a worker that can never lose it.
      await parts.acquireLease(timeoutOf(context));
      const { index } = await requests.execute(envelopeOf(request, command), timeoutOf(context));
      const worker = getWorker(replica.machine, self.id);
      return worker === undefined ? { index } : { index, worker: workerView(worker) };
    },
    async setAdmin({ request, node, admin, asserted }, context) {
      requireCluster(parts);
      if (asserted !== "") return drainDead(parts, { request, node, admin, asserted }, context);
      if (admin !== "active" && admin !== "draining") throw new UserError("INVALID_ARGUMENT", `a worker cannot be made ${JSON.stringify(admin)}`);
      return changed(parts, request, { kind: "worker-admin", node: workerNamed(parts, node), admin }, context);
    },
    async remove({ request, node }, context) {
      requireCluster(parts);
      return changed(parts, request, { kind: "worker-remove", node: workerNamed(parts, node) }, context);
    },
    async reservations({ read }, context) {
      const fresh = await readAs(parts, read, context);
      const names = workerNames(replica.machine);
      return { freshness: fresh, reservations: listReservations(replica.machine).map((one) => reservationView(one, names.get(one.node) ?? "")) };
    },
    async list({ read }, context) {
      const fresh = await readAs(parts, read, context);
      const healthOf = await healthByNode(parts);
      return { freshness: fresh, workers: listWorkers(replica.machine).map((worker) => ({ ...workerView(worker), ...healthOf(worker.worker.node) })) };
    },
  };
}

/** It loses its lease by the operator's word; and should it come back, nothing is placed there until it is undrained. */
async function drainDead(parts: WorkerServiceParts, asked: WorkerAdminRequest, context: CallContext): Promise<Init<WorkerResponse>> {
  const node = workerNamed(parts, asked.node);
  if (asked.admin !== "draining") throw new UserError("INVALID_ARGUMENT", "only a worker that is drained can be said to be off");
  if (node === parts.self.id) throw new UserError("WRONG_STATE", "this machine answers, so it is not off", { next: "Without --dead its VMs are moved one by one." });
  const { index } = await parts.requests.assertOff(node, asked.asserted, timeoutOf(context));
  await changed(parts, asked.request, { kind: "worker-admin", node, admin: "draining" }, context);
  const worker = getWorker(parts.replica.machine, node);
  return worker === undefined ? { index } : { index, worker: workerView(worker) };
}

type WorkerChange = Extract<Command, { kind: "worker-admin" | "worker-remove" }>;

async function changed(parts: WorkerServiceParts, request: RequestId | null, command: WorkerChange, context: CallContext): Promise<Init<WorkerResponse>> {
  const { index } = await parts.requests.execute(envelopeOf(request, command), timeoutOf(context));
  const worker = getWorker(parts.replica.machine, command.node);
  return worker === undefined ? { index } : { index, worker: workerView(worker) };
}

/** Id of the worker with this id or name; it need be no member any more. */
function workerNamed({ replica }: WorkerServiceParts, node: string): NodeId {
  const found = listWorkers(replica.machine).find(({ worker }) => worker.node === node || worker.name === node);
  if (found !== undefined) return found.worker.node;
  throw new UserError("NOT_FOUND", `no worker has the id or name ${node}`, { next: "See `blixard worker list`." });
}

type HealthOf = (node: NodeId) => Pick<WorkerView, "health" | "silentMs">;
const unknownHealth: HealthOf = () => ({ health: "unknown", silentMs: 0 });

/** Only the leader judges (row W1). One that does not say so in time makes no listing slow. */
async function healthByNode(parts: WorkerServiceParts): Promise<HealthOf> {
  const { raft } = parts.replica;
  if (raft.role === "Leader") return parts.health;
  const address = raft.leader === null ? null : parts.addressOf(raft.leader);
  if (address === null) return unknownHealth;
  const leader = dial(address, healthTimeoutMs);
  try {
    const { workers } = await leader.worker.list({ read: { consistent: false } }, { timeoutMs: healthTimeoutMs });
    const told = new Map(workers.map(({ nodeId, health, silentMs }) => [nodeId, { health, silentMs }]));
    return (node) => told.get(node) ?? unknownHealth(node);
  } catch {
    return unknownHealth;
  } finally {
    leader.close();
  }
}

/** What the machine has to offer: three quarters of its memory, the rest is for the machine itself. */
function machineHas(dataDir: string): { cpus: number; memoryMib: number; diskMib: number } {
  const mib = 1024 * 1024;
  const { bavail, bsize } = statfsSync(dataDir);
  return { cpus: availableParallelism(), memoryMib: Math.floor((totalmem() * 0.75) / mib), diskMib: Math.floor((bavail * bsize) / mib) };
}
