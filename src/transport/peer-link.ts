/**
 * All that this node has with one peer: the stream it dials, the stream the peer dials, what waits to be sent, and the
 * requests that await an answer.
 *
 * Laws: messages are written to one stream at a time. With two streams up it is the one that was dialled by the node
 * with the smaller id, which both sides know without asking; whoever dialled the other one ends it. Whatever comes on
 * either is received.
 */

import { status } from "@grpc/grpc-js";
import { UserError } from "../errors.ts";
import type { GroupId, NodeId, RaftMessage } from "../raft/message.ts";
import { parseAddress } from "./address.ts";
import { type EntryPacker, fromFrame, maxEntryBytes, toFrame } from "./codec.ts";
import { largestBodyBytes } from "./channel.ts";
import type { Security } from "./credentials.ts";
import { Dialler } from "./dialler.ts";
import { Forwards } from "./forwards.ts";
import { type ForwardRequest, type Hello, type PeerFrame, writePeerFrame } from "./messages.generated.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import type { PeerEvent, PeerLimits } from "./peer-options.ts";
import { type PeerStream, type PeerStreamEvents, Refusal, type StreamEnd } from "./peer-stream.ts";
import { toDetail } from "./status.ts";
import type { PeerHandlers } from "./transport.ts";
import { type Init, encode } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

/** What all links of a node share. */
export interface LinkContext {
  readonly selfId: NodeId;
  readonly security: Security;
  readonly limits: PeerLimits;
  readonly handlers: PeerHandlers;
  readonly packer: EntryPacker;
  hello(): Init<Hello>;
  /** Throws `Refusal` when the greeting is of another cluster or not of a node at all. */
  checkHello(hello: Hello): void;
  report(event: PeerEvent): void;
}

type Frame = Init<PeerFrame>;


function encodeBatch(frames: readonly Frame[]): Buffer {
  const [first, ...more] = frames;
  return encode(writePeerFrame, { ...first, more });
}

export class PeerLink implements PeerStreamEvents {
  readonly peer: NodeId;
  dropped = 0;
  /** Where the peer says that it listens, if it ever greeted. */
  helloAddress: string | undefined;
  private readonly context: LinkContext;
  private readonly outbox: Outbox<Frame>;
  private readonly forwards: Forwards;
  private readonly dialler: Dialler;
  private address: string | undefined;
  private accepted: PeerStream | undefined;
  private incarnation = 0;
  private forwardsBeingServed = 0;
  private connectedNow = false;
  private lastTrouble = "";

  constructor(peer: NodeId, context: LinkContext) {
    const { limits, security } = context;
    this.peer = peer;
    this.context = context;
    this.outbox = new Outbox({ count: limits.queueCount, bytes: limits.queueBytes }, encodeBatch);
    this.forwards = new Forwards(peer, limits.forwardsInFlight);
    this.dialler = new Dialler(limits, security, this, (stream) => stream.greet(context.hello()));
  }

  get connected(): boolean {
    return this.connectedNow;
  }

  get streams(): number {
    return (this.accepted === undefined ? 0 : 1) + (this.dialler.stream === undefined ? 0 : 1);
  }

  /** Where a snapshot can be pulled from. */
  get reachableAt(): string | undefined {
    return this.address ?? this.helloAddress;
  }

  /** True when the link holds nothing any more. */
  get unused(): boolean {
    return this.address === undefined && this.accepted === undefined && this.dialler.stream === undefined;
  }

  /** The peer's address in the configuration; undefined: it is no member, so it is not dialled (any more). */
  setAddress(address: string | undefined): void {
    if (address === this.address) return;
    const valid = address === undefined || this.isAddress(address);
    this.address = valid ? address : undefined;
    // What waits (a notice to the removed node, say) is still sent before a stream ends.
    if (this.address === undefined) {
      this.dialler.rest();
      if (this.dialler.state === "connecting") this.dialler.stop("the peer is no member any more");
      else if (this.dialler.state === "up" && this.sender() === this.dialler.stream) this.outbox.end();
      return;
    }
    if (this.dialler.state !== "idle" && this.dialler.state !== "up") this.dialler.stop("the peer has another address");
    this.dialIfAlone();
  }

  send(message: RaftMessage, clock: number): void {
    const frame = toFrame(message, clock, this.context.packer);
    const entriesBytes = frame.entries?.length ?? 0;
    // The peer would refuse it and close the stream.
    const tooLarge = entriesBytes > maxEntryBytes;
    if (tooLarge || !this.push({ frame: { kind: "raft", value: frame } }, { bytes: 160 + entriesBytes })) this.dropped += 1;
  }

  forward(group: GroupId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (body.length > largestBodyBytes) {
      return Promise.reject(new UserError("MESSAGE_TOO_LARGE", `a request of ${body.length} bytes is too large`, { group }));
    }
    const push = (value: Init<ForwardRequest>, outgoing: Omit<Outgoing<unknown>, "message">): boolean =>
      this.push({ frame: { kind: "forwardRequest", value } }, outgoing);
    return this.forwards.request(group, body, timeoutMs, push, () => this.sender());
  }

  /** The peer dialled this node, and its greeting was found good. */
  accept(stream: PeerStream, hello: Hello): void {
    if (hello.incarnation < this.incarnation) throw new Refusal("a later start of this node is known");
    this.incarnation = hello.incarnation;
    this.helloAddress = hello.address;
    const replaced = this.accepted;
    this.accepted = stream;
    stream.greet(this.context.hello());
    this.dialler.rest();
    this.choose();
    replaced?.abort(status.ABORTED, "the node has dialled again");
  }

  close(): void {
    this.address = undefined;
    this.dialler.stop("this node is stopping");
    this.accepted?.abort(status.UNAVAILABLE, "this node is stopping");
    this.lost("this node is stopping");
  }

  hello(_stream: PeerStream, hello: Hello): void {
    this.context.checkHello(hello);
    if (hello.nodeId !== this.peer) {
      throw new Refusal(`node ${this.peer} was dialled, but ${hello.nodeId || "a nameless node"} answers there`);
    }
    this.incarnation = Math.max(this.incarnation, hello.incarnation);
    this.helloAddress = hello.address;
    this.dialler.up();
    this.lastTrouble = "";
    this.choose();
  }

  frame(_stream: PeerStream, { frame }: PeerFrame): void {
    switch (frame?.kind) {
      case "raft": {
        const message = fromFrame(frame.value);
        if (message.from !== this.peer) throw new WireError(`${this.peer} sends a message in the name of ${message.from}`);
        if (message.to !== this.context.selfId) throw new WireError(`a message for ${message.to} came to this node`);
        this.context.handlers.message(message, frame.value.clock);
        return;
      }
      case "forwardRequest":
        void this.serveForward(frame.value);
        return;
      case "forwardResponse":
        this.forwards.answered(frame.value);
        return;
      default:
        throw new WireError("a peer greets twice");
    }
  }

  malformed(_stream: PeerStream, reason: string): void {
    this.context.report({ kind: "malformed", peer: this.peer, reason });
  }

  ended(stream: PeerStream, end: StreamEnd): void {
    const wasUp = stream.peer !== undefined;
    if (stream === this.accepted) this.accepted = undefined;
    // When the peer ended the stream that lost, its answers still come on the other one.
    if (!end.graceful) this.forwards.broke(stream, end.reason);
    if (stream === this.dialler.stream) {
      this.dialler.down(this.address !== undefined && this.accepted === undefined);
      if (!wasUp) this.tellTrouble(end);
    }
    this.choose();
    if (this.sender() !== undefined || (end.graceful && this.dialler.state === "connecting")) return;
    this.lost(end.reason);
    this.dialIfAlone();
  }

  private tellTrouble({ refused, reason }: StreamEnd): void {
    if (reason === this.lastTrouble) return;
    this.lastTrouble = reason;
    this.context.report({ kind: refused ? "refused-by-peer" : "unreachable", peer: this.peer, reason });
  }

  /** No stream is left: what waits would be stale when the next one comes. */
  private lost(reason: string): void {
    this.dropped += this.outbox.length;
    this.outbox.clear();
    this.forwards.unreachable(reason);
    if (!this.connectedNow) return;
    this.connectedNow = false;
    this.context.handlers.peerChanged(this.peer, false);
  }

  private sender(): PeerStream | undefined {
    const dialled = this.dialler.state === "up" ? this.dialler.stream : undefined;
    if (dialled === undefined || this.accepted === undefined) return dialled ?? this.accepted;
    return this.context.selfId < this.peer ? dialled : this.accepted;
  }

  private choose(): void {
    const sender = this.sender();
    this.outbox.attach(sender?.call);
    if (sender === undefined) return;
    if (sender === this.accepted && this.dialler.state === "up") this.dialler.stream?.retire();
    if (this.connectedNow) return;
    this.connectedNow = true;
    this.context.handlers.peerChanged(this.peer, true);
  }

  private dialIfAlone(): void {
    if (this.address !== undefined && this.accepted === undefined) this.dialler.dial(this.address);
  }

  private push(message: Frame, outgoing: Omit<Outgoing<unknown>, "message">): boolean {
    if (this.sender() === undefined) {
      this.dialIfAlone();
      if (this.dialler.state !== "connecting") return false;
    }
    return this.outbox.push({ message, ...outgoing });
  }

  private async serveForward({ group, id, body, timeoutMs }: ForwardRequest): Promise<void> {
    const { handlers, limits } = this.context;
    const answer = (value: { body: Uint8Array } | { error: UserError }): void => {
      const filled = "body" in value ? { body: value.body } : { error: toDetail(value.error) };
      const bytes = 128 + ("body" in value ? value.body.length : value.error.message.length);
      const message: Frame = { frame: { kind: "forwardResponse", value: { group, id, ...filled } } };
      if (!this.push(message, { bytes })) this.dropped += 1;
    };
    if (this.forwardsBeingServed >= limits.forwardsInFlight) {
      return answer({ error: new UserError("OVERLOADED", "the leader has too many forwarded requests", { group }) });
    }
    this.forwardsBeingServed += 1;
    try {
      const reply = await handlers.forward(group, body, this.peer, timeoutMs);
      if (reply.length > largestBodyBytes) throw new UserError("MESSAGE_TOO_LARGE", "the answer is too large", { group });
      answer({ body: reply });
    } catch (error) {
      if (!(error instanceof UserError)) this.context.report({ kind: "failed", peer: this.peer, error });
      const shown = error instanceof UserError ? error : new UserError("FAILED", "the request failed inside the leader", { group });
      answer({ error: shown });
    } finally {
      this.forwardsBeingServed -= 1;
    }
  }

  private isAddress(address: string): boolean {
    try {
      parseAddress(address);
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.context.report({ kind: "unreachable", peer: this.peer, reason: error.message });
      return false;
    }
  }
}
