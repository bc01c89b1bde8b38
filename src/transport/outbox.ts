/**
 * What waits to be written to one stream. At most one write is on its way; what is pushed meanwhile travels together in
 * the next, since an HTTP/2 message costs more than ten of ours. Bounded in count and bytes: a full outbox refuses.
 */

import type { ClientDuplexStream, ServerDuplexStream } from "@grpc/grpc-js";

/** A bidirectional stream of encoded messages, from either end. */
export type RawStream = ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

export interface Outgoing<Message> {
  readonly message: Message;
  /** About as many bytes as the message will have. */
  readonly bytes: number;
  /** Called when the message is handed to the stream: from now on the peer may have seen it. */
  readonly written?: () => void;
  /** A message whose sender gave up while it waited is left out. */
  readonly cancelled?: () => boolean;
}

export interface OutboxLimits {
  readonly count: number;
  readonly bytes: number;
}

/** The most bytes that travel together; a single larger message travels alone. */
const batchBytes = 1024 * 1024;
const batchCount = 1024;

export class Outbox<Message> {
  private readonly limits: OutboxLimits;
  private readonly encodeBatch: (messages: readonly Message[]) => Buffer;
  private waiting: Outgoing<Message>[] = [];
  private waitingBytes = 0;
  private stream: RawStream | undefined;
  private writing = false;
  private scheduled = false;
  private ending: RawStream | undefined;

  constructor(limits: OutboxLimits, encodeBatch: (messages: readonly Message[]) => Buffer) {
    this.limits = limits;
    this.encodeBatch = encodeBatch;
  }

  /** Messages that wait. */
  get length(): number {
    return this.waiting.length;
  }

  /** Queues a message; false when there is no room. */
  push(outgoing: Outgoing<Message>): boolean {
    if (this.waiting.length >= this.limits.count || this.waitingBytes + outgoing.bytes > this.limits.bytes) return false;
    this.waiting.push(outgoing);
    this.waitingBytes += outgoing.bytes;
    this.schedule();
    return true;
  }

  /** From now on messages are written to `stream`. */
  attach(stream: RawStream | undefined): void {
    if (stream === this.stream) return;
    this.stream = stream;
    this.writing = false;
    this.schedule();
  }

  /** Drops what waits. */
  clear(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }

  /** Ends the stream once everything that waits is written. */
  end(): void {
    this.ending = this.stream;
    this.schedule();
  }

  /**
   * At the end of this turn: what it pushes travels together. Not later, by setImmediate: that costs a turn of the event
   * loop (a tenth of each answer's time), and under load the write that is on its way makes the batch anyway.
   */
  private schedule(): void {
    if (this.scheduled || this.writing || this.stream === undefined) return;
    if (this.waiting.length === 0 && this.ending === undefined) return;
    this.scheduled = true;
    process.nextTick(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    const stream = this.stream;
    if (stream === undefined || this.writing) return;
    const batch = this.takeBatch();
    if (batch.length === 0) {
      if (this.ending === stream && this.waiting.length === 0) stream.end();
      return;
    }
    this.writing = true;
    for (const { written } of batch) written?.();
    stream.write(this.encodeBatch(batch.map(({ message }) => message)), () => {
      // A stream that was replaced meanwhile calls back too.
      if (this.stream !== stream) return;
      this.writing = false;
      this.flush();
    });
  }

  private takeBatch(): readonly Outgoing<Message>[] {
    let bytes = 0;
    let taken = 0;
    for (const outgoing of this.waiting) {
      if (taken > 0 && (bytes + outgoing.bytes > batchBytes || taken >= batchCount)) break;
      bytes += outgoing.bytes;
      taken += 1;
    }
    const batch = this.waiting.splice(0, taken);
    this.waitingBytes -= bytes;
    return batch.filter(({ cancelled }) => cancelled?.() !== true);
  }
}
