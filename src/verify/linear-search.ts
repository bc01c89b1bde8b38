/**
 * Looks for an order of one key's operations that agrees with real time and in which every answer is right: the
 * algorithm of Wing and Gong (1993) with Lowe's memory of where it has been (2017), as in Porcupine.
 */

import { present } from "../assert.ts";
import type { KeyHistory, KeyOperation } from "./linear-key-history.ts";
import { advance, initialState, type KeyState } from "./linear-model.ts";
import { Timeline } from "./linear-timeline.ts";
import { PlacedSet, Visited } from "./linear-visited.ts";

export interface SearchBounds {
  /** Operations that are tried at one key, over all orders. */
  readonly stepsBound: number;
  /** Bytes for the memory of where the search has been, of one key. */
  readonly memoryBound: number;
}

export interface SearchOutcome {
  readonly kind: "linearizable" | "violated" | "undecided";
  /** The order that was found; else the one that came furthest. An unknown operation that is not in it never happened. */
  readonly order: readonly KeyOperation[];
  /** After that order. */
  readonly state: KeyState;
  readonly steps: number;
  /** Which bound was met; of an undecided one only. */
  readonly bound?: "steps" | "memory";
}

interface Move {
  readonly operation: number;
  readonly state: KeyState;
}

/** A configuration: what was placed to come here, and what can be placed next. */
interface Place {
  readonly before: Place | null;
  /** -1 at the start. */
  readonly operation: number;
  readonly state: KeyState;
  readonly completed: number;
  readonly moves: readonly Move[];
  tried: number;
}

/** Decides one key, or gives up at a bound. */
export function searchOrder(history: KeyHistory, bounds: SearchBounds): SearchOutcome {
  return new Search(history).run(bounds);
}

class Search {
  #steps = 0;
  readonly #history: KeyHistory;
  readonly #timeline: Timeline;
  readonly #placed: PlacedSet;
  readonly #visited = new Visited();
  /** Answered writes of which the place in the log is known come in that order. */
  readonly #byEntry: readonly KeyOperation[];
  #entriesPlaced = 0;

  constructor(history: KeyHistory) {
    this.#history = history;
    this.#timeline = new Timeline(history.operations);
    this.#placed = new PlacedSet(history.completed, history.unknown);
    const indexed = history.operations.filter(({ entryIndex }) => entryIndex !== undefined);
    this.#byEntry = indexed.sort((a, b) => (a.entryIndex ?? 0) - (b.entryIndex ?? 0));
  }

  run({ stepsBound, memoryBound }: SearchBounds): SearchOutcome {
    let here = this.#placeAt(null, -1, initialState);
    let furthest = here;
    for (;;) {
      if (here.completed > furthest.completed) furthest = here;
      if (here.completed === this.#history.completed) return this.#outcome("linearizable", here);
      if (this.#steps > stepsBound) return { ...this.#outcome("undecided", furthest), bound: "steps" };
      if (this.#visited.bytes > memoryBound) return { ...this.#outcome("undecided", furthest), bound: "memory" };
      const move = here.moves[here.tried];
      here.tried += 1;
      if (move === undefined) {
        if (here.before === null) return this.#outcome("violated", furthest);
        this.#takeBack(here.operation);
        here = here.before;
        continue;
      }
      this.#put(move.operation);
      if (this.#visited.add(this.#placed, move.state)) here = this.#placeAt(here, move.operation, move.state);
      else this.#takeBack(move.operation);
    }
  }

  #placeAt(before: Place | null, operation: number, state: KeyState): Place {
    return { before, operation, state, completed: this.#placed.completed, moves: this.#moves(state), tried: 0 };
  }

  /**
   * What can come next: answered operations first, then those that may or may not have happened, one of each class. An
   * answered one that fits and changes nothing is the only move: whatever order there is, it can come here in that order.
   */
  #moves(state: KeyState): readonly Move[] {
    const moves: Move[] = [];
    const unknown: Move[] = [];
    const classes = new Set<number>();
    let free: Move | undefined;
    let isDead = false;
    this.#timeline.available((number) => {
      this.#steps += 1;
      if (free !== undefined || isDead) return;
      const operation = this.#operation(number);
      if (operation.result === null) {
        if (classes.has(operation.unknownClass)) return;
        classes.add(operation.unknownClass);
      } else if (this.#isTooLate(operation, state)) {
        isDead = true;
        return;
      } else if (!this.#isNextInLog(operation)) return;
      const after = advance(state, operation);
      if (after === null) return;
      if (operation.result === null) unknown.push({ operation: number, state: after });
      else if (after === state) free = { operation: number, state };
      else moves.push({ operation: number, state: after });
    });
    if (isDead) return [];
    return free === undefined ? moves.concat(unknown) : [free];
  }

  /** Versions of a key that nobody deletes only grow: once beyond the version of an answer, it can never fit. */
  #isTooLate({ result }: KeyOperation, { version }: KeyState): boolean {
    if (!this.#history.growsOnly) return false;
    switch (result?.kind) {
      case "written":
        return version >= result.version;
      case "found":
        return version > result.version;
      case "absent":
        return version > 0;
      default:
        return false;
    }
  }

  /** A write comes when all before it in the log are placed; so does a read of what a node had applied. */
  #isNextInLog({ entryIndex, kind, result }: KeyOperation): boolean {
    const next = this.#byEntry[this.#entriesPlaced]?.entryIndex;
    if (next === undefined) return true;
    if (entryIndex !== undefined) return entryIndex === next;
    return kind !== "get" || result?.index === undefined || result.index < next;
  }

  #operation(number: number): KeyOperation {
    return present(this.#history.operations[number], "the timeline names operations of its history");
  }

  #put(number: number): void {
    const operation = this.#operation(number);
    this.#timeline.lift(number);
    this.#placed.add(operation.number, operation.result !== null);
    if (operation.entryIndex !== undefined) this.#entriesPlaced += 1;
  }

  #takeBack(number: number): void {
    const operation = this.#operation(number);
    this.#timeline.putBack(number);
    this.#placed.remove(operation.number, operation.result !== null);
    if (operation.entryIndex !== undefined) this.#entriesPlaced -= 1;
  }

  #outcome(kind: SearchOutcome["kind"], last: Place): SearchOutcome {
    const order: KeyOperation[] = [];
    for (let place: Place = last; place.before !== null; place = place.before) order.push(this.#operation(place.operation));
    return { kind, order: order.reverse(), state: last.state, steps: this.#steps };
  }
}
