/** Requests that this node handed to a peer and whose answers it awaits. */

import { UserError } from "../errors.ts";
import type { GroupId, NodeId } from "../raft/message.ts";
import type { ForwardRequest, ForwardResponse } from "./messages.generated.ts";
import type { Outgoing } from "./outbox.ts";
import type { PeerStream } from "./peer-stream.ts";
import { fromDetail } from "./status.ts";
import type { Init } from "./wire.ts";

interface Pending {
  readonly group: GroupId;
  /** The stream it was written on: from then on the peer may have carried it out. */
  writtenOn: PeerStream | undefined;
  settle(outcome: Uint8Array | UserError): void;
}

/** Queues a request frame; false when there is no room or no way. */
export type PushForward = (request: Init<ForwardRequest>, outgoing: Omit<Outgoing<unknown>, "message">) => boolean;

export class Forwards {
  private readonly peer: NodeId;
  private readonly limit: number;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  constructor(peer: NodeId, limit: number) {
    this.peer = peer;
    this.limit = limit;
  }

  /** Sends `body` by `push` and waits for the answer, `timeoutMs` at most. */
  request(group: GroupId, body: Uint8Array, timeoutMs: number, push: PushForward, sender: () => PeerStream | undefined): Promise<Uint8Array> {
    const { promise, resolve, reject } = newPromise<Uint8Array>();
    if (this.pending.size >= this.limit) {
      reject(new UserError("OVERLOADED", `${this.limit} requests to node ${this.peer} are waiting already`, { group }));
      return promise;
    }
    const id = ++this.lastId;
    const settle = (outcome: Uint8Array | UserError): void => {
      clearTimeout(timer);
      this.pending.delete(id);
      if (outcome instanceof UserError) reject(outcome);
      else resolve(outcome);
    };
    const pending: Pending = { group, writtenOn: undefined, settle };
    const timer = setTimeout(() => this.fail(pending, `no answer within ${timeoutMs} ms`), timeoutMs);
    this.pending.set(id, pending);
    const pushed = push(
      { group, id, body, timeoutMs },
      {
        bytes: body.length + 128,
        written: () => (pending.writtenOn = sender()),
        cancelled: () => !this.pending.has(id),
      },
    );
    if (!pushed) settle(new UserError("UNREACHABLE", `node ${this.peer} cannot be reached`, { group }));
    return promise;
  }

  /** An answer came. One that nobody awaits any more is ignored. */
  answered({ id, group, body, error }: ForwardResponse): void {
    const pending = this.pending.get(id);
    if (pending === undefined || pending.group !== group) return;
    pending.settle(error === null ? body : fromDetail(error));
  }

  /** A stream broke: what was written on it may or may not have been carried out. */
  broke(stream: PeerStream, reason: string): void {
    for (const pending of this.pending.values()) if (pending.writtenOn === stream) this.fail(pending, reason);
  }

  /** No stream is left and none is being made. */
  unreachable(reason: string): void {
    for (const pending of this.pending.values()) this.fail(pending, reason);
  }

  private fail(pending: Pending, reason: string): void {
    const { group } = pending;
    if (pending.writtenOn === undefined) {
      pending.settle(new UserError("UNREACHABLE", `node ${this.peer} cannot be reached: ${reason}`, { group }));
      return;
    }
    const message = `node ${this.peer} got the request, but its answer was lost: ${reason}`;
    pending.settle(new UserError("OUTCOME_UNKNOWN", message, { group, next: "Send the same request again." }));
  }
}

function newPromise<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
