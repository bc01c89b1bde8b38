/** The session of a daemon's own commands: each is submitted once, and forgotten by the machine when it is answered. */

import { randomUUID } from "node:crypto";
import type { Command, Reply } from "../machine/commands.ts";
import type { Requests } from "./requests.ts";

export class OwnSession {
  readonly #requests: Requests;
  readonly #client = randomUUID();
  readonly #open = new Set<number>();
  #sequence = 0;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** The reply, by the time this node has applied the entry. Throws `UserError` when nobody knows within the time. */
  async submit(command: Command, timeoutMs: number): Promise<Reply> {
    const sequence = ++this.#sequence;
    this.#open.add(sequence);
    try {
      const acknowledged = Math.min(...this.#open);
      return await this.#requests.submit({ client: this.#client, sequence, acknowledged, command }, timeoutMs);
    } finally {
      this.#open.delete(sequence);
    }
  }
}
