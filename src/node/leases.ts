/** Leases on one node: its own as a worker, those of all workers while it leads. */

import { present } from "../assert.ts";
import { LeaseBook } from "../machine/lease-book.ts";
import { Pace } from "../machine/pace.ts";
import type { NodeId } from "../machine/records.ts";
import { ReservationBook } from "../machine/reservation-book.ts";
import type { Replica } from "../replica/replica.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import { leaseClock, monotonicClock } from "./concrete.ts";
import type { DaemonConfig } from "./config.ts";
import type { Executor } from "./executor.ts";
import { Failover } from "./failover.ts";
import type { Log } from "./log.ts";
import type { Requests } from "./requests.ts";
import { WorkerLease } from "./worker-lease.ts";

export interface LeasesOptions {
  readonly self: NodeId;
  readonly config: DaemonConfig;
  readonly replica: Replica;
  readonly requests: Requests;
  /** There once the daemon is open. */
  readonly executor: () => Executor | undefined;
  readonly trace: TraceWriter;
  readonly log: Log;
}

export class Leases {
  readonly book: LeaseBook;
  readonly failover: Failover;
  readonly worker: WorkerLease;
  readonly #executor: () => Executor | undefined;
  readonly #replica: Replica;
  #stopped = false;

  constructor(options: LeasesOptions) {
    const { self, config, replica, requests, executor, log } = options;
    this.#executor = executor;
    this.#replica = replica;
    const trace = (step: TracedClusterStep): void => {
      if (this.#stopped) return;
      options.trace.append(replica.raft.group, step);
      options.trace.flush();
    };
    const pace = new Pace(config.failover.movesPerMinute);
    const reservations = new ReservationBook(pace);
    this.book = new LeaseBook(config.failover, pace);
    this.failover = new Failover({ replica, requests, book: this.book, reservations, trace, clock: monotonicClock, log: log.for("failover") });
    const machine = () => replica.machine;
    const parts = { self, terms: config.lease, machine, requests, trace, clock: leaseClock };
    this.worker = new WorkerLease({ ...parts, vms: () => present(executor(), "a lease is kept once the daemon is open").leased, log: log.for("lease") });
  }

  /** Gets this node the right to run VMs. */
  readonly acquire = (timeoutMs: number): Promise<void> => this.worker.acquire(timeoutMs);

  /** How a worker does, as this node judges while it leads. */
  readonly health = (node: NodeId): { readonly health: string; readonly silentMs: number } => {
    const { machine } = this.#replica;
    const now = monotonicClock();
    return { health: this.book.health(machine, node, now), silentMs: Math.round(this.book.silentMs(machine, node, now)) };
  };

  /** Renews nothing and lets go of the VMs: they run on, as long as their watchdogs let them. */
  stop(): void {
    this.worker.stop();
    this.#executor()?.stop();
    this.#stopped = true;
  }
}
