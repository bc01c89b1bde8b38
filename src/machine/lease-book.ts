/**
 * What a leader knows of the leases of workers (rows W1, W5, W6, W9; `spec/MCLease.tla`): when it last acknowledged a
 * renewal, by its own clock, whom it takes for failed, and whose VMs must move. Nothing of it is replicated: a new leader
 * knows nothing, and gives everybody the full time. It is told the time, and decides; others carry out.
 */

import { present } from "../assert.ts";
import { isExpired } from "./lease.ts";
import { Pace } from "./pace.ts";
import { listVms } from "./query.ts";
import type { LeaseRecord, NodeId, VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { isOver } from "./task-state.ts";

export interface FailoverPolicy {
  /** Since the last acknowledged renewal, until the VMs of a worker may go to others. */
  readonly failoverAfterMs: number;
  /** How far clocks may run apart, in thousandths. */
  readonly driftPermille: number;
  /** Health: healthy below the first, degraded below the second, else failed. */
  readonly degradedAfterMs: number;
  readonly failedAfterMs: number;
  /** VMs that may move within a minute: what is wrong with so many workers may be wrong with the leader. */
  readonly movesPerMinute: number;
}

export type Health = "healthy" | "degraded" | "failed";

/** Why a lease is called expired, in the words of the trace. */
export interface Expiry {
  readonly worker: NodeId;
  readonly epoch: number;
  readonly silentMs: number;
  readonly failoverAfterMs: number;
  readonly leaseMs: number;
  readonly killBudgetMs: number;
  readonly driftPermille: number;
}

/** A share of its lease in which a worker that lives has renewed it, three times over (`renewalsPerLease`). */
const overdueShare = 0.3;

/** The least time after which another may run what a worker with this lease ran: the inequality of `design.md`. */
export function leastFailoverMs(lease: Pick<LeaseRecord, "leaseMs" | "killBudgetMs">, driftPermille: number): number {
  return Math.ceil((lease.leaseMs * (1000 + driftPermille)) / 1000) + lease.killBudgetMs;
}

export class LeaseBook {
  readonly #policy: FailoverPolicy;
  readonly #pace: Pace;
  /** By worker: the lease that was renewed or seen last, and when. */
  readonly #heard = new Map<NodeId, { epoch: number; ms: number }>();
  /** Epochs of which nothing is acknowledged any more, whatever becomes of the entry that calls them expired. */
  readonly #givenUp = new Map<NodeId, number>();
  #term: number | null = null;
  #lookedMs = 0;

  constructor(policy: FailoverPolicy, pace = new Pace(policy.movesPerMinute)) {
    this.#policy = policy;
    this.#pace = pace;
  }

  /**
   * Must be called before every use. A new term, or a pause so long that this leader may have missed renewals, begins
   * everything anew: to wait longer is always safe.
   */
  look(term: number, nowMs: number): void {
    const paused = nowMs - this.#lookedMs > this.#policy.failoverAfterMs / 4;
    this.#lookedMs = nowMs;
    if (term === this.#term && !paused) return;
    if (term !== this.#term) this.#givenUp.clear();
    this.#term = term;
    for (const heard of this.#heard.values()) heard.ms = nowMs;
  }

  /**
   * True when the renewal counts. Must be called after a quorum has confirmed the leader of `term` by a round that began
   * when the request came (`receivedMs`) or later, and with all that was committed before applied.
   */
  acknowledge(state: MachineState, node: NodeId, epoch: number, receivedMs: number): boolean {
    const lease = state.leases.get(node);
    if (lease?.epoch !== epoch || !lease.held || this.#givenUp.get(node) === epoch) return false;
    const heard = this.#heardOf(lease, receivedMs);
    heard.ms = Math.max(heard.ms, receivedMs);
    return true;
  }

  /** Since the last acknowledged renewal; of a worker never heard of, since this leader could hear it. */
  silentMs(state: MachineState, node: NodeId, nowMs: number): number {
    const lease = state.leases.get(node);
    return lease === undefined ? 0 : Math.max(0, nowMs - this.#heardOf(lease, nowMs).ms);
  }

  /**
   * True when a renewal of the worker is not overdue: it renews some ten times within its lease, whatever the health of one
   * that is silent for so long is called.
   */
  isHeard(state: MachineState, node: NodeId, nowMs: number): boolean {
    const lease = state.leases.get(node);
    if (lease?.held !== true) return false;
    return this.silentMs(state, node, nowMs) < Math.max(this.#policy.degradedAfterMs, lease.leaseMs * overdueShare);
  }

  /** A worker that never had a lease, or has lost it, is not healthy whatever it says. */
  health(state: MachineState, node: NodeId, nowMs: number): Health {
    if (state.leases.get(node)?.held !== true) return "failed";
    const silentMs = this.silentMs(state, node, nowMs);
    if (silentMs < this.#policy.degradedAfterMs) return "healthy";
    return silentMs < this.#policy.failedAfterMs ? "degraded" : "failed";
  }

  /**
   * The leases that must be called expired now; from now on nothing of them is acknowledged. None when more than half of
   * the workers are silent: then it is probably this node that hears nobody. `isBusy`: it is being dealt with already.
   */
  expiries(state: MachineState, nowMs: number, isBusy: (node: NodeId) => boolean): readonly Expiry[] {
    const held = state.workers.keys().map((node) => state.leases.get(node)).filter((lease) => lease?.held === true) as LeaseRecord[];
    const silent = held.filter((lease) => nowMs - this.#heardOf(lease, nowMs).ms >= this.#failoverMs(lease));
    if (silent.length * 2 > held.length) return [];
    return silent.filter(({ node }) => !isBusy(node)).map((lease) => this.giveUp(state, lease.node, nowMs));
  }

  /** Acknowledges nothing of the lease that `node` has any more. */
  giveUp(state: MachineState, node: NodeId, nowMs: number): Expiry {
    const lease = present(state.leases.get(node), "a worker that is given up had a lease");
    const { epoch, leaseMs, killBudgetMs } = lease;
    this.#givenUp.set(node, epoch);
    const { driftPermille } = this.#policy;
    const silentMs = Math.floor(nowMs - this.#heardOf(lease, nowMs).ms);
    return { worker: node, epoch, silentMs, failoverAfterMs: this.#failoverMs(lease), leaseMs, killBudgetMs, driftPermille };
  }

  /** VMs that must leave a worker which lost its lease, as many as may move now; each counts as moved. */
  moves(state: MachineState, nowMs: number, isBusy: (name: string) => boolean): readonly VmRecord[] {
    const lost = new Set([...state.usage.keys()].filter((node) => isExpired(state, node)));
    if (lost.size === 0) return [];
    return this.#pace.allow(listVms(state).filter((vm) => lost.has(vm.owner) && !isOver(vm) && !isBusy(vm.spec.name)), nowMs);
  }

  /** The configured time, or longer where the worker's own lease asks for more. */
  #failoverMs(lease: LeaseRecord): number {
    return Math.max(this.#policy.failoverAfterMs, leastFailoverMs(lease, this.#policy.driftPermille));
  }

  #heardOf(lease: LeaseRecord, nowMs: number): { epoch: number; ms: number } {
    let heard = this.#heard.get(lease.node);
    if (heard?.epoch !== lease.epoch) this.#heard.set(lease.node, (heard = { epoch: lease.epoch, ms: nowMs }));
    return heard;
  }
}
