/**
 * A worker's own lease (row W6, `spec/MCLease.tla`): what to do next to get it, keep it, or let it go. It is told the
 * time by one clock that never goes back, and counts a renewal from when it was sent. Others carry out.
 */

import type { NodeId } from "./records.ts";
import type { MachineState } from "./state.ts";

/** What a worker promises: to take a renewal to last no longer than the first, and to have ended what runs after the second. */
export interface LeaseTerms {
  readonly leaseMs: number;
  readonly killBudgetMs: number;
}

export type KeeperStep =
  | { readonly kind: "idle" }
  /** End everything that runs here, at once. */
  | { readonly kind: "end" }
  /** Nothing runs here: tell it (`LoseLease`). */
  | { readonly kind: "lost"; readonly epoch: number }
  /** Nothing runs here: ask for a new lease in place of that with this epoch (`AskLease`). */
  | { readonly kind: "ask"; readonly epoch: number }
  | { readonly kind: "renew"; readonly epoch: number };

export class LeaseKeeper {
  readonly #self: NodeId;
  readonly #terms: LeaseTerms;
  #wanted = false;
  #holding = 0;
  #untilMs: number;

  /** What an earlier daemon left running has one lease's time to be renewed; its watchdog may allow it less. */
  constructor(self: NodeId, terms: LeaseTerms, nowMs: number) {
    this.#self = self;
    this.#terms = terms;
    this.#untilMs = nowMs + terms.leaseMs;
  }

  /** A lease is wanted although the node is no worker yet: it is about to become one. */
  want(): void {
    this.#wanted = true;
  }

  /** When the lease ends, by the clock that was told. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** The lease is held, and it is the one that the log has granted last, as far as this node knows. */
  mayRun(state: MachineState, nowMs: number): boolean {
    const lease = state.leases.get(this.#self);
    return this.#holding !== 0 && lease?.epoch === this.#holding && lease.held && nowMs < this.#untilMs;
  }

  /** What to do now. `runs`: how many VMs run here. */
  next(state: MachineState, nowMs: number, runs: number): KeeperStep {
    const lease = state.leases.get(this.#self);
    const over = nowMs >= this.#untilMs || lease?.epoch !== this.#holding || !lease.held;
    if (this.#holding !== 0 && over) {
      if (runs > 0) return { kind: "end" };
      const epoch = this.#holding;
      this.#holding = 0;
      return { kind: "lost", epoch };
    }
    if (lease === undefined && !this.#wanted && !state.workers.has(this.#self)) return { kind: "idle" };
    const fits = lease?.held === true && lease.leaseMs === this.#terms.leaseMs && lease.killBudgetMs === this.#terms.killBudgetMs;
    if (!fits) return runs > 0 ? { kind: "end" } : { kind: "ask", epoch: lease?.epoch ?? 0 };
    if (this.#holding === 0 && runs > 0 && nowMs >= this.#untilMs) return { kind: "end" };
    return { kind: "renew", epoch: lease.epoch };
  }

  /** A renewal that was sent at `sentMs` was acknowledged. True when the lease was not held before (`HoldLease`). */
  granted(epoch: number, sentMs: number, nowMs: number): boolean {
    const untilMs = sentMs + this.#terms.leaseMs;
    if (untilMs <= nowMs) return false;
    const fresh = this.#holding !== epoch;
    // One that ran out is told of as lost before it can be held again.
    if (this.#holding !== 0 && (fresh || nowMs >= this.#untilMs)) return false;
    this.#untilMs = fresh ? untilMs : Math.max(this.#untilMs, untilMs);
    this.#holding = epoch;
    return fresh;
  }
}
