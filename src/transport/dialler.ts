/** Keeps dialling one peer: a channel of its own for each attempt, a bounded wait between attempts. */

import { type Client, Metadata, status } from "@grpc/grpc-js";
import { openChannel } from "./channel.ts";
import type { Security } from "./credentials.ts";
import { peerMethods } from "./messages.generated.ts";
import { PeerStream, type PeerStreamEvents } from "./peer-stream.ts";

export interface DialLimits {
  readonly connectTimeoutMs: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
}

/** idle: nobody asked. waiting: the last attempt failed, the next comes by itself. */
export type DialState = "idle" | "connecting" | "up" | "waiting";

const asIs = (bytes: Buffer): Buffer => bytes;

export class Dialler {
  state: DialState = "idle";
  stream: PeerStream | undefined;
  private readonly limits: DialLimits;
  private readonly security: Security;
  private readonly events: PeerStreamEvents;
  /** Called for each new attempt; the stream greets by it. */
  private readonly opened: (stream: PeerStream) => void;
  private address: string | undefined;
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;

  constructor(limits: DialLimits, security: Security, events: PeerStreamEvents, opened: (stream: PeerStream) => void) {
    this.limits = limits;
    this.security = security;
    this.events = events;
    this.opened = opened;
  }

  /** Starts an attempt unless one is on its way, the stream is up, or the last failed a moment ago. */
  dial(address: string): void {
    if (address !== this.address) {
      this.stop("the peer has another address");
      this.address = address;
    }
    if (this.state === "idle") this.connect(address);
  }

  /** The other side greeted and is welcome. */
  up(): void {
    clearTimeout(this.timer);
    this.state = "up";
    this.failures = 0;
  }

  /** The stream of the last attempt ended; returns whether it should be dialled again by itself. */
  down(redial: boolean): void {
    clearTimeout(this.timer);
    this.release();
    this.state = "idle";
    const address = this.address;
    if (!redial || address === undefined) return;
    const { firstBackoffMs, maxBackoffMs } = this.limits;
    const backoffMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(this.failures, 16));
    this.failures += 1;
    this.state = "waiting";
    this.timer = setTimeout(() => this.connect(address), backoffMs);
  }

  /** The peer has dialled this node meanwhile: there is no need for another attempt. */
  rest(): void {
    if (this.state !== "waiting") return;
    clearTimeout(this.timer);
    this.state = "idle";
  }

  /** Ends the stream, if any, and dials no more. */
  stop(reason: string): void {
    clearTimeout(this.timer);
    this.address = undefined;
    this.failures = 0;
    const stream = this.stream;
    this.state = "idle";
    stream?.abort(status.CANCELLED, reason);
    this.release();
  }

  private connect(address: string): void {
    this.state = "connecting";
    this.client = openChannel(address, this.security);
    const call = this.client.makeBidiStreamRequest(peerMethods.connect.path, asIs, asIs, new Metadata(), {});
    const stream = new PeerStream(call, "dialled", this.events);
    this.stream = stream;
    const { connectTimeoutMs } = this.limits;
    this.timer = setTimeout(() => {
      stream.abort(status.DEADLINE_EXCEEDED, `no greeting within ${connectTimeoutMs} ms`);
    }, connectTimeoutMs);
    this.opened(stream);
  }

  private release(): void {
    this.stream = undefined;
    this.client?.close();
    this.client = undefined;
  }
}
