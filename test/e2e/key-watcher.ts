/** A program that watches keys and never gives up: what breaks off at one node goes on at the next, by index alone. */

import { UserError } from "../../src/errors.ts";
import { connectClient } from "../../src/transport/client.ts";
import { eventually } from "./eventually.ts";
import type { TestNode } from "./test-node.ts";

/** What one entry changed: `key version value`, or `key version gone`. */
export interface Seen {
  readonly index: number;
  readonly changes: readonly string[];
}

export class KeyWatcher {
  readonly seen: Seen[] = [];
  /** Everything under the prefix up to here was seen. */
  reached: number;
  /** How often it had to go to another node, and why. */
  readonly moves: string[] = [];
  readonly #nodes: readonly TestNode[];
  readonly #prefix: string;
  #at: number;
  #stopped = false;
  #close: () => void = () => undefined;
  readonly #work: Promise<void>;

  /** Begins at `first`, after index `since`. */
  constructor(nodes: readonly TestNode[], first: TestNode, prefix: string, since: number) {
    this.#nodes = nodes;
    this.#at = nodes.indexOf(first);
    this.#prefix = prefix;
    this.reached = since;
    this.#work = this.#run();
    this.#work.catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const node = this.#nodes[this.#at % this.#nodes.length] as TestNode;
      const client = connectClient(node.address, { timeoutMs: 5_000 });
      this.#close = () => client.close();
      try {
        for await (const { index, changes } of client.kv.watch({ prefix: this.#prefix, since: this.reached, follow: true })) {
          if (index < this.reached || (changes.length > 0 && index === this.reached)) throw new Error(`index ${index} after ${this.reached}`);
          this.reached = index;
          const told = changes.map(({ key, version, value }) => `${key} ${version} ${value ?? "gone"}`);
          if (told.length > 0) this.seen.push({ index, changes: told });
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.moves.push(`${node.name}: ${error.code}`);
        this.#at += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      } finally {
        client.close();
      }
    }
  }

  /** Returns when everything up to `index` was seen; fails with whatever broke the watcher. */
  async until(index: number, deadlineMs = 60_000): Promise<void> {
    const broken = this.#work.then(() => new Promise<never>(() => undefined));
    const enough = eventually(() => this.reached >= index, deadlineMs, `a watcher that is at ${this.reached} after ${this.moves.join(", ")} reaches ${index}`);
    await Promise.race([enough, broken]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#close();
    await this.#work.catch(() => undefined);
  }
}
