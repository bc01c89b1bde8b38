/**
 * A trace writer that writes nothing, for one measurement: it takes the place of the product's in a copy of the program, see
 * `tracing.ts`. The product has no such switch. Clocks count as they should, since messages carry them.
 */

import type { TraceEvent } from "../src/trace/event.ts";
import type { TraceWriter } from "../src/trace/writer-contract.ts";

class SilentTraceWriter implements TraceWriter {
  #clock = 1;

  get clock(): number {
    return this.#clock;
  }

  observe(clock: number): void {
    if (clock > this.#clock) this.#clock = clock;
  }

  append(_group: string, _event: TraceEvent): void {
    this.#clock++;
  }

  flush(): void {}

  close(): void {}
}

export function openTraceWriter(): TraceWriter {
  return new SilentTraceWriter();
}
