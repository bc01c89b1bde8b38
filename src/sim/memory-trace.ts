/** A node's trace in memory, stamped like the trace on disk. Lines that were not flushed go with a crash. */

import { createHash } from "node:crypto";
import type { TraceEvent, TraceLine } from "../trace/event.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";

/** What the header of each incarnation says. */
export interface TraceOwner {
  readonly node: string;
  readonly name: string;
  readonly cluster: string;
}

/** Characters; many lines at once cost little more than one. */
const hashedAtOnce = 16_384;

export class MemoryTrace {
  /** Lines that survive a crash, as far as nobody took them away. */
  lines: TraceLine[] = [];
  /** How many there ever were. */
  written = 0;
  readonly #owner: TraceOwner;
  readonly #hash = createHash("sha256");
  #unhashed = "";
  #last: TraceLine | undefined;

  constructor(owner: TraceOwner) {
    this.#owner = owner;
  }

  #keep(line: TraceLine): void {
    this.lines.push(line);
    this.written += 1;
    this.#last = line;
    this.#unhashed += `${JSON.stringify(line)}\n`;
    if (this.#unhashed.length > hashedAtOnce) this.#hashAll();
  }

  #hashAll(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = "";
  }

  /** Takes the lines so far away. */
  drain(): readonly TraceLine[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  /** Of all lines there ever were. */
  get hash(): string {
    this.#hashAll();
    return this.#hash.copy().digest("hex");
  }

  /** Begins a new incarnation: `seq` and `clock` go on from the last line. */
  open(incarnation: number, timeMs: number, retell: (event: TraceEvent) => TraceEvent): TraceWriter {
    const { node, name, cluster } = this.#owner;
    const last = this.#last;
    let clock = (last?.clock ?? 0) + 1;
    let seq = (last?.seq ?? 0) + 1;
    this.#keep({
      group: "node", node, incarnation, seq, clock, event: "Header", schema: 1, name, cluster, version: "simulated", timeMs,
    });
    let waiting: { group: string; clock: number; event: TraceEvent }[] = [];
    const keep = (line: TraceLine): void => this.#keep(line);
    return {
      get clock() {
        return clock;
      },
      observe(other) {
        if (other > clock) clock = other;
      },
      append(group, event) {
        clock += 1;
        waiting.push({ group, clock, event: retell(event) });
      },
      flush() {
        for (const line of waiting) {
          seq += 1;
          keep({ group: line.group, node, incarnation, seq, clock: line.clock, ...line.event });
        }
        waiting = [];
      },
      close() {
        waiting = [];
      },
    };
  }
}

/** The lines of all nodes, merged by (clock, node): an order in which every message is sent before it is received. */
export function mergedLines(traces: readonly (readonly TraceLine[])[]): TraceLine[] {
  return traces.flat().sort((a, b) => a.clock - b.clock || (a.node < b.node ? -1 : a.node > b.node ? 1 : a.seq - b.seq));
}

/** Equal for equal traces of all nodes. */
export function traceHash(hashes: readonly string[]): string {
  return createHash("sha256").update(hashes.join("\n")).digest("hex").slice(0, 32);
}
