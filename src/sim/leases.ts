/** Leases on a simulated node: its own as a worker, those of all workers while it leads. The daemon's rules, on virtual clocks. */

import type { Command } from "../machine/commands.ts";
import { LeaseBook } from "../machine/lease-book.ts";
import type { Expiry, FailoverPolicy } from "../machine/lease-book.ts";
import type { NodeId } from "../machine/records.ts";
import { LeaseKeeper } from "../machine/lease-keeper.ts";
import type { LeaseTerms } from "../machine/lease-keeper.ts";
import { Pace } from "../machine/pace.ts";
import { ReservationBook } from "../machine/reservation-book.ts";
import { movesOwed } from "../machine/migration.ts";
import type { MoveCommand } from "../machine/migration.ts";
import type { Replica } from "../replica/replica.ts";
import type { SimulatedNode } from "./node.ts";
import type { Attempt } from "./question.ts";

export interface LeaseWorld {
  readonly terms: LeaseTerms;
  readonly policy: FailoverPolicy;
}

/** Clocks of a simulation run at 0.9 to 1.1 of the true rate. */
export const simulatedLeases: LeaseWorld = {
  terms: { leaseMs: 3_000, killBudgetMs: 500 },
  policy: { failoverAfterMs: 4_250, driftPermille: 250, degradedAfterMs: 1_000, failedAfterMs: 4_250, movesPerMinute: 60 },
};

const lookEveryMs = 100;
const renewEveryMs = 1_000;
const answerWithinMs = 1_500;

export class Leases {
  readonly #node: SimulatedNode;
  readonly #world: LeaseWorld;
  readonly #keeper: LeaseKeeper;
  readonly #book: LeaseBook;
  readonly #reservations: ReservationBook;
  readonly #client: string;
  readonly #busy = new Set<string>();
  #sequence = 0;
  #renewedMs = -Infinity;
  /** Counts renewals, so that the answer to an earlier one is not taken for one of the latest. */
  #asking = false;

  constructor(node: SimulatedNode, world: LeaseWorld) {
    this.#node = node;
    this.#world = world;
    this.#client = `leases-${node.member.name}-${node.incarnation}`;
    this.#keeper = new LeaseKeeper(node.id, world.terms, node.clock.localMs());
    const pace = new Pace(world.policy.movesPerMinute);
    this.#book = new LeaseBook(world.policy, pace);
    this.#reservations = new ReservationBook(pace);
  }

  start(): void {
    this.#node.later(lookEveryMs, () => {
      this.#keepOwn();
      this.#lead();
      this.start();
    });
  }

  mayRun(): boolean {
    const machine = this.#node.replica?.machine;
    return machine !== undefined && this.#keeper.mayRun(machine, this.#node.clock.localMs());
  }

  #keepOwn(): void {
    const { parts, clock } = this.#node;
    if (parts === null) return;
    const { replica, executor } = parts;
    const step = this.#keeper.next(replica.machine, clock.localMs(), this.#node.host.processes.size);
    switch (step.kind) {
      case "idle":
        return;
      case "end":
        return this.#node.world.planted?.outlivesLease ? undefined : executor.endAll();
      case "lost":
        return this.#node.tell({ event: "LoseLease", epoch: step.epoch });
      case "ask":
        return executor.started ? this.#ask(step.epoch) : undefined;
      case "renew":
        return this.#renew(step.epoch);
    }
  }

  #ask(epoch: number): void {
    if (this.#asking) return;
    this.#asking = true;
    const node = this.#node;
    node.ask({ kind: "read-index" }, (attempt) => {
      if (attempt.kind !== "readable") return void (this.#asking = false);
      node.whenApplied(attempt.index, () => {
        const same = (node.replica?.machine.leases.get(node.id)?.epoch ?? 0) === epoch;
        if (!same || node.host.processes.size > 0) return void (this.#asking = false);
        node.tell({ event: "AskLease", epoch });
        this.#submit({ kind: "lease-acquire", node: node.id, epoch, ...this.#world.terms }, () => (this.#asking = false));
      });
    });
    node.later(answerWithinMs * 2, () => (this.#asking = false));
  }

  #renew(epoch: number): void {
    const node = this.#node;
    const sentMs = node.clock.localMs();
    if (this.#asking || sentMs - this.#renewedMs < (this.mayRun() ? renewEveryMs : lookEveryMs * 3)) return;
    this.#renewedMs = sentMs;
    node.ask({ kind: "renew-lease", node: node.id, epoch }, (attempt) => {
      if (attempt.kind !== "renewed" || !attempt.granted || this.#asking) return;
      if (this.#keeper.granted(epoch, sentMs, node.clock.localMs())) node.tell({ event: "HoldLease", epoch });
      if (!this.mayRun()) return;
      node.host.renew(this.#keeper.untilMs);
      node.parts?.executor.poke();
    });
  }

  /** A worker asks for a renewal, here because this node should lead. */
  renewal(of: string, epoch: number, confirm: (done: (attempt: Attempt) => void) => void, done: (attempt: Attempt) => void): void {
    const { replica, clock } = this.#node;
    const refused: Attempt = { kind: "refused", refusal: { code: "NOT_LEADER", message: "this node does not lead", leader: null } };
    if (replica?.raft.role !== "Leader") return done(refused);
    const term = replica.raft.currentTerm;
    const receivedMs = clock.localMs();
    this.#book.look(term, receivedMs);
    confirm((attempt) => {
      if (attempt.kind !== "readable") return done(attempt);
      if (replica.raft.role !== "Leader" || replica.raft.currentTerm !== term) return done(refused);
      this.#book.look(term, clock.localMs());
      done({ kind: "renewed", granted: this.#book.acknowledge(replica.machine, of, epoch, receivedMs) });
    });
  }

  #lead(): void {
    const { replica, clock } = this.#node;
    if (replica?.raft.role !== "Leader") return;
    const now = clock.localMs();
    this.#book.look(replica.raft.currentTerm, now);
    if (replica.appliedIndex < replica.raft.termStartIndex) return;
    for (const expiry of this.#book.expiries(replica.machine, now, (node) => this.#busy.has(node))) this.#callExpired(expiry, "");
    this.#rollBack(replica, now);
    for (const vm of this.#book.moves(replica.machine, now, (name) => this.#busy.has(name))) {
      const { name } = vm.spec;
      this.#busy.add(name);
      const command: Command = { kind: "vm-reassign", name, uuid: vm.uuid, from: vm.owner, generation: vm.generation };
      this.#submit(command, () => this.#busy.delete(name));
    }
    for (const command of movesOwed(replica.machine)) this.#pay(command);
  }

  /**
   * An operator says that the machine of a worker is off (row W8). Answers whether its lease was called expired: not by who
   * does not lead, and not while the worker is heard.
   */
  assertOff(node: NodeId, asserted: string): boolean {
    const { replica, clock } = this.#node;
    if (replica?.raft.role !== "Leader" || replica.appliedIndex < replica.raft.termStartIndex) return false;
    const now = clock.localMs();
    this.#book.look(replica.raft.currentTerm, now);
    const isHeld = replica.machine.leases.get(node)?.held ?? false;
    if (!isHeld || this.#busy.has(node) || this.#book.isHeard(replica.machine, node, now)) return false;
    this.#callExpired(this.#book.giveUp(replica.machine, node, now), asserted);
    return true;
  }

  #callExpired(expiry: Expiry, asserted: string): void {
    const { worker: node, epoch } = expiry;
    this.#busy.add(node);
    this.#node.tell({ event: "ExpireLease", ...expiry, asserted });
    this.#node.world.stats.failovers += 1;
    this.#submit({ kind: "lease-expire", node, epoch, ...(asserted === "" ? {} : { asserted }) }, () => this.#busy.delete(node));
  }

  /** Starts that nobody confirmed in time. */
  #rollBack({ machine, raft }: Replica, now: number): void {
    const isHeard = (node: string): boolean => this.#book.isHeard(machine, node, now);
    for (const lapse of this.#reservations.lapsed(machine, raft.currentTerm, now, (name) => this.#busy.has(name), isHeard)) {
      const { vm: name, uuid, generation } = lapse;
      this.#busy.add(name);
      this.#node.tell({ event: "LapseReservation", ...lapse });
      this.#node.world.stats.rollbacks += 1;
      this.#submit({ kind: "vm-rollback", name, uuid, generation }, () => this.#busy.delete(name));
    }
  }

  #pay(command: MoveCommand): void {
    const about = command.kind === "worker-admin" ? command.node : command.name;
    if (this.#busy.has(about)) return;
    this.#busy.add(about);
    if (command.kind === "vm-preempt") this.#node.world.stats.preemptions += 1;
    this.#submit(command, () => this.#busy.delete(about));
  }

  /** Once: whoever leads looks again. */
  #submit(command: Command, then: () => void): void {
    const sequence = ++this.#sequence;
    let over = false;
    const finish = (): void => {
      if (!over) then();
      over = true;
    };
    this.#node.ask({ kind: "submit", envelope: { client: this.#client, sequence, acknowledged: 1, command } }, finish);
    this.#node.later(answerWithinMs, finish);
  }
}
