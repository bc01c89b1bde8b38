/**
 * Those who read along with the log: watchers of keys, readers of events. Each is a cursor, an index into what the node
 * keeps anyhow, and is given the next message when it took the one before: no queue, so none can grow.
 */

import { UserError } from "../errors.ts";
import type { Clock } from "./loop.ts";
import type { Requests } from "./requests.ts";

/** What is read along. */
export interface Feed<Message> {
  /** The next messages after index `after`. Throws COMPACTED when they are gone. */
  page(after: number): FeedPage<Message>;
  /** Says that nothing of what is asked for lies up to `index` that was not sent. */
  marker(index: number): Message;
}

export interface FeedPage<Message> {
  readonly messages: readonly Message[];
  /** Everything up to here is in the page or was before it. */
  readonly reached: number;
  readonly more: boolean;
}

export interface FollowerLimits {
  /** Readers at once. */
  readonly readers: number;
  /** An idle reader gets a marker this often, if there was anything at all. */
  readonly markerMs: number;
  /** And after this many entries of others, so that its place is still kept when it comes back. */
  readonly markerEntries: number;
}

export const defaultFollowerLimits: FollowerLimits = { readers: 1_024, markerMs: 1_000, markerEntries: 4_096 };

export interface Reading {
  /** Begin after this index. */
  readonly since: number;
  /** Go on with what comes; else end when all is told that was applied. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export class Followers {
  readonly #limits: FollowerLimits;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #readers = 0;

  constructor(requests: Requests, clock: Clock, limits: FollowerLimits = defaultFollowerLimits) {
    this.#limits = limits;
    this.#clock = clock;
    requests.onWake(() => {
      for (const resume of this.#waiting) resume();
    });
  }

  /** The messages of `feed`, in order, each once, with a marker when the reader has caught up and now and then after. */
  async *read<Message>(feed: Feed<Message>, reading: Reading): AsyncGenerator<Message> {
    const { readers } = this.#limits;
    if (this.#readers >= readers) {
      throw new UserError("OVERLOADED", `${readers} readers follow this node already`, { next: "Ask another member, or try again later." });
    }
    this.#readers += 1;
    try {
      yield* this.#follow(feed, reading);
    } finally {
      this.#readers -= 1;
    }
  }

  async *#follow<Message>(feed: Feed<Message>, { since, follow, signal }: Reading): AsyncGenerator<Message> {
    const { markerMs, markerEntries } = this.#limits;
    let cursor = since;
    let marked = since;
    let markedMs = -Infinity;
    while (!signal.aborted) {
      const { messages, reached, more } = feed.page(cursor);
      yield* messages;
      cursor = reached;
      const now = this.#clock();
      const caughtUp = !more && (markedMs === -Infinity || (cursor > marked && now - markedMs >= markerMs));
      if (caughtUp || cursor - marked >= markerEntries) {
        yield feed.marker(cursor);
        [marked, markedMs] = [cursor, now];
      }
      if (more) await new Promise((resolve) => setImmediate(resolve));
      else if (follow) await this.#change(cursor > marked ? markerMs : Infinity, signal);
      else return;
    }
  }

  /** Waits until something was applied, at most `ms`. */
  #change(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        signal.removeEventListener("abort", resume);
        resolve();
      };
      const timer = Number.isFinite(ms) ? setTimeout(resume, ms) : undefined;
      this.#waiting.add(resume);
      signal.addEventListener("abort", resume, { once: true });
      if (signal.aborted) resume();
    });
  }
}
