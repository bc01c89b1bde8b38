/** A writer that does not wait for answers, so that a time in which nobody can write is seen whole. */

import { randomUUID } from "node:crypto";
import { Http2Connection } from "./http2-connection.ts";
import { blixardPut, blixardPutPath, etcdPut, etcdPutPath } from "./messages.ts";

export type System = "etcd" | "blixard";

const paceMs = 2;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Writes at a steady pace through one node, and notes when each answer came. */
export class SteadyWriter {
  readonly answered: number[] = [];
  private readonly connection: Http2Connection;
  private readonly timer: NodeJS.Timeout;
  private count = 0;

  constructor(system: System, port: number) {
    this.connection = new Http2Connection(port, system === "etcd" ? etcdPutPath : blixardPutPath, (reason) => {
      throw new Error(`the node that should live on hung up: ${reason}`);
    });
    this.timer = setInterval(() => this.write(system), paceMs);
  }

  private write(system: System): void {
    const key = `/steady/${this.count++ % 100}`;
    const message = system === "etcd" ? etcdPut(key, "x".repeat(256)) : blixardPut(randomUUID(), 1, key, "x".repeat(256));
    this.connection.call(message, (answer) => {
      if (answer !== undefined) this.answered.push(performance.now());
    });
  }

  close(): void {
    clearInterval(this.timer);
    this.connection.close();
  }
}

/** The longest time without an answer from `since` on, milliseconds. */
export function longestGap(answered: readonly number[], since: number): number {
  const after = [since, ...answered.filter((time) => time > since)];
  if (after.length < 2) throw new Error("no write was answered any more");
  return Math.max(...after.slice(1).map((time, at) => time - (after[at] as number)));
}

