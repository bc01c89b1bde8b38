/** NETWORK towards peers: one bidirectional stream per pair, carrying the messages of all groups. */

import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import type { Member } from "../raft/configuration.ts";
import type { GroupId, NodeId, RaftMessage } from "../raft/message.ts";
import { EntryPacker } from "./codec.ts";
import type { Hello } from "./messages.generated.ts";
import { type LinkContext, PeerLink } from "./peer-link.ts";
import { type PeerLimits, type PeerTransportOptions, defaultPeerLimits } from "./peer-options.ts";
import { PeerStream, type PeerStreamEvents, Refusal } from "./peer-stream.ts";
import { type SnapshotCall, pullFrom, serveSnapshot } from "./snapshot.ts";
import { toStatus } from "./status.ts";
import type { PeerTransport, SnapshotPage } from "./transport.ts";

/** What the server hands over: calls of the service Peer. */
export interface PeerService {
  connect(call: ServerDuplexStream<Buffer, Buffer>): void;
  pullSnapshot(call: SnapshotCall): void;
}

export interface PeerStatistics {
  /** Messages that were never sent: no stream, or a full queue. */
  readonly dropped: number;
  readonly connected: readonly NodeId[];
  /** Streams to all peers: one each, or two for the moment when both sides have dialled. */
  readonly streams: number;
}

export interface RunningPeerTransport extends PeerTransport {
  /** For `Server.servePeers`. */
  readonly service: PeerService;
  statistics(): PeerStatistics;
}

/** Refusals that were told already are remembered up to this number. */
const rememberedRefusals = 100;

/** Starts the transport towards peers. It dials whom `setMembers` names; others come in by `service`. */
export function startPeerTransport(options: PeerTransportOptions): RunningPeerTransport {
  return new Peers(options);
}

/** Also of who does not tell: it is of a version that knew no other. */
const firstEpoch = 1;

function epochRefusal(mine: number, theirs: number): string {
  const [older, newer] = [Math.min(mine, theirs), Math.max(mine, theirs)];
  return `the cluster was recovered and is in epoch ${newer}; a member of epoch ${older} was given up, and must join anew with an empty data directory`;
}

class Peers implements RunningPeerTransport {
  readonly service: PeerService;
  private readonly options: PeerTransportOptions;
  private readonly limits: PeerLimits;
  private readonly context: LinkContext;
  private readonly links = new Map<NodeId, PeerLink>();
  private readonly toldRefusals = new Set<string>();
  private droppedElsewhere = 0;
  private closed = false;

  constructor(options: PeerTransportOptions) {
    const { self, clusterId, security, handlers } = options;
    this.options = options;
    this.limits = { ...defaultPeerLimits, ...options.limits };
    this.context = {
      selfId: self.id,
      security,
      limits: this.limits,
      handlers,
      packer: new EntryPacker(),
      hello: () => ({ clusterId: clusterId(), epoch: this.epoch, nodeId: self.id, address: self.address, incarnation: self.incarnation }),
      checkHello: (hello) => this.checkHello(hello),
      report: (event) => this.report(event),
    };
    this.service = { connect: (call) => this.welcome(call), pullSnapshot: (call) => this.serveSnapshot(call) };
  }

  setMembers(members: readonly Member[]): void {
    const addresses = new Map(members.map(({ id, address }) => [id, address]));
    addresses.delete(this.options.self.id);
    for (const link of this.links.values()) {
      if (addresses.has(link.peer)) continue;
      link.setAddress(undefined);
      this.forgetIfUnused(link);
    }
    for (const [id, address] of addresses) this.linkTo(id).setAddress(address);
  }

  send(message: RaftMessage, clock: number): void {
    const link = this.links.get(message.to);
    if (link === undefined) this.droppedElsewhere += 1;
    else link.send(message, clock);
  }

  forward(peer: NodeId, group: GroupId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const link = this.links.get(peer);
    if (link !== undefined) return link.forward(group, body, timeoutMs);
    return Promise.reject(new UserError("UNREACHABLE", `node ${peer} is not known here`, { group }));
  }

  pullSnapshot(peer: NodeId, group: GroupId, atLeastIndex: number): AsyncIterable<SnapshotPage> {
    const { security, clusterId, self } = this.options;
    const address = this.links.get(peer)?.reachableAt;
    const request = { group, nodeId: self.id, clusterId: clusterId(), epoch: this.epoch, atLeastIndex };
    return pullFrom({
      peer,
      address,
      security,
      request,
      silenceMs: this.limits.snapshotSilenceMs,
      resumed: (received, reason) => this.report({ kind: "snapshot-resumed", peer, received, reason }),
    });
  }

  connected(peer: NodeId): boolean {
    return this.links.get(peer)?.connected ?? false;
  }

  statistics(): PeerStatistics {
    const links = [...this.links.values()];
    return {
      dropped: this.droppedElsewhere + links.reduce((sum, link) => sum + link.dropped, 0),
      connected: links.filter((link) => link.connected).map((link) => link.peer),
      streams: links.reduce((sum, link) => sum + link.streams, 0),
    };
  }

  close(): Promise<void> {
    this.closed = true;
    for (const link of this.links.values()) link.close();
    this.links.clear();
    return Promise.resolve();
  }

  private get epoch(): number {
    return this.options.epoch?.() ?? firstEpoch;
  }

  private report(event: Parameters<LinkContext["report"]>[0]): void {
    this.options.report?.(event);
  }

  private checkHello(hello: Hello): void {
    const mine = this.options.clusterId();
    const { id } = this.options.self;
    if (mine === "") throw new Refusal("this node belongs to no cluster yet");
    if (hello.clusterId !== mine) throw new Refusal(`this node is of cluster ${mine}, not of ${hello.clusterId || "none"}`);
    const epoch = hello.epoch || firstEpoch;
    if (epoch !== this.epoch) throw new Refusal(epochRefusal(this.epoch, epoch));
    if (hello.nodeId === "" || hello.nodeId.length > 64) throw new Refusal("the greeting names no node");
    if (hello.nodeId === id) throw new Refusal(`the greeting has the id of this node, ${id}`);
  }

  private linkTo(peer: NodeId): PeerLink {
    const known = this.links.get(peer);
    if (known !== undefined) return known;
    const link = new PeerLink(peer, this.context);
    this.links.set(peer, link);
    return link;
  }

  private forgetIfUnused(link: PeerLink): void {
    if (!link.unused || this.links.get(link.peer) !== link) return;
    this.droppedElsewhere += link.dropped;
    this.links.delete(link.peer);
  }

  /** A stream that someone dialled. It belongs to a link once its greeting was found good. */
  private welcome(call: ServerDuplexStream<Buffer, Buffer>): void {
    let link: PeerLink | undefined;
    const events: PeerStreamEvents = {
      hello: (stream, hello) => {
        link = this.admit(stream, hello);
      },
      frame: (stream, frame) => link?.frame(stream, frame),
      malformed: (stream, reason) => {
        if (link === undefined) this.report({ kind: "malformed", peer: `unknown (${call.getPeer()})`, reason });
        else link.malformed(stream, reason);
      },
      ended: (stream, end) => {
        if (link === undefined) return;
        link.ended(stream, end);
        this.forgetIfUnused(link);
      },
    };
    const stream = new PeerStream(call, "accepted", events);
    // Whoever connects and stays silent does not hold a stream for ever.
    setTimeout(() => {
      if (stream.peer === undefined) stream.abort(status.DEADLINE_EXCEEDED, "no greeting came");
    }, this.limits.connectTimeoutMs).unref();
  }

  private admit(stream: PeerStream, hello: Hello): PeerLink {
    try {
      if (this.closed) throw new Refusal("this node is stopping");
      this.checkHello(hello);
      const link = this.linkTo(hello.nodeId);
      link.accept(stream, hello);
      return link;
    } catch (error) {
      if (error instanceof Refusal) this.tellRefusal(hello, error.message);
      throw error;
    }
  }

  private tellRefusal({ nodeId, address }: Hello, reason: string): void {
    const key = `${nodeId} ${reason}`;
    if (this.toldRefusals.has(key)) return;
    if (this.toldRefusals.size >= rememberedRefusals) this.toldRefusals.clear();
    this.toldRefusals.add(key);
    this.report({ kind: "refused-peer", peer: nodeId, address, reason });
  }

  private serveSnapshot(call: SnapshotCall): void {
    const { clusterId, epoch: told, group, nodeId, atLeastIndex, resume, received } = call.request;
    const mine = this.options.clusterId();
    const fail = (error: unknown): void => {
      if (!(error instanceof UserError)) this.report({ kind: "failed", peer: nodeId, error });
      const shown = error instanceof UserError ? error : new UserError("FAILED", "the snapshot could not be read", { group });
      call.emit("error", toStatus(shown));
    };
    if (mine === "" || clusterId !== mine) {
      fail(new UserError("CONFLICT", `this node is of cluster ${mine || "none"}, not of ${clusterId || "none"}`));
      return;
    }
    const epoch = told || firstEpoch;
    if (epoch !== this.epoch) return fail(new UserError("WRONG_EPOCH", epochRefusal(this.epoch, epoch)));
    serveSnapshot(call, () => this.options.handlers.snapshot(group, atLeastIndex, resume === "" ? null : { snapshot: resume, received })).catch(fail);
  }
}
