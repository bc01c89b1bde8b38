/** What this node has asked of its own core and not heard back: one attempt each, gathered into batches. */

import type { Reply } from "../machine/commands.ts";
import type { ConfigurationChange, Proposal, Refusal } from "../raft/event.ts";
import type { GroupId, NodeId } from "../raft/message.ts";
import type { Output } from "../replica/replica.ts";
import type { Clock, Loop } from "./loop.ts";

/** How one attempt ended. */
export type Attempt =
  | { readonly kind: "replied"; readonly reply: Reply }
  | { readonly kind: "changed"; readonly index: number }
  | { readonly kind: "readable"; readonly index: number }
  | { readonly kind: "transferred"; readonly leader: NodeId }
  /** The leader has, or has not, acknowledged the renewal of a worker's lease. */
  | { readonly kind: "renewed"; readonly granted: boolean }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "lost"; readonly replaced: boolean }
  /** The answer did not come in time: nobody knows. */
  | { readonly kind: "late" };

/** An entry must fit in one message to a follower, or it would never be replicated. */
const maxCommandBytes = 2 * 1024 * 1024;

/** So many commands are a batch worth a transaction of every node, however few are open. */
const leastBatch = 24;
/** And where more are open, this share of them: two batches are then under way in turn. */
const batchShare = 0.5;

interface Open {
  readonly done: (attempt: Attempt) => void;
  readonly deadlineMs: number;
}

/** Attempts of this node on one group. Bounded: what is over the bound is refused at once. */
export class Attempts {
  readonly #group: GroupId;
  readonly #loop: Loop;
  readonly #clock: Clock;
  readonly #bound: number;
  readonly #open = new Map<number, Open>();
  #nextId = 1;
  #proposals: Proposal[] = [];
  #reads: number[] = [];

  constructor(group: GroupId, loop: Loop, clock: Clock, bound: number) {
    this.#group = group;
    this.#loop = loop;
    this.#clock = clock;
    this.#bound = bound;
  }

  /** Proposes a command; `done` is called once. */
  propose(kind: "command" | "vm", payload: Uint8Array, timeoutMs: number, done: (attempt: Attempt) => void): void {
    if (payload.length > maxCommandBytes) {
      const message = `the command has ${payload.length} bytes; at most ${maxCommandBytes} fit in an entry`;
      done({ kind: "refused", refusal: { code: "MESSAGE_TOO_LARGE", message, leader: null } });
      return;
    }
    const id = this.#enter(timeoutMs, done);
    if (id === null) return;
    this.#proposals.push({ id, kind, payload });
    this.#loop.ask();
  }

  /** Asks for the index that a consistent read must wait for. */
  read(timeoutMs: number, done: (attempt: Attempt) => void): void {
    const id = this.#enter(timeoutMs, done);
    if (id === null) return;
    this.#reads.push(id);
    this.#loop.ask();
  }

  change(change: ConfigurationChange, timeoutMs: number): Promise<Attempt> {
    return this.#single(timeoutMs, (id) => this.#loop.handle(this.#group, { kind: "change", id, change, timeMs: Date.now() }));
  }

  transfer(to: NodeId | null, timeoutMs: number): Promise<Attempt> {
    return this.#single(timeoutMs, (id) => this.#loop.handle(this.#group, { kind: "transfer", id, to }));
  }

  #single(timeoutMs: number, act: (id: number) => void): Promise<Attempt> {
    return new Promise((resolve) => {
      const id = this.#enter(timeoutMs, resolve);
      if (id !== null) act(id);
    });
  }

  #enter(timeoutMs: number, done: (attempt: Attempt) => void): number | null {
    if (this.#open.size >= this.#bound) {
      const message = `more than ${this.#bound} requests are waiting at this node`;
      done({ kind: "refused", refusal: { code: "OVERLOADED", message, leader: null } });
      return null;
    }
    const id = this.#nextId++;
    this.#open.set(id, { done, deadlineMs: this.#clock() + timeoutMs });
    return id;
  }

  /**
   * Hands what was gathered to the core, as one batch. While the disk is `busy` commands wait, unless there are many: each
   * batch costs every node a transaction, however small it is.
   */
  gather(busy: boolean): void {
    if (this.#proposals.length > (busy ? Math.max(leastBatch, this.#open.size * batchShare) : 0)) {
      const proposals = this.#proposals;
      this.#proposals = [];
      this.#loop.handle(this.#group, { kind: "propose", proposals, timeMs: Date.now() });
    }
    if (this.#reads.length === 0) return;
    const ids = this.#reads;
    this.#reads = [];
    this.#loop.handle(this.#group, { kind: "read", ids });
  }

  /** True when the output was an answer to an attempt. */
  settle(output: Output): boolean {
    if (!("id" in output)) return false;
    const open = this.#open.get(output.id);
    this.#open.delete(output.id);
    open?.done(output);
    return true;
  }

  /** Ends what is past its deadline. Attempts stand in the order in which they came, deadlines nearly so. */
  expire(): void {
    const now = this.#clock();
    for (const [id, open] of this.#open) {
      if (open.deadlineMs > now) continue;
      this.#open.delete(id);
      open.done({ kind: "late" });
    }
  }
}
