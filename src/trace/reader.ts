import type { TraceHeader, TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";
import { LineFile } from "./line-file.ts";
import { parseLine } from "./parse-line.ts";
import { type NodeTrace, tornTail } from "./trace-files.ts";

/** A line and where it stands. */
export interface PlacedLine {
  readonly line: TraceLine;
  readonly file: string;
  /** Counted from 1. */
  readonly number: number;
}

export interface ReaderOptions {
  /** Check every line against the schema. */
  readonly schema: boolean;
  /** Pass over a last line that was cut off, with a warning. */
  readonly allowTorn: boolean;
  readonly warn: (text: string) => void;
}

/**
 * The lines of one node in the order in which it wrote them. What the node promises about them is checked on the way:
 * each file begins with a header and is of this node and one incarnation; `seq` counts from 1 without a gap, across
 * files; `clock` grows.
 */
export class NodeReader {
  readonly node: string;
  readonly #trace: NodeTrace;
  readonly #options: ReaderOptions;
  #file: LineFile | undefined;
  #header: TraceHeader | undefined;
  #nextFile = 0;
  #seq = 0;
  #clock = 0;

  constructor(trace: NodeTrace, options: ReaderOptions) {
    this.node = trace.node;
    this.#trace = trace;
    this.#options = options;
  }

  /** The next line, undefined at the end. */
  next(): PlacedLine | undefined {
    for (;;) {
      const file = this.#file;
      if (file === undefined) {
        if (!this.#open()) return undefined;
        continue;
      }
      const text = file.next();
      if (text === undefined) {
        this.#finish(file);
        continue;
      }
      const line = parseLine(text, file.path, file.number, this.#options.schema);
      this.#check(line, file);
      this.#seq = line.seq;
      this.#clock = line.clock;
      return { line, file: file.path, number: file.number };
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#nextFile = this.#trace.files.length;
  }

  #open(): boolean {
    const next = this.#trace.files[this.#nextFile];
    if (next === undefined) return false;
    this.#nextFile++;
    this.#header = next.header;
    this.#file = new LineFile(next.path);
    return true;
  }

  #finish(file: LineFile): void {
    this.#file = undefined;
    if (file.tornBytes === 0) return;
    const fault = tornTail(file.path, file.number + 1, file.tornBytes);
    if (!this.#options.allowTorn) throw fault;
    this.#options.warn(fault.message);
  }

  #check(line: TraceLine, file: LineFile): void {
    const refuse = (what: string): never => {
      throw new TraceFault("TRACE_INVALID", file.path, file.number, what);
    };
    if (line.node !== this.node) refuse(`the line is of node ${line.node}, the file is of node ${this.node}`);
    if (line.incarnation !== this.#header?.incarnation) {
      refuse(`the line is of incarnation ${line.incarnation}, the file is of incarnation ${this.#header?.incarnation}`);
    }
    if ((line.event === "Header") !== (file.number === 1)) {
      refuse(file.number === 1 ? "the first line must be a Header" : "a Header may only be the first line");
    }
    if ((line.event === "Header") !== (line.group === "node")) refuse(`a ${line.event} line cannot be of group ${line.group}`);
    if (line.seq !== this.#seq + 1) throw this.#gap(line.seq, file);
    if (line.clock <= this.#clock) refuse(`the clock must grow, but ${line.clock} follows ${this.#clock}`);
  }

  #gap(found: number, file: LineFile): TraceFault {
    const expected = this.#seq + 1;
    const what =
      found > expected
        ? `${found - expected} of the node's lines are missing: expected seq ${expected}, found ${found}`
        : `lines are repeated or out of order: expected seq ${expected}, found ${found}`;
    return new TraceFault("TRACE_GAP", file.path, file.number, what, "Check that every file of the node is there, and each only once.");
  }
}
