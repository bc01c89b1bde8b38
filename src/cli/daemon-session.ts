/** What a command does with the daemon that it asks: one connection, one end of time, one request id. */

import { randomUUID } from "node:crypto";
import type { UserError } from "../errors.ts";
import { type CallOptions, type Connection, connectClient } from "../transport/client.ts";
import type { RequestId } from "../transport/messages.generated.ts";
import { type Clock, realClock } from "./clock.ts";
import { type PollOptions, type Look, pollUntil } from "./poll.ts";
import { type RequestKind, withRetries } from "./retry.ts";

/** How long a request may take when the user does not say, and how long a state may be waited for. */
export const defaultRequestMs = 10_000;
export const defaultWaitMs = 60_000;

export interface SessionOptions {
  readonly address: string;
  /** What the user gave; null: the defaults. */
  readonly timeoutMs: number | null;
  /** Tells the user of what it waits for. */
  readonly notify: (line: string) => void;
  readonly clock?: Clock;
  readonly connect?: typeof connectClient;
}

export class DaemonSession {
  readonly address: string;
  private readonly connection: Connection;
  private readonly timeoutMs: number | null;
  private readonly clock: Clock;
  private readonly startMs: number;
  private readonly notify: (line: string) => void;

  constructor({ address, timeoutMs, notify, clock = realClock, connect = connectClient }: SessionOptions) {
    this.address = address;
    this.timeoutMs = timeoutMs;
    this.clock = clock;
    this.startMs = clock.now();
    this.notify = notify;
    this.connection = connect(address, { timeoutMs: timeoutMs ?? defaultRequestMs });
  }

  /** A question. It may be asked again as often as needed. */
  read<T>(ask: (daemon: Connection, options: CallOptions) => Promise<T>): Promise<T> {
    return this.send("read", ask);
  }

  /**
   * A change that carries a request id, the same in every attempt: it is applied once. What is sent again says what was
   * applied before it was sent at all, for the cluster remembers so many ids and no more. `client`: an id that the user
   * gave, by which another run of the program is the same request.
   */
  async write<T>(ask: (daemon: Connection, request: RequestId, options: CallOptions) => Promise<T>, client = randomUUID() as string): Promise<T> {
    const request: RequestId = { client, sequence: 1, acknowledged: 1, opened: null };
    const opened = await this.appliedIndex();
    let attempts = 0;
    return this.send("write", (daemon, options) => ask(daemon, attempts++ === 0 ? request : { ...request, opened }, options));
  }

  /** What the daemon has applied; 0 when it does not say: then no doubt is resolved in favour of a second application. */
  private async appliedIndex(): Promise<number> {
    try {
      const { groups } = await this.connection.cluster.nodeStatus({}, { timeoutMs: Math.ceil(this.leftMs(defaultRequestMs) / 2) });
      return groups[0]?.appliedIndex ?? 0;
    } catch {
      return 0;
    }
  }

  /** A change without an id: sent again only when it surely did nothing. */
  once<T>(ask: (daemon: Connection, options: CallOptions) => Promise<T>, longestMs = defaultRequestMs): Promise<T> {
    return this.send("once", ask, longestMs);
  }

  /** One of many small steps of long work, each with its own time. It may be taken again as often as needed. */
  piece<T>(ask: (daemon: Connection, options: CallOptions) => Promise<T>): Promise<T> {
    return this.send("read", ask, this.clock.now() - this.startMs + defaultRequestMs);
  }

  /** Looks until a state is reached. */
  wait<T>(
    look: (daemon: Connection, options: CallOptions) => Promise<Look<T>>,
    goal: string,
    next?: PollOptions["next"],
  ): Promise<T> {
    const options = { goal, timeoutMs: this.leftMs(defaultWaitMs), clock: this.clock, onState: this.notify };
    return pollUntil((timeoutMs) => look(this.connection, { timeoutMs: Math.min(timeoutMs, defaultRequestMs) }), {
      ...options,
      ...(next === undefined ? {} : { next }),
    });
  }

  /** A stream, read to its end; it has no deadline. */
  stream<T>(open: (daemon: Connection) => AsyncIterable<T>): AsyncIterable<T> {
    return open(this.connection);
  }

  close(): void {
    this.connection.close();
  }

  private leftMs(longestMs: number): number {
    return Math.max(1, (this.timeoutMs ?? longestMs) - (this.clock.now() - this.startMs));
  }

  private send<T>(
    kind: RequestKind,
    ask: (daemon: Connection, options: CallOptions) => Promise<T>,
    longestMs = defaultRequestMs,
  ): Promise<T> {
    return withRetries((timeoutMs) => ask(this.connection, { timeoutMs: Math.ceil(timeoutMs) }), {
      kind,
      timeoutMs: this.leftMs(longestMs),
      clock: this.clock,
      onWait: (error: UserError) => this.notify(`waiting: ${error.message}`),
    });
  }
}
