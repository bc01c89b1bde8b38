/** The trace of a node whose cluster may be recovered: each epoch is a run of its own, hence a group of its own. */

import type { TraceEvent } from "./event.ts";
import type { TraceWriter } from "./writer-contract.ts";

/** Name under which the trace has the lines of `group` in `epoch`. */
export function groupInEpoch(group: string, epoch: number): string {
  return epoch === 1 ? group : `${group}-epoch-${epoch}`;
}

export class EpochTrace implements TraceWriter {
  readonly #lines: TraceWriter;
  readonly #names = new Map<string, string>();
  #epoch: number;

  constructor(lines: TraceWriter, epoch: number) {
    this.#lines = lines;
    this.#epoch = epoch;
  }

  get clock(): number {
    return this.#lines.clock;
  }

  /** What follows belongs to the run of `epoch`: the node has joined a cluster that is in it. */
  enter(epoch: number): void {
    this.#epoch = epoch;
    this.#names.clear();
  }

  observe(clock: number): void {
    this.#lines.observe(clock);
  }

  append(group: string, event: TraceEvent): void {
    let name = this.#names.get(group);
    if (name === undefined) this.#names.set(group, (name = groupInEpoch(group, this.#epoch)));
    this.#lines.append(name, event);
  }

  flush(): void {
    this.#lines.flush();
  }

  close(): void {
    this.#lines.close();
  }
}
