/**
 * Invocations and returns of one key's operations in order of time, as a list from which an operation can be lifted and
 * into which it can be put back in constant time (Lowe, "Testing for linearizability", 2017, section 3; Porcupine).
 */

import type { KeyOperation } from "./linear-key-history.ts";

/** Front of the list; 0 marks its end too. */
const front = 0;

export class Timeline {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By entry: the number of the operation, negative for a return: -1 - operation. */
  readonly #entries: Int32Array;
  readonly #invocation: Int32Array;
  /** By operation; `front` when it never returned. */
  readonly #return: Int32Array;

  constructor(operations: readonly KeyOperation[]) {
    const entries = inTime(operations);
    const size = entries.length + 1;
    this.#entries = Int32Array.from([0].concat(entries));
    this.#next = Int32Array.from({ length: size }, (_, at) => (at + 1) % size);
    this.#previous = Int32Array.from({ length: size }, (_, at) => (at + size - 1) % size);
    this.#invocation = new Int32Array(operations.length);
    this.#return = new Int32Array(operations.length);
    for (let at = 1; at < size; at += 1) {
      const entry = this.#entries[at] as number;
      if (entry >= 0) this.#invocation[entry] = at;
      else this.#return[-1 - entry] = at;
    }
  }

  /** Calls `visit` with the operations that may come next: those invoked before the first return of one that is left. */
  available(visit: (operation: number) => void): void {
    for (let at = this.#next[front] as number; at !== front; at = this.#next[at] as number) {
      const entry = this.#entries[at] as number;
      if (entry < 0) return;
      visit(entry);
    }
  }

  lift(operation: number): void {
    this.#unlink(this.#invocation[operation] as number);
    const returned = this.#return[operation] as number;
    if (returned !== front) this.#unlink(returned);
  }

  /** Undoes the latest `lift` that is not undone yet. */
  putBack(operation: number): void {
    const returned = this.#return[operation] as number;
    if (returned !== front) this.#link(returned);
    this.#link(this.#invocation[operation] as number);
  }

  #unlink(at: number): void {
    const next = this.#next[at] as number;
    const previous = this.#previous[at] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #link(at: number): void {
    this.#next[this.#previous[at] as number] = at;
    this.#previous[this.#next[at] as number] = at;
  }
}

/** At one instant invocations come first: operations that only touch are concurrent, for clocks are coarse. */
function inTime(operations: readonly KeyOperation[]): number[] {
  const events: { readonly time: number; readonly entry: number }[] = [];
  operations.forEach(({ source }, number) => {
    events.push({ time: source.invokedAt, entry: number });
    if (source.returnedAt !== null) events.push({ time: source.returnedAt, entry: -1 - number });
  });
  events.sort((a, b) => a.time - b.time || Math.sign(b.entry + 0.5) - Math.sign(a.entry + 0.5));
  return events.map(({ entry }) => entry);
}
