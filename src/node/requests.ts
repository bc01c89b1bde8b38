/**
 * Requests on their way through the log: proposed here if this node leads, else handed to the leader, and tried again
 * while that is safe. A request keeps its place in its client's session, so trying again applies it once (row P6).
 */

import { UserError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { encodeEnvelope } from "../machine/envelope.ts";
import type { Envelope, Reply } from "../machine/commands.ts";
import type { ConfigurationChange } from "../raft/event.ts";
import type { GroupId, NodeId } from "../raft/message.ts";
import { isVmCommand } from "../replica/traced.ts";
import type { Replica } from "../replica/replica.ts";
import type { Attempt, Attempts } from "./attempts.ts";
import type { Clock } from "./loop.ts";

/** What `Requests` needs of the daemon around it. */
export interface Neighbourhood {
  readonly self: NodeId;
  /** Sends a request to another node; the answer to `/submit` is an attempt. */
  ask(leader: NodeId, group: GroupId, question: Question, timeoutMs: number): Promise<Attempt>;
  addressOf(node: NodeId): string | null;
  /** Renews the lease of a worker, if this node leads. */
  renew(node: NodeId, epoch: number, timeoutMs: number): Promise<Attempt>;
  /** Calls the lease of a worker expired by the word of an operator, if this node leads. */
  assertOff(node: NodeId, asserted: string): Promise<Attempt>;
}

/** What one daemon asks of the leader on behalf of a client. */
export type Question =
  | { readonly kind: "submit"; readonly envelope: Envelope }
  | { readonly kind: "read-index" }
  | { readonly kind: "change"; readonly change: ConfigurationChange }
  | { readonly kind: "transfer"; readonly to: NodeId | null }
  | { readonly kind: "renew-lease"; readonly node: NodeId; readonly epoch: number }
  | { readonly kind: "assert-off"; readonly node: NodeId; readonly asserted: string };

const retryPauseMs = 20;

export class Requests {
  readonly #group: GroupId;
  readonly #replica: Replica;
  readonly #attempts: Attempts;
  readonly #clock: Clock;
  readonly #neighbours: Neighbourhood;
  #wake: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(group: GroupId, replica: Replica, attempts: Attempts, clock: Clock, neighbours: Neighbourhood) {
    this.#group = group;
    this.#replica = replica;
    this.#attempts = attempts;
    this.#clock = clock;
    this.#neighbours = neighbours;
  }

  /** Index of the last entry that this node has applied. */
  get appliedIndex(): number {
    return this.#replica.appliedIndex;
  }

  /** Role or leader changed, or entries were applied: those who wait look again. */
  wake(): void {
    for (const resume of this.#wake.splice(0)) resume();
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` at each `wake`, for as long as this lives. */
  onWake(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Waits for the next change of leader or applied index, at most `ms`. */
  nextChange(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, ms));
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * Takes a command through the log and returns its reply, whoever leads. A follower answers when it has applied the entry
   * itself: no read here after the answer misses the write (row P3).
   */
  async submit(envelope: Envelope, timeoutMs: number): Promise<Reply> {
    const deadline = this.#clock() + timeoutMs;
    const attempt = await this.#persist({ kind: "submit", envelope }, timeoutMs, this.#replica.appliedIndex);
    if (attempt.kind !== "replied") throw this.#failure(attempt, timeoutMs);
    const { reply } = attempt;
    // At the deadline the answer goes out all the same: the command was applied, only this node lags.
    while (reply.ok && this.#replica.appliedIndex < reply.index && this.#clock() < deadline) {
      await this.nextChange(deadline - this.#clock());
    }
    return reply;
  }

  /** The same, and throws the refusal. Returns index and value. */
  async execute<Value>(envelope: Envelope, timeoutMs: number): Promise<{ readonly index: number; readonly value: Value }> {
    const reply = await this.submit(envelope, timeoutMs);
    if (!reply.ok) throw this.#error(reply.code, reply.message);
    return { index: reply.index, value: reply.value as Value };
  }

  /** Changes the configuration; returns the index of the committed entry. */
  async change(change: ConfigurationChange, timeoutMs: number): Promise<number> {
    const attempt = await this.#persist({ kind: "change", change }, timeoutMs);
    if (attempt.kind === "changed") return attempt.index;
    throw this.#failure(attempt, timeoutMs);
  }

  async transfer(to: NodeId | null, timeoutMs: number): Promise<NodeId> {
    const attempt = await this.#persist({ kind: "transfer", to }, timeoutMs);
    if (attempt.kind === "transferred") return attempt.leader;
    throw this.#failure(attempt, timeoutMs);
  }

  /** Returns when the local machine has all that was committed before the call (row R3). */
  async linearize(timeoutMs: number): Promise<void> {
    const deadline = this.#clock() + timeoutMs;
    const attempt = await this.#persist({ kind: "read-index" }, timeoutMs);
    if (attempt.kind !== "readable") throw this.#failure(attempt, timeoutMs);
    while (this.#replica.appliedIndex < attempt.index) {
      if (this.#clock() >= deadline) throw this.#failure({ kind: "late" }, timeoutMs);
      await this.nextChange(deadline - this.#clock());
    }
  }

  /** True when the leader has acknowledged the renewal of a worker's lease. Tried once: a later one counts for more. */
  async renewLease(node: NodeId, epoch: number, timeoutMs: number): Promise<boolean> {
    const { leader, role } = this.#replica.raft;
    const question: Question = { kind: "renew-lease", node, epoch };
    if (role !== "Leader" && leader === null) return false;
    const asked = role === "Leader" || leader === null ? this.attemptHere(question, timeoutMs) : this.#neighbours.ask(leader, this.#group, question, timeoutMs);
    const attempt = await asked;
    return attempt.kind === "renewed" && attempt.granted;
  }

  /** An operator says that the machine of a worker is off. Returns when the entry that calls its lease expired was applied. */
  async assertOff(node: NodeId, asserted: string, timeoutMs: number): Promise<Reply> {
    const attempt = await this.#persist({ kind: "assert-off", node, asserted }, timeoutMs);
    if (attempt.kind !== "replied") throw this.#failure(attempt, timeoutMs);
    if (!attempt.reply.ok) throw this.#error(attempt.reply.code, attempt.reply.message);
    return attempt.reply;
  }

  /** One attempt at this node, which should lead. */
  attemptHere(question: Question, timeoutMs: number): Promise<Attempt> {
    switch (question.kind) {
      case "submit": {
        const { envelope } = question;
        const kind = isVmCommand(envelope.command) ? "vm" : "command";
        return new Promise((done) => this.#attempts.propose(kind, encodeEnvelope(envelope), timeoutMs, done));
      }
      case "read-index":
        return new Promise((done) => this.#attempts.read(timeoutMs, done));
      case "change":
        return this.#attempts.change(question.change, timeoutMs);
      case "transfer":
        return this.#attempts.transfer(question.to, timeoutMs);
      case "renew-lease":
        return this.#neighbours.renew(question.node, question.epoch, timeoutMs);
      case "assert-off":
        return this.#neighbours.assertOff(question.node, question.asserted);
    }
  }

  /**
   * Tries until an answer is final or the time is up. `opened`: an index that was applied before the first attempt; with it
   * a command that is tried again is not taken for a new one when its session was displaced meanwhile.
   */
  async #persist(first: Question, timeoutMs: number, opened = 0): Promise<Attempt> {
    let question = first;
    const deadline = this.#clock() + timeoutMs;
    let doubt = false;
    for (;;) {
      const left = deadline - this.#clock();
      if (left <= 0) return doubt ? { kind: "late" } : unheard;
      const { leader, role } = this.#replica.raft;
      let last: Attempt;
      // The core of a follower asks the leader for a read index by itself, once for many readers.
      if (role === "Leader" || (leader !== null && question.kind === "read-index")) last = await this.attemptHere(question, left);
      else if (leader !== null) last = await this.#neighbours.ask(leader, this.#group, question, left);
      else {
        await this.nextChange(Math.min(left, 100));
        continue;
      }
      if (!mayTryAgain(question, last)) return last;
      doubt ||= leavesDoubt(last);
      if (doubt && question.kind === "submit") question = { kind: "submit", envelope: { opened, ...question.envelope } };
      if (deadline - this.#clock() > 0) await this.nextChange(Math.min(retryPauseMs, deadline - this.#clock()));
    }
  }

  #failure(attempt: Attempt, timeoutMs: number): UserError {
    const seconds = (timeoutMs / 1000).toFixed(1);
    if (attempt.kind === "refused") return this.#error(attempt.refusal.code, attempt.refusal.message);
    if (attempt.kind === "late") {
      return this.#error("NO_QUORUM", `no quorum confirmed the request within ${seconds} s; whether it will be applied is not known`);
    }
    return this.#error("OUTCOME_UNKNOWN", "the leader changed while the request was under way; whether it was applied is not known");
  }

  /** The error as this node tells it: where, and who might know better. */
  #error(code: ErrorCode, message: string): UserError {
    const { leader } = this.#replica.raft;
    const address = leader === null ? null : this.#neighbours.addressOf(leader);
    return new UserError(code, message, {
      node: this.#neighbours.self,
      group: this.#group,
      ...(address === null ? {} : { leader: address }),
      ...(code === "NO_LEADER" ? { next: "Is a majority of the cluster up? See `blixard cluster status`." } : {}),
      ...(code === "NO_QUORUM" ? { next: "The same request may be sent again: it is applied once." } : {}),
    });
  }
}

/** Nothing was ever sent to a leader: certainly not applied. */
const unheard: Attempt = {
  kind: "refused",
  refusal: { code: "NO_LEADER", message: "the group has no leader that this node knows of", leader: null },
};

/** True when the request may stand in some log after this attempt. */
function leavesDoubt(attempt: Attempt): boolean {
  if (attempt.kind === "lost") return !attempt.replaced;
  return attempt.kind === "late" || (attempt.kind === "refused" && attempt.refusal.code === "OUTCOME_UNKNOWN");
}

/** A request that is safe to repeat is repeated until it meets a leader that can say something final. */
function mayTryAgain(question: Question, attempt: Attempt): boolean {
  if (attempt.kind === "lost") return question.kind === "submit" || attempt.replaced;
  if (attempt.kind !== "refused") return false;
  const { code } = attempt.refusal;
  return code === "NOT_LEADER" || code === "NO_LEADER" || code === "UNREACHABLE" || (code === "OUTCOME_UNKNOWN" && question.kind === "submit");
}
