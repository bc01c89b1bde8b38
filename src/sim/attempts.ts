/** Questions that one node is asked: tried here if it leads, else handed to the leader that it knows. */

import { encodeEnvelope } from "../machine/envelope.ts";
import type { Proposal } from "../raft/event.ts";
import { isVmCommand } from "../replica/traced.ts";
import type { SimulatedNode } from "./node.ts";
import type { Attempt, Question } from "./question.ts";

type Done = (attempt: Attempt) => void;

/** Proposals that come within this time go to the core as one batch. */
const gatherMs = 0.2;

export class Attempts {
  readonly #node: SimulatedNode;
  readonly #open = new Map<number, Done>();
  #nextId = 1;
  #proposals: Proposal[] = [];
  #waiters: { readonly index: number; readonly run: () => void }[] = [];

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  /** One attempt at `question`. Questions and answers between nodes carry the logical clock, like messages. */
  ask(question: Question, done: Done): void {
    const node = this.#node;
    const raft = node.replica?.raft;
    if (raft === undefined) return;
    // A follower's core asks the leader for a read index by itself.
    if (raft.role === "Leader" || question.kind === "read-index") return this.#attempt(question, done);
    const { leader } = raft;
    if (leader === null) return done({ kind: "refused", refusal: { code: "NO_LEADER", message: "no leader is known", leader: null } });
    const { network, nodes } = node.world;
    const askedAt = node.traceClock;
    network.carry(node.id, leader, () => {
      nodes.get(leader)?.asked(question, askedAt, (attempt, answeredAt) => {
        network.carry(leader, node.id, () => node.enter(() => {
          node.observe(answeredAt);
          done(attempt);
        }));
      });
    });
  }

  /** A question that another node handed on. */
  asked(question: Question, done: (attempt: Attempt, clock: number) => void): void {
    this.#attempt(question, (attempt) => done(attempt, this.#node.traceClock));
  }

  /** The core has answered. */
  settle(id: number, attempt: Attempt): void {
    const done = this.#open.get(id);
    this.#open.delete(id);
    done?.(attempt);
  }

  /** Runs `run` once the machine is at `index`. */
  whenApplied(index: number, run: () => void): void {
    if ((this.#node.replica?.appliedIndex ?? 0) >= index) run();
    else this.#waiters.push({ index, run });
  }

  /** The machine is at `index` now. */
  applied(index: number): void {
    const ready = this.#waiters.filter((waiter) => waiter.index <= index);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.index > index);
    for (const waiter of ready) waiter.run();
  }

  #attempt(question: Question, done: Done): void {
    if (question.kind === "renew-lease") {
      return this.#node.parts?.leases?.renewal(question.node, question.epoch, (confirmed) => this.#attempt({ kind: "read-index" }, confirmed), done);
    }
    const id = this.#nextId++;
    this.#open.set(id, done);
    const node = this.#node;
    switch (question.kind) {
      case "submit": {
        const { envelope } = question;
        this.#proposals.push({ id, kind: isVmCommand(envelope.command) ? "vm" : "command", payload: encodeEnvelope(envelope) });
        if (this.#proposals.length === 1) node.later(gatherMs, () => this.#gather());
        return;
      }
      case "read-index":
        return node.handle({ kind: "read", ids: [id] });
      case "change":
        return node.handle({ kind: "change", id, change: question.change, timeMs: node.clock.wallMs() });
      case "transfer":
        return node.handle({ kind: "transfer", id, to: question.to });
    }
  }

  #gather(): void {
    this.#node.handle({ kind: "propose", proposals: this.#proposals.splice(0), timeMs: this.#node.clock.wallMs() });
  }
}
