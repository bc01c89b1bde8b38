/** A stream of writes by a program, and what must be true of it afterwards: each acknowledged one is there, once. */

import { expect } from "vitest";
import { openSession } from "../../src/transport/session.ts";
import { eventually, within } from "./eventually.ts";
import type { TestNode } from "./test-node.ts";

const lanes = 8;

export interface Acknowledged {
  readonly key: string;
  readonly index: number;
  readonly atMs: number;
}

/**
 * Writes until it is told to stop: every lane puts to keys of its own one after the other (`put-if-absent`: applied twice
 * it would be refused) and counts on one key that all lanes share (applied twice it would count too far).
 */
export class WriteStream {
  readonly acknowledged: Acknowledged[] = [];
  readonly #nodes: readonly TestNode[];
  readonly #session;
  readonly #name: string;
  readonly #work: Promise<unknown>;
  #counted = 0;
  #stopping = false;

  constructor(name: string, nodes: readonly TestNode[]) {
    this.#name = name;
    this.#nodes = nodes;
    this.#session = openSession(
      nodes.map(({ address }) => address),
      { timeoutMs: 60_000 },
    );
    this.#work = Promise.all(Array.from({ length: lanes }, (_, lane) => this.#lane(lane)));
    // Told when it is waited for.
    this.#work.catch(() => undefined);
  }

  async #lane(lane: number): Promise<void> {
    for (let at = 0; !this.#stopping; at++) {
      const key = `/${this.#name}/${lane}/${at}`;
      const [{ index, version }] = await Promise.all([this.#session.putIfAbsent(key, key), this.#session.put(`/${this.#name}-count`, key)]);
      expect(version).toBe(1);
      this.acknowledged.push({ key, index, atMs: performance.now() });
      this.#counted += 1;
    }
  }

  /** Returns when `count` more writes have been acknowledged. */
  async more(count: number, deadlineMs = 90_000): Promise<void> {
    const goal = this.acknowledged.length + count;
    const enough = eventually(() => this.acknowledged.length >= goal, deadlineMs, `${count} more writes are acknowledged`);
    const broken = this.#work.then(() => new Promise<never>(() => undefined));
    await Promise.race([enough, broken]);
  }

  /** Ends the stream; every write must have been acknowledged in the end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await within(this.#work, 90_000, "all writes under way are acknowledged");
    this.#session.close();
  }

  /** Reads all of it back through `node`. */
  async check(node: TestNode): Promise<void> {
    const session = openSession(node.address, { timeoutMs: 60_000 });
    try {
      const { item: count } = await session.get(`/${this.#name}-count`);
      expect(count?.version, "the shared key was written once for each acknowledgement").toBe(this.#counted);
      const found = await Promise.all(this.acknowledged.map(({ key }) => session.get(key, false)));
      for (const [at, { key, index }] of this.acknowledged.entries()) {
        expect(found[at]?.item, `${key} at ${node.name}`).toMatchObject({ value: key, version: 1, createdIndex: index });
      }
    } finally {
      session.close();
    }
  }

  get nodes(): readonly TestNode[] {
    return this.#nodes;
  }
}
