/** Writes traces of the token ring in `spec/`, step by step. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TracedRaftStep } from "../../../src/trace/event.ts";
import { openTraceWriter } from "../../../src/trace/writer.ts";
import type { TraceWriter } from "../../../src/trace/writer-contract.ts";

export const specDirectory = join(import.meta.dirname, "spec");

const state = { term: 1, role: "Follower", lastLogIndex: 0, commitIndex: 0 } as const;

/** The traces of nodes n1, n2, …, whose clocks follow one another as if each step sent a message to all. */
export class RingTrace {
  readonly root = mkdtempSync(join(tmpdir(), "blixard-ring-"));
  readonly #writers = new Map<string, TraceWriter>();
  #clock = 0;

  constructor(nodes = ["n1", "n2"]) {
    for (const node of nodes) {
      const options = { node, name: node, cluster: "ring", incarnation: 1, version: "0.1.0", rotateBytes: 64 << 20, timeMs: 5 };
      this.#writers.set(node, openTraceWriter({ directory: join(this.root, node), ...options }));
    }
  }

  step(node: string, event: TracedRaftStep, commitIndex = 0, group = "meta"): this {
    const writer = this.#writers.get(node)!;
    writer.observe(this.#clock);
    writer.append(group, { ...event, ...state, commitIndex });
    this.#clock = writer.clock;
    return this;
  }

  create(node: string, group = "meta"): this {
    return this.step(node, { event: "Bootstrap", voters: [node] }, 0, group);
  }

  pass(from: string, to: string, group = "meta"): this {
    return this.step(from, { event: "TransferLeadership", to }, 0, group);
  }

  take(node: string, from: string, group = "meta"): this {
    return this.step(node, { event: "HandleTimeoutNowRequest", from, messageTerm: 1 }, 0, group);
  }

  /** Says that the number of rounds is `count`. */
  tell(node: string, count: number): this {
    return this.step(node, { event: "AdvanceCommitIndex" }, count);
  }

  /** Writes all; the directory of the traces. */
  done(): string {
    for (const writer of this.#writers.values()) writer.close();
    return this.root;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
