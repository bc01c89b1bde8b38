import type { TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";

/**
 * What a node promises about the order of its lines: each file begins with a header and is of this node and one
 * incarnation, which never goes back; `seq` counts from 1 without a gap, across files; `clock` grows.
 */
export class NodeOrder {
  readonly #node: string;
  #incarnation = 0;
  #seq = 0;
  #clock = 0;

  constructor(node: string) {
    this.#node = node;
  }

  /**
   * Takes the next line, the `number`-th of `file`; throws a `TraceFault` when it cannot be the next. `begins`: whether a
   * header must stand here.
   */
  check(line: TraceLine, file: string, number: number, begins = number === 1): void {
    const refuse = (what: string): never => {
      throw new TraceFault("TRACE_INVALID", file, number, what);
    };
    const header = line.event === "Header";
    if (line.node !== this.#node) refuse(`the line is of node ${line.node}, the file is of node ${this.#node}`);
    if (header !== begins) refuse(header ? "a Header may only be the first line" : `the first line must be a Header, this is ${line.event}`);
    if (header !== (line.group === "node")) refuse(`a ${line.event} line cannot be of group ${line.group}`);
    if (header && line.incarnation >= this.#incarnation) this.#incarnation = line.incarnation;
    if (line.incarnation !== this.#incarnation) refuse(`the line is of incarnation ${line.incarnation}, after lines of incarnation ${this.#incarnation}`);
    if (line.seq !== this.#seq + 1) throw this.#gap(line.seq, file, number);
    if (line.clock <= this.#clock) refuse(`the clock must grow, but ${line.clock} follows ${this.#clock}`);
    this.#seq = line.seq;
    this.#clock = line.clock;
  }

  #gap(found: number, file: string, number: number): TraceFault {
    const expected = this.#seq + 1;
    const what =
      found > expected
        ? `${found - expected} of the node's lines are missing: expected seq ${expected}, found ${found}`
        : `lines are repeated or out of order: expected seq ${expected}, found ${found}`;
    return new TraceFault("TRACE_GAP", file, number, what, "Check that every file of the node is there, and each only once.");
  }
}
