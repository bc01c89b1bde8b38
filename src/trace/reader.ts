import type { TraceLine } from "./event.ts";
import { LineFile } from "./line-file.ts";
import { NodeOrder } from "./node-order.ts";
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

/** Gives lines of one node, in the order in which it wrote them. */
export interface LineSource {
  /** The next line, undefined at the end. */
  next(): PlacedLine | undefined;
  close(): void;
}

/** The lines of one node from its files. What the node promises about them is checked on the way, see `NodeOrder`. */
export class NodeReader implements LineSource {
  readonly #trace: NodeTrace;
  readonly #options: ReaderOptions;
  #file: LineFile | undefined;
  readonly #order: NodeOrder;
  #nextFile = 0;

  constructor(trace: NodeTrace, options: ReaderOptions) {
    this.#trace = trace;
    this.#options = options;
    this.#order = new NodeOrder(trace.node);
  }

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
      this.#order.check(line, file.path, file.number);
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
}
