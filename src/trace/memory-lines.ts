import type { TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";
import { NodeOrder } from "./node-order.ts";
import type { LineSource, PlacedLine } from "./reader.ts";
import { lineProblem } from "./schema.ts";

/**
 * The lines of one node from memory, as a simulation has them: held to the same schema and the same order as files. Each
 * header begins what would be a file, named `<node>/<incarnation>`.
 */
export class MemoryLines implements LineSource {
  readonly #lines: readonly TraceLine[];
  readonly #order: NodeOrder;
  #at = 0;
  #file = "";
  #number = 0;

  constructor(node: string, lines: readonly TraceLine[]) {
    this.#lines = lines;
    this.#order = new NodeOrder(node);
  }

  next(): PlacedLine | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined) return undefined;
    this.#at++;
    if (line.event === "Header") {
      this.#file = `${line.node}/${line.incarnation}`;
      this.#number = 0;
    }
    this.#number++;
    const problem = lineProblem(line);
    if (problem !== null) throw new TraceFault("TRACE_INVALID", this.#file, this.#number, problem);
    this.#order.check(line, this.#file, this.#number);
    return { line, file: this.#file, number: this.#number };
  }

  close(): void {
    this.#at = this.#lines.length;
  }
}
