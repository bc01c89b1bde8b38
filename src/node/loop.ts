/**
 * The loop of the daemon: gathers what happens within one turn of the event loop, lets the replicas take their steps,
 * then does what they say in the order that Raft needs: trace lines first, then messages and the write, side by side.
 * One write is under way at a time; what comes meanwhile goes with the next (group commit).
 */

import type { RaftEvent } from "../raft/event.ts";
import type { GroupId, RaftMessage } from "../raft/message.ts";
import type { FetchedSnapshot, Output, Replica } from "../replica/replica.ts";
import { applyPatienceMs, type TakenWrite } from "../replica/pending-write.ts";
import type { Storage } from "../storage/storage.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";

/** Milliseconds of a clock that never goes back. */
export type Clock = () => number;

export interface LoopOptions {
  readonly storage: Storage;
  readonly trace: TraceWriter;
  readonly clock: Clock;
  readonly tickMs: number;
  /** A write that takes longer ends the leadership of this node. */
  readonly diskStallMs: number;
  readonly send: (message: RaftMessage, clock: number) => void;
  /** Everything that is no message. */
  readonly output: (group: GroupId, output: Output) => void;
  /**
   * Called once a turn, before the replicas' work is carried out: who gathers requests hands them over. While a write is
   * under way (`busy`) commands may wait for its end: they could not be written sooner, and go as one batch.
   */
  readonly gather: (busy: boolean) => void;
  /** The node cannot go on: disk, trace, or a broken law. */
  readonly fatal: (error: unknown) => void;
}

export class Loop {
  readonly #options: LoopOptions;
  readonly #replicas = new Map<GroupId, Replica>();
  #messages: { message: RaftMessage; clock: number }[] = [];
  #turnAsked = false;
  #writingSinceMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  get replicas(): ReadonlyMap<GroupId, Replica> {
    return this.#replicas;
  }

  add(replica: Replica): void {
    this.#replicas.set(replica.raft.group, replica);
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#options.tickMs);
    this.ask();
  }

  /** Tells a group what happened. What follows is done in this turn's end. */
  handle(group: GroupId, event: RaftEvent): void {
    const replica = this.#replicas.get(group);
    if (replica === undefined || this.#stopped) return;
    this.#guard(() => this.#take(group, replica.handle(event, this.#options.clock())));
  }

  /** Hands a fetched snapshot to a group. */
  install(group: GroupId, fetched: FetchedSnapshot): void {
    const replica = this.#replicas.get(group);
    if (replica === undefined || this.#stopped) return;
    this.#guard(() => this.#take(group, replica.install(fetched, this.#options.clock())));
  }

  /** Asks for a turn, once however often it is called. */
  ask(): void {
    if (this.#turnAsked || this.#stopped) return;
    this.#turnAsked = true;
    setImmediate(() => this.#guard(() => this.#turn()));
  }

  /** Stops stepping; resolves when no write is under way. */
  stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#writingSinceMs === null) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #take(group: GroupId, outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind === "send") this.#messages.push(output);
      else this.#options.output(group, output);
    }
    this.ask();
  }

  #turn(): void {
    this.#turnAsked = false;
    if (this.#stopped) return;
    this.#options.gather(this.#writingSinceMs !== null);
    this.#options.trace.flush();
    const messages = this.#messages;
    this.#messages = [];
    for (const { message, clock } of messages) this.#options.send(message, clock);
    if (this.#writingSinceMs === null) this.#startWrite();
    this.#applyCommitted();
  }

  /**
   * A follower applies once its acknowledgement has left: while a write is under way the processor belongs to that, here and at the other
   * nodes. A disk that is slow holds nothing back for long. No turn is asked for: the lines have time until something follows from them.
   */
  #applyCommitted(): void {
    const { clock } = this.#options;
    if (this.#writingSinceMs !== null && clock() - this.#writingSinceMs < applyPatienceMs) return;
    for (const [group, replica] of this.#replicas) {
      for (const output of replica.applyCommitted(clock())) this.#options.output(group, output);
    }
  }

  #startWrite(): void {
    const now = this.#options.clock();
    const taken: [GroupId, Replica, TakenWrite][] = [];
    for (const [group, replica] of this.#replicas) {
      const write = replica.takeWrite(now);
      if (write !== undefined) taken.push([group, replica, write]);
    }
    if (taken.length === 0) return;
    this.#writingSinceMs = now;
    this.#options.storage.write(taken.map(([, , { write }]) => write)).then(
      () => this.#guard(() => this.#written(taken)),
      (error: unknown) => this.#fail(error),
    );
  }

  #written(taken: readonly (readonly [GroupId, Replica, TakenWrite])[]): void {
    this.#writingSinceMs = null;
    for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#stopped) return;
    for (const [group, replica, write] of taken) this.#take(group, replica.written(write, this.#options.clock()));
    this.#turn();
  }

  /** A node whose disk hangs leads nobody, and does not campaign: heartbeats must depend on the disk's progress. */
  #tick(): void {
    const { clock, diskStallMs } = this.#options;
    const stalled = this.#writingSinceMs !== null && clock() - this.#writingSinceMs > diskStallMs;
    for (const group of this.#replicas.keys()) this.handle(group, { kind: stalled ? "disk-stalled" : "tick" });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#writingSinceMs = null;
    for (const resolve of this.#idle.splice(0)) resolve();
    this.#options.fatal(error);
  }
}
