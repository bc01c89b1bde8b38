/** The services of a daemon, put together from what it is told. */

import type { DriverName, NodeId, VmRecord } from "../machine/records.ts";
import type { NodeStatusResponse, VmCarryChunk, VmCarryRequest } from "../transport/messages.generated.ts";
import type { ServiceHandlers } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { RunDir, VmHandle } from "../vm/driver.ts";
import { clusterService } from "./cluster-service.ts";
import { kvService } from "./kv-service.ts";
import { imageService } from "./image-service.ts";
import type { BuiltInImage } from "./concrete.ts";
import type { LocalImages } from "./local-images.ts";
import type { Membership } from "./membership.ts";
import type { BackupParts } from "./backup-service.ts";
import { serviceService, taskService } from "./program-service.ts";
import type { VmHere } from "./peers.ts";
import { vmService } from "./vm-service.ts";
import { workerService } from "./worker-service.ts";

export interface DaemonParts extends BackupParts {
  readonly self: { readonly id: NodeId; readonly name: string };
  readonly dataDir: string;
  /** Gets this node the right to run VMs, which a worker must have. */
  readonly acquireLease: (timeoutMs: number) => Promise<void>;
  /** How workers do, as this node judges while it leads. */
  readonly health: (node: NodeId) => { readonly health: string; readonly silentMs: number };
  /** There once the daemon listens, since a member must know its own address. */
  readonly membership: () => Membership;
  readonly nodeStatus: () => Init<NodeStatusResponse>;
  readonly stopSoon: (reason: string, exit?: number) => void;
  readonly addressOf: (node: NodeId) => string | null;
  readonly runDirectory: (uuid: string) => RunDir;
  readonly handleOf: (uuid: string) => VmHandle | undefined;
  readonly sendMemory: (request: VmCarryRequest, signal: AbortSignal) => AsyncIterable<Init<VmCarryChunk>>;
  readonly images: LocalImages;
  readonly builtIn: () => Promise<BuiltInImage | null>;
  readonly vmHere: (uuid: string) => VmHere;
  readonly askOwner: (vm: VmRecord) => Promise<VmHere>;
  /** Drivers that work on this machine. */
  readonly drivers: () => readonly DriverName[];
}

export function serviceHandlers(parts: DaemonParts): ServiceHandlers {
  const resolveNode = (node: string): NodeId => parts.membership().resolve(node).id;
  const vm = { ...parts, self: parts.self.id, resolveNode, localPid: (uuid: string) => parts.vmHere(uuid).pid };
  return {
    cluster: clusterService(parts),
    kv: kvService(parts),
    vm: vmService(vm),
    service: serviceService(vm),
    task: taskService(vm),
    worker: workerService(parts),
    image: imageService({ ...parts, self: parts.self.id, resolveNode }),
  };
}
