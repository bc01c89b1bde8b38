/** The session by which a simulated node takes commands of its own through the log. */

import type { Command, Envelope } from "../machine/commands.ts";
import type { SimulatedNode } from "./node.ts";

const retryMs = 500;
const attemptTimeoutMs = 1_000;

export class OwnSession {
  readonly #node: SimulatedNode;
  readonly #client: string;
  #sequence = 0;
  #stopped = false;

  constructor(node: SimulatedNode, what: string) {
    this.#node = node;
    this.#client = `${what}-${node.member.name}-${node.incarnation}`;
  }

  stop(): void {
    this.#stopped = true;
  }

  submit(command: Command, done: () => void): void {
    this.#try({ client: this.#client, sequence: ++this.#sequence, acknowledged: 1, command }, done);
  }

  /** Tries until somebody says something final. */
  #try(envelope: Envelope, done: () => void): void {
    if (this.#stopped) return;
    let answered = false;
    this.#node.ask({ kind: "submit", envelope }, (attempt) => {
      if (answered || this.#stopped) return;
      answered = true;
      // The reply may come from a leader that is ahead of this node: what is owed shows once it is applied here too.
      if (attempt.kind === "replied") return this.#node.whenApplied(attempt.reply.index, done);
      this.#node.later(retryMs, () => this.#try(envelope, done));
    });
    this.#node.later(attemptTimeoutMs, () => {
      if (answered) return;
      answered = true;
      this.#try(envelope, done);
    });
  }
}
