/**
 * One bidirectional stream to a peer, from either end: greets, checks who is there, then hands over frames. It decides
 * nothing else; `PeerLink` chooses among streams.
 */

import { status } from "@grpc/grpc-js";
import type { NodeId } from "../raft/message.ts";
import type { RawStream } from "./outbox.ts";
import { type Hello, type PeerFrame, readPeerFrame, writePeerFrame } from "./messages.generated.ts";
import { type Init, decode, encode } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

/** Whether this node dialled the stream or took it. */
export type Side = "dialled" | "accepted";

/** How a stream ended. `graceful`: the other side ended it in order; everything it sent has arrived. */
export interface StreamEnd {
  readonly graceful: boolean;
  /** The other side did not want to talk to this node. */
  readonly refused: boolean;
  readonly reason: string;
}

export interface PeerStreamEvents {
  /** The greeting of the other side. Throws `Refusal` when it is not welcome. */
  hello(stream: PeerStream, hello: Hello): void;
  /** Every later frame, in order. Throws `WireError` when it is no frame of a peer. */
  frame(stream: PeerStream, frame: PeerFrame): void;
  ended(stream: PeerStream, end: StreamEnd): void;
  /** The other side sent what no peer sends; the stream is closed. */
  malformed(stream: PeerStream, reason: string): void;
}

/** A greeting that is not welcome; `message` is told to the other side. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export class PeerStream {
  readonly side: Side;
  readonly call: RawStream;
  /** Who is at the other end, once it has greeted. */
  peer: NodeId | undefined;
  private readonly events: PeerStreamEvents;
  private over = false;

  constructor(call: RawStream, side: Side, events: PeerStreamEvents) {
    this.call = call;
    this.side = side;
    this.events = events;
    call.on("data", (bytes: Buffer) => this.receive(bytes));
    call.on("error", (error: Error) => this.finish(false, reasonOf(error), codeOf(error) === status.FAILED_PRECONDITION));
    call.on("end", () => this.endedByPeer());
    call.on("cancelled", () => this.finish(false, "the peer went away"));
    call.on("close", () => this.finish(false, "the connection closed"));
  }

  greet(hello: Init<Hello>): void {
    this.call.write(encode(writePeerFrame, { frame: { kind: "hello", value: hello } }));
  }

  /** Ends this side in order: what was written arrives. */
  retire(): void {
    this.call.end();
  }

  /** Closes at once and tells the other side why. Only an accepted stream can name a status. */
  abort(code: status, reason: string): void {
    if (this.over) return;
    this.finish(false, reason);
    if ("cancel" in this.call) this.call.cancel();
    else this.call.emit("error", { code, details: reason });
  }

  /** No event of an aborted stream is wanted any more. */
  private finish(graceful: boolean, reason: string, refused = false): void {
    if (this.over) return;
    this.over = true;
    this.events.ended(this, { graceful, refused, reason });
  }

  private endedByPeer(): void {
    if (this.side === "accepted") {
      this.call.end();
      this.finish(true, "the peer ended the stream");
      return;
    }
    // The end of a dialled stream comes before its status, and a status other than OK before both as an error.
    setImmediate(() => this.finish(true, "the peer ended the stream"));
  }

  private receive(bytes: Buffer): void {
    if (this.over) return;
    try {
      const frame = decode(readPeerFrame, bytes);
      this.handle(frame);
      for (const further of frame.more) {
        if (this.over) return;
        this.handle(further);
      }
    } catch (error) {
      if (error instanceof Refusal) this.abort(status.FAILED_PRECONDITION, error.message);
      else if (error instanceof WireError) {
        this.events.malformed(this, error.message);
        this.abort(status.INVALID_ARGUMENT, error.message);
      } else throw error;
    }
  }

  private handle(frame: PeerFrame): void {
    if (frame.frame === null) throw new WireError("a frame is empty or of a kind that this version does not know");
    if (this.peer !== undefined) return this.events.frame(this, frame);
    if (frame.frame.kind !== "hello") throw new WireError("a peer sends before it greets");
    this.events.hello(this, frame.frame.value);
    this.peer = frame.frame.value.nodeId;
  }
}

function reasonOf(error: Error): string {
  return "details" in error && typeof error.details === "string" ? error.details : error.message;
}

function codeOf(error: Error): unknown {
  return "code" in error ? error.code : undefined;
}
