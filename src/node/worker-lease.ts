/**
 * A worker keeps its lease (row W6): asks for it, renews it at the leader, hands the deadline to the watchdogs of its VMs,
 * and ends what runs when it could not renew in time. What to do when is decided by `LeaseKeeper`.
 */

import { UserError } from "../errors.ts";
import { LeaseKeeper } from "../machine/lease-keeper.ts";
import type { LeaseTerms } from "../machine/lease-keeper.ts";
import type { NodeId } from "../machine/records.ts";
import type { MachineState } from "../machine/state.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./loop.ts";
import { OwnSession } from "./own-session.ts";
import type { Requests } from "./requests.ts";

/** What the lease has to do with the VMs of this node. */
export interface LeasedVms {
  /** Adoption is over: it is known what runs. */
  known(): boolean;
  running(): number;
  renew(untilMs: number): Promise<void>;
  endAll(): void;
  poke(): void;
}

export interface WorkerLeaseOptions {
  readonly self: NodeId;
  readonly terms: LeaseTerms;
  readonly machine: () => MachineState;
  readonly requests: Requests;
  readonly vms: () => LeasedVms;
  readonly trace: (step: TracedClusterStep) => void;
  readonly log: Log;
  /** The clock by which watchdogs count, too: `sinceBootMs`. */
  readonly clock: Clock;
}

/**
 * A lease is renewed this often within its time: who dies has most of it left, in which its daemon can come back, and by
 * default a worker stays well below the silence after which it counts as degraded.
 */
const renewalsPerLease = 10;
/** One that was not granted (no leader, an answer lost) is tried again this often within the time of the lease. */
const triesPerLease = 40;
const askTimeoutMs = 5_000;

export class WorkerLease {
  readonly #options: WorkerLeaseOptions;
  readonly #keeper: LeaseKeeper;
  readonly #session: OwnSession;
  #timer: NodeJS.Timeout | null = null;
  #asking = false;
  #renewing = false;
  /** When the last renewal was sent, and the last that was granted. */
  #triedMs = -Infinity;
  #renewedMs = -Infinity;
  #ended = false;

  constructor(options: WorkerLeaseOptions) {
    this.#options = options;
    this.#keeper = new LeaseKeeper(options.self, options.terms, options.clock());
    this.#session = new OwnSession(options.requests);
  }

  start(): void {
    const everyMs = Math.max(10, Math.min(100, this.#options.terms.leaseMs / 20));
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** VMs may be started here now. */
  mayRun(): boolean {
    return this.#keeper.mayRun(this.#options.machine(), this.#options.clock());
  }

  /** Gets a lease although this node is no worker yet. Throws `UserError TIMEOUT`. */
  async acquire(timeoutMs: number): Promise<void> {
    const { clock, requests } = this.#options;
    const deadline = clock() + timeoutMs;
    this.#keeper.want();
    while (!this.mayRun()) {
      const left = deadline - clock();
      if (left <= 0) throw new UserError("TIMEOUT", "this node got no lease in time, so it cannot run VMs", { node: this.#options.self });
      this.#look();
      await requests.nextChange(Math.min(left, 50));
    }
  }

  #look(): void {
    const { machine, clock, vms, trace, log } = this.#options;
    const running = vms().running();
    const step = this.#keeper.next(machine(), clock(), running);
    switch (step.kind) {
      case "idle":
        return;
      case "end":
        if (!this.#ended) log.warn("the lease is over: every VM here is ended", { vms: running });
        this.#ended = true;
        return vms().endAll();
      case "lost":
        trace({ event: "LoseLease", epoch: step.epoch });
        return log.warn("the lease was lost; nothing runs here", { epoch: step.epoch });
      case "ask":
        return vms().known() ? this.#ask(step.epoch) : undefined;
      case "renew":
        return this.#renew(step.epoch);
    }
  }

  #ask(epoch: number): void {
    if (this.#asking) return;
    this.#asking = true;
    const { self, terms, trace, log, requests, machine } = this.#options;
    const work = async (): Promise<void> => {
      // Rows that are behind name a lease of the past.
      await requests.linearize(askTimeoutMs);
      if ((machine().leases.get(self)?.epoch ?? 0) !== epoch || this.#options.vms().running() > 0) return;
      trace({ event: "AskLease", epoch });
      const reply = await this.#session.submit({ kind: "lease-acquire", node: self, epoch, ...terms }, askTimeoutMs);
      if (!reply.ok) log.info("a lease was refused", { code: reply.code, reason: reply.message });
    };
    work()
      .catch((error: unknown) => log.debug("no lease yet", { error: String(error) }))
      .finally(() => (this.#asking = false));
  }

  #renew(epoch: number): void {
    const { clock, requests, terms, self, log } = this.#options;
    const sentMs = clock();
    if (this.#renewing || this.#asking) return;
    if (this.mayRun() && sentMs - this.#renewedMs < terms.leaseMs / renewalsPerLease) return;
    if (sentMs - this.#triedMs < (this.mayRun() ? terms.leaseMs / triesPerLease : 100)) return;
    this.#renewing = true;
    this.#triedMs = sentMs;
    requests
      .renewLease(self, epoch, terms.leaseMs / 2)
      .then((granted) => (granted ? this.#granted(epoch, sentMs) : undefined))
      .catch((error: unknown) => log.warn("the lease could not be renewed", { error: String(error) }))
      .finally(() => (this.#renewing = false));
  }

  async #granted(epoch: number, sentMs: number): Promise<void> {
    const { clock, vms, trace, log } = this.#options;
    if (this.#timer === null) return;
    this.#renewedMs = sentMs;
    const fresh = this.#keeper.granted(epoch, sentMs, clock());
    if (fresh) {
      this.#ended = false;
      trace({ event: "HoldLease", epoch });
      log.info("the lease is held", { epoch });
    }
    if (!this.mayRun()) return;
    await vms().renew(this.#keeper.untilMs);
    if (fresh) vms().poke();
  }
}
