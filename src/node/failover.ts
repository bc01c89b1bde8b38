/**
 * The leader's duties towards workers (rows W5, W6, W9): it acknowledges renewals of leases, calls those expired that were
 * not renewed, and gives their VMs to others. What to do when is decided by `LeaseBook`; whoever leads next goes on.
 */

import { UserError } from "../errors.ts";
import type { Expiry, LeaseBook } from "../machine/lease-book.ts";
import type { Lapse, ReservationBook } from "../machine/reservation-book.ts";
import { movesOwed } from "../machine/migration.ts";
import type { MoveCommand } from "../machine/migration.ts";
import type { Reply } from "../machine/commands.ts";
import type { NodeId, VmRecord } from "../machine/records.ts";
import type { Replica } from "../replica/replica.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import type { Attempt } from "./attempts.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./loop.ts";
import { OwnSession } from "./own-session.ts";
import type { Requests } from "./requests.ts";

export interface FailoverOptions {
  readonly replica: Replica;
  readonly requests: Requests;
  readonly book: LeaseBook;
  readonly reservations: ReservationBook;
  readonly trace: (step: TracedClusterStep) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const submitTimeoutMs = 5_000;
/** A VM for which there is no room is looked at again after this long. */
const noRoomPauseMs = 2_000;

export class Failover {
  readonly #options: FailoverOptions;
  readonly #session: OwnSession;
  /** Workers and VMs that are being dealt with. */
  readonly #busy = new Set<string>();

  constructor(options: FailoverOptions) {
    this.#options = options;
    this.#session = new OwnSession(options.requests);
  }

  /** What is looked at again and again. */
  keepHouse(): void {
    const { replica, book, clock } = this.#options;
    if (replica.raft.role !== "Leader") return;
    const now = clock();
    book.look(replica.raft.currentTerm, now);
    // A leader that has committed nothing of its term may know of leases that are no more.
    if (replica.appliedIndex < replica.raft.termStartIndex) return;
    for (const expiry of book.expiries(replica.machine, now, (node) => this.#busy.has(node))) this.#expire(expiry);
    const { reservations } = this.#options;
    const isHeard = (node: NodeId): boolean => book.isHeard(replica.machine, node, now);
    const lapsed = reservations.lapsed(replica.machine, replica.raft.currentTerm, now, (name) => this.#busy.has(name), isHeard);
    for (const lapse of lapsed) this.#rollBack(lapse);
    for (const vm of book.moves(replica.machine, now, (name) => this.#busy.has(name))) this.#move(vm);
    for (const command of movesOwed(replica.machine)) this.#pay(command);
  }

  /** A worker asks for a renewal, here because this node should lead. */
  async renew(node: NodeId, epoch: number, timeoutMs: number): Promise<Attempt> {
    const { replica, requests, book, clock } = this.#options;
    const { raft } = replica;
    const notLeading: Attempt = { kind: "refused", refusal: { code: "NOT_LEADER", message: "this node does not lead", leader: raft.leader } };
    const term = raft.currentTerm;
    if (raft.role !== "Leader") return notLeading;
    const receivedMs = clock();
    book.look(term, receivedMs);
    const confirmed = await requests.attemptHere({ kind: "read-index" }, timeoutMs);
    if (confirmed.kind !== "readable") return confirmed;
    if (raft.role !== "Leader" || raft.currentTerm !== term) return notLeading;
    book.look(term, clock());
    return { kind: "renewed", granted: book.acknowledge(replica.machine, node, epoch, receivedMs) };
  }

  /**
   * An operator says that the machine of a worker is off (row W8): its lease is called expired without waiting. Refused
   * while it renews: what renews is not off.
   */
  async assertOff(node: NodeId, asserted: string): Promise<Attempt> {
    const { replica, book, clock } = this.#options;
    const { raft, machine } = replica;
    const name = machine.workers.get(node)?.name ?? node;
    if (raft.role !== "Leader" || replica.appliedIndex < raft.termStartIndex) {
      return { kind: "refused", refusal: { code: "NOT_LEADER", message: "this node does not lead", leader: raft.leader } };
    }
    const now = clock();
    book.look(raft.currentTerm, now);
    const lease = machine.leases.get(node);
    const refused = (message: string): Attempt => ({ kind: "replied", reply: { ok: false, index: 0, code: "WRONG_STATE", message } });
    if (lease === undefined) return refused(`worker ${name} never had a lease, so nothing waits for it`);
    if (!lease.held) return { kind: "replied", reply: { ok: true, index: replica.appliedIndex, value: { epoch: lease.epoch } } };
    const silentMs = Math.round(book.silentMs(machine, node, now));
    if (book.isHeard(machine, node, now)) {
      return refused(`worker ${name} is not off: it was heard ${silentMs} ms ago, or this leader began no longer ago than that`);
    }
    this.#busy.add(node);
    try {
      return { kind: "replied", reply: await this.#callExpired(book.giveUp(machine, node, now), asserted) };
    } finally {
      this.#busy.delete(node);
    }
  }

  #expire(expiry: Expiry): void {
    this.#take(expiry.worker, () => this.#callExpired(expiry, ""));
  }

  async #callExpired(expiry: Expiry, asserted: string): Promise<Reply> {
    const { worker: node, epoch, silentMs } = expiry;
    const { trace, log } = this.#options;
    trace({ event: "ExpireLease", ...expiry, asserted });
    log.warn("a worker failed: its VMs go to others", { worker: node, epoch, silentMs, ...(asserted === "" ? {} : { asserted }) });
    return this.#session.submit({ kind: "lease-expire", node, epoch, ...(asserted === "" ? {} : { asserted }) }, submitTimeoutMs);
  }

  #rollBack(lapse: Lapse): void {
    const { trace, log } = this.#options;
    const { vm: name, uuid, generation } = lapse;
    this.#take(name, async () => {
      trace({ event: "LapseReservation", ...lapse });
      log.warn("nobody confirmed the start of a VM in time: it is taken back", { vm: name, generation, waitedMs: lapse.waitedMs });
      await this.#session.submit({ kind: "vm-rollback", name, uuid, generation }, submitTimeoutMs);
    });
  }

  #move({ spec: { name }, uuid, owner: from, generation }: VmRecord): void {
    const { requests, log } = this.#options;
    this.#take(name, async () => {
      const reply = await this.#session.submit({ kind: "vm-reassign", name, uuid, from, generation }, submitTimeoutMs);
      if (reply.ok) return log.info("a VM moves to another worker", { vm: name, from });
      log.warn("a VM has no place yet", { vm: name, from, code: reply.code, reason: reply.message });
      const until = this.#options.clock() + noRoomPauseMs;
      while (this.#options.clock() < until) await requests.nextChange(noRoomPauseMs);
    });
  }

  /** A step of a move or a drain. What is refused is looked at again: the state has changed meanwhile. */
  #pay(command: MoveCommand): void {
    const about = command.kind === "worker-admin" ? command.node : command.name;
    if (this.#busy.has(about)) return;
    this.#take(about, async () => {
      const reply = await this.#session.submit(command, submitTimeoutMs);
      if (!reply.ok) this.#options.log.info("a step of a move was refused", { about, code: reply.code, reason: reply.message });
    });
  }

  #take(name: string, work: () => Promise<unknown>): void {
    this.#busy.add(name);
    work()
      .catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        this.#options.log.debug("not done yet, and tried again", { about: name, error: error.message });
      })
      .finally(() => this.#busy.delete(name));
  }
}
