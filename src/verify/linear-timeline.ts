/**
 * Invocations and returns of one key's operations in order of time, as lists from which an operation can be lifted and
 * into which it can be put back in constant time (Lowe, "Testing for linearizability", 2017, section 3; Porcupine).
 * Operations that never returned stand in a list of their own, for many of them are passed over for long.
 */

import type { KeyOperation } from "./linear-key-history.ts";

/** Of both lists: the place before the first and behind the last. */
const front = 0;

interface Event {
  readonly time: number;
  /** The operation; of a return -1 - operation. */
  readonly entry: number;
}

export class Timeline {
  readonly #answered: LinkedEvents;
  readonly #unknown: LinkedEvents;

  constructor(operations: readonly KeyOperation[]) {
    const answered: Event[] = [];
    const unknown: Event[] = [];
    operations.forEach(({ source: { invokedAt, returnedAt } }, number) => {
      const invocation = { time: invokedAt, entry: number };
      if (returnedAt === null) unknown.push(invocation);
      else answered.push(invocation, { time: returnedAt, entry: -1 - number });
    });
    this.#answered = new LinkedEvents(answered, operations.length);
    this.#unknown = new LinkedEvents(unknown, operations.length);
  }

  /** Calls `visit` with the answered operations that may come next: invoked before the first return that is left. */
  available(visit: (operation: number) => void): void {
    this.#answered.eachUntilReturn(Number.POSITIVE_INFINITY, visit);
  }

  /** The same of those that never returned. */
  underWay(visit: (operation: number) => void): void {
    this.#unknown.eachUntilReturn(this.#answered.firstReturn(), visit);
  }

  lift(operation: number, isAnswered: boolean): void {
    (isAnswered ? this.#answered : this.#unknown).lift(operation);
  }

  /** Undoes the latest `lift` that is not undone yet. */
  putBack(operation: number, isAnswered: boolean): void {
    (isAnswered ? this.#answered : this.#unknown).putBack(operation);
  }
}

class LinkedEvents {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #entries: Int32Array;
  readonly #times: Float64Array;
  /** By operation; `front` when it is not in the list. */
  readonly #invocation: Int32Array;
  readonly #return: Int32Array;

  /** At one instant invocations come first: operations that only touch are concurrent, for clocks are coarse. */
  constructor(events: Event[], operations: number) {
    events.sort((a, b) => a.time - b.time || Math.sign(b.entry + 0.5) - Math.sign(a.entry + 0.5));
    const size = events.length + 1;
    this.#next = Int32Array.from({ length: size }, (_, at) => (at + 1) % size);
    this.#previous = Int32Array.from({ length: size }, (_, at) => (at + size - 1) % size);
    this.#entries = new Int32Array(size);
    this.#times = new Float64Array(size);
    this.#invocation = new Int32Array(operations);
    this.#return = new Int32Array(operations);
    events.forEach(({ time, entry }, before) => {
      const at = before + 1;
      this.#entries[at] = entry;
      this.#times[at] = time;
      if (entry >= 0) this.#invocation[entry] = at;
      else this.#return[-1 - entry] = at;
    });
  }

  eachUntilReturn(end: number, visit: (operation: number) => void): void {
    for (let at = this.#next[front] as number; at !== front; at = this.#next[at] as number) {
      const entry = this.#entries[at] as number;
      if (entry < 0 || (this.#times[at] as number) > end) return;
      visit(entry);
    }
  }

  firstReturn(): number {
    let at = this.#next[front] as number;
    while (at !== front && (this.#entries[at] as number) >= 0) at = this.#next[at] as number;
    return at === front ? Number.POSITIVE_INFINITY : (this.#times[at] as number);
  }

  lift(operation: number): void {
    this.#unlink(this.#invocation[operation] as number);
    const returned = this.#return[operation] as number;
    if (returned !== front) this.#unlink(returned);
  }

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
