/** The daemon's doors: the server for clients and peers, the streams to peers, and who may come in. */

import { members } from "../raft/configuration.ts";
import { configurationInForce } from "../raft/state.ts";
import type { VmRecord } from "../machine/records.ts";
import type { Storage } from "../storage/storage.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { VmCarryRequest } from "../transport/messages.generated.ts";
import type { RunningServer } from "../transport/server.ts";
import type { RunningPeerTransport } from "../transport/peer.ts";
import type { PeerTransport } from "../transport/transport.ts";
import { monotonicClock, openServer, openTransport } from "./concrete.ts";
import type { DaemonConfig } from "./config.ts";
import type { Executor } from "./executor.ts";
import { Followers } from "./followers.ts";
import type { Log } from "./log.ts";
import type { Loop } from "./loop.ts";
import { Membership } from "./membership.ts";
import { askVmHere, peerHandlers, type VmHere } from "./peers.ts";
import { serviceHandlers } from "./services.ts";
import type { DaemonParts } from "./services.ts";
import { stackOf } from "./stack.ts";

export interface NetworkParts extends Omit<DaemonParts, "membership" | "followers" | "handleOf" | "sendMemory" | "vmHere" | "askOwner"> {
  readonly executor: () => Executor;
  readonly loop: Loop;
  readonly trace: TraceWriter;
  readonly storage: Storage;
  readonly log: Log;
  readonly config: DaemonConfig;
  readonly incarnation: number;
  readonly setClusterId: (clusterId: string, epoch: number) => Promise<void>;
  /** The cluster has this node no more. */
  readonly removed: (configurationIndex: number) => void;
}

export interface Network {
  readonly server: RunningServer;
  readonly transport: PeerTransport;
  readonly membership: Membership;
  /** Where others dial this node. */
  readonly address: string;
}

/** Listens, then connects. A member must know its own address, which port 0 leaves open until it listens. */
export async function openNetwork(parts: NetworkParts): Promise<Network> {
  const { log, replica } = parts;
  let membership: Membership | null = null;
  const known = (): Membership => {
    if (membership === null) throw new Error("a call came before the node listened");
    return membership;
  };
  const vmHere = (uuid: string): VmHere => parts.executor().here(uuid);
  const vms = {
    vmHere,
    sendMemory: (request: VmCarryRequest, signal: AbortSignal) => parts.executor().carrier.send(request, signal),
    handleOf: (uuid: string) => parts.executor().handleOf(uuid),
    askOwner: async ({ owner, uuid }: VmRecord) => (owner === parts.self.id ? vmHere(uuid) : askVmHere(transport, parts.trace, owner, uuid)),
  };
  const server = await openServer({
    handlers: serviceHandlers({ ...parts, ...vms, membership: known, followers: new Followers(parts.requests, monotonicClock) }),
    readerPatienceMs: parts.config.readerPatienceMs,
    report: (method, error) => log.error("a call failed", { method, error: stackOf(error) }),
  });
  const bound = await server.bind(parts.config.listen);
  const address = parts.config.advertise ?? bound;
  membership = makeMembership(parts, address);
  const transport: RunningPeerTransport = openTransport({
    self: { id: parts.self.id, address, incarnation: parts.incarnation },
    clusterId: parts.clusterId,
    epoch: parts.epoch,
    handlers: peerHandlers({
      loop: parts.loop,
      trace: parts.trace,
      storage: parts.storage,
      log: log.for("peers"),
      requests: () => parts.requests,
      vmHere,
    }),
    report: (event) => log.for("peers").warn(event.kind, { ...event }),
  });
  server.servePeers(transport.service);
  transport.setMembers(members(configurationInForce(replica.raft).configuration));
  server.setServing(true);
  return { server, transport, membership, address };
}

function makeMembership(parts: NetworkParts, address: string): Membership {
  const { replica, requests, log, clusterId, epoch, setClusterId, loop } = parts;
  const { group } = replica.raft;
  return new Membership({
    self: { ...parts.self, address },
    replica,
    requests,
    clock: monotonicClock,
    log: log.for("membership"),
    clusterId,
    epoch,
    setClusterId,
    removed: parts.removed,
    bootstrap: (member) => loop.handle(group, { kind: "bootstrap", member, timeMs: Date.now() }),
  });
}
