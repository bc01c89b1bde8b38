/** How far long work is: one line that is written over at a terminal, a line now and then elsewhere. On stderr. */

import { printable } from "./printable.ts";
import { formatBytes } from "./size.ts";

interface ErrorStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const terminalPauseMs = 100;
const filePauseMs = 2_000;

export class Progress {
  readonly #stream: ErrorStream;
  readonly #now: () => number;
  #saidAtMs = 0;
  #step = "";
  #open = false;

  constructor(stream: ErrorStream = process.stderr, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** `step` names what is being done, `state` how far it is. What is done soon is told of at a terminal only. */
  show(step: string, state: string): void {
    const terminal = this.#stream.isTTY === true;
    const isNew = step !== this.#step;
    if (isNew) this.#begin(step);
    if (!(isNew && terminal) && this.#now() - this.#saidAtMs < (terminal ? terminalPauseMs : filePauseMs)) return;
    this.#say(step, state, terminal);
  }

  /** The last word of a step is told in any case. */
  done(step: string, state: string): void {
    if (step !== this.#step) this.#begin(step);
    this.#say(step, state, this.#stream.isTTY === true);
    this.end();
  }

  #begin(step: string): void {
    this.end();
    this.#step = step;
    this.#saidAtMs = this.#now();
  }

  #say(step: string, state: string, terminal: boolean): void {
    this.#saidAtMs = this.#now();
    const line = printable(`${step}: ${state}`);
    // Back to the first column, and what stood behind is wiped out (ECMA-48: EL).
    this.#stream.write(terminal ? `\r${line}\u001b[K` : `${line}\n`);
    this.#open = terminal;
  }

  /** The line stays as it is; what comes next begins a new one. */
  end(): void {
    if (this.#open) this.#stream.write("\n");
    this.#open = false;
    this.#step = "";
  }
}

/** `40 % of 12.3 MiB`. */
export function shareDone(bytes: number, total: number): string {
  return `${Math.floor((bytes / Math.max(1, total)) * 100)} % of ${formatBytes(total)}`;
}
