/**
 * Looks for an order of one key's operations that agrees with real time and in which every answer is right: the
 * algorithm of Wing and Gong (1993) with Lowe's memory of where it has been (2017), as in Porcupine.
 */

import { BrokenLaw, present } from "../assert.ts";
import type { KeyHistory, KeyOperation } from "./linear-key-history.ts";
import { advance, initialState, type KeyState } from "./linear-model.ts";
import { Timeline } from "./linear-timeline.ts";
import { ValuesLeft } from "./linear-values.ts";
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
  /** How many unknown operations were placed last, one after the other. */
  readonly run: number;
  moves: readonly Move[];
  tried: number;
  /** The unknown operations that can come next are among `moves`, or none may. */
  isWhole: boolean;
}

/**
 * How many unknown operations in a row are tried, and after which share of the steps the next bound is. Where the search
 * is on a wrong track, it would else try every set of them before it turns back, and seldom more than one is needed.
 */
const rounds = [
  { mostInRow: 1, share: 0.2 },
  { mostInRow: 3, share: 0.5 },
  { mostInRow: Number.POSITIVE_INFINITY, share: 1 },
] as const;

/** Decides one key, or gives up at a bound. */
export function searchOrder(history: KeyHistory, { stepsBound, memoryBound }: SearchBounds): SearchOutcome {
  let steps = 0;
  let best: SearchOutcome | undefined;
  for (const { mostInRow, share } of rounds) {
    const search = new Search(history, { mostInRow, looksAhead: true });
    const outcome = search.run({ stepsBound: stepsBound * share - steps, memoryBound });
    steps += outcome.steps;
    if (best === undefined || outcome.kind === "linearizable" || outcome.order.length > best.order.length) best = outcome;
    const isSettled = outcome.kind === "linearizable" || (outcome.kind === "violated" && !search.isCut);
    if (isSettled || mostInRow === Number.POSITIVE_INFINITY) return { ...outcome, order: best.order, state: best.state, steps };
  }
  throw new BrokenLaw("the last round has no bound on what comes in a row");
}

/** The order that comes furthest, as far as the bounds allow to see. No history that is linearizable needs it. */
export function longestOrder(history: KeyHistory, bounds: SearchBounds): SearchOutcome {
  return new Search(history, { mostInRow: Number.POSITIVE_INFINITY, looksAhead: false }).run(bounds);
}

interface SearchManner {
  readonly mostInRow: number;
  /** Turn back as soon as an answer to come is known to have become impossible; else where it comes. */
  readonly looksAhead: boolean;
}

class Search {
  /** Something was left out since too many unknown operations would have come in a row. */
  isCut = false;
  #steps = 0;
  readonly #mostInRow: number;
  readonly #looksAhead: boolean;
  readonly #history: KeyHistory;
  readonly #timeline: Timeline;
  readonly #values: ValuesLeft;
  readonly #placed: PlacedSet;
  readonly #visited = new Visited();
  /** Answered writes of which the place in the log is known come in that order. */
  readonly #byEntry: readonly KeyOperation[];
  #entriesPlaced = 0;

  constructor(history: KeyHistory, { mostInRow, looksAhead }: SearchManner) {
    this.#history = history;
    this.#mostInRow = mostInRow;
    this.#looksAhead = looksAhead;
    this.#timeline = new Timeline(history.operations);
    this.#values = new ValuesLeft(history);
    this.#placed = new PlacedSet(history.completed, history.unknown);
    const indexed = history.operations.filter(({ entryIndex }) => entryIndex !== undefined);
    this.#byEntry = indexed.sort((a, b) => (a.entryIndex ?? 0) - (b.entryIndex ?? 0));
  }

  run({ stepsBound, memoryBound }: SearchBounds): SearchOutcome {
    let here = this.#placeAt(null, -1, initialState, 0);
    let furthest = here;
    for (;;) {
      if (here.completed > furthest.completed) furthest = here;
      if (here.completed === this.#history.completed) return this.#outcome("linearizable", here);
      if (this.#steps > stepsBound) return { ...this.#outcome("undecided", furthest), bound: "steps" };
      if (this.#visited.bytes > memoryBound) return { ...this.#outcome("undecided", furthest), bound: "memory" };
      const move = here.moves[here.tried];
      if (move !== undefined) {
        here.tried += 1;
        here = this.#follow(here, move) ?? here;
      } else if (!here.isWhole) {
        here.moves = here.moves.concat(this.#unknownMoves(here));
        here.isWhole = true;
      } else {
        if (here.before === null) return this.#outcome("violated", furthest);
        this.#takeBack(here.operation);
        here = here.before;
      }
    }
  }

  /** Null where it leads to nothing new. */
  #follow(here: Place, { operation, state }: Move): Place | null {
    const run = this.#operation(operation).result === null ? here.run + 1 : 0;
    this.#put(operation);
    const isLost = this.#looksAhead && state.value !== here.state.value && this.#values.isMissed(here.state.value);
    const simplified = this.#values.simplified(state);
    const counted = this.#mostInRow === Number.POSITIVE_INFINITY ? 0 : run;
    if (!isLost && this.#visited.add(this.#placed, counted, simplified)) return this.#placeAt(here, operation, simplified, run);
    this.#takeBack(operation);
    return null;
  }

  #placeAt(before: Place | null, operation: number, state: KeyState, run: number): Place {
    return { before, operation, state, completed: this.#placed.completed, run, tried: 0, ...this.#answeredMoves(state) };
  }

  /**
   * Which answered operations can come next. One that fits and changes nothing is the only move: whatever order there
   * is, it can come here in that order.
   */
  #answeredMoves(state: KeyState): Pick<Place, "moves" | "isWhole"> {
    const moves: Move[] = [];
    let free: Move | undefined;
    let isDead = false;
    this.#timeline.available((number) => {
      this.#steps += 1;
      if (free !== undefined || isDead) return;
      const operation = this.#operation(number);
      isDead = this.#isTooLate(operation, state);
      if (isDead || !this.#isNextInLog(operation)) return;
      const after = advance(state, operation);
      if (after === state) free = { operation: number, state };
      else if (after !== null) moves.push({ operation: number, state: after });
    });
    if (free !== undefined) return { moves: [free], isWhole: true };
    return isDead ? { moves: [], isWhole: true } : { moves, isWhole: false };
  }

  /** Which of those that may or may not have happened can have happened next, one of each class. */
  #unknownMoves({ state, run }: Place): readonly Move[] {
    const moves: Move[] = [];
    const classes = new Set<number>();
    this.#timeline.underWay((number) => {
      this.#steps += 1;
      const operation = this.#operation(number);
      const ofClass = this.#values.isForgotten(operation.value) ? operation.forgottenClass : operation.unknownClass;
      if (classes.has(ofClass)) return;
      classes.add(ofClass);
      const after = advance(state, operation);
      if (after !== null && after !== state) moves.push({ operation: number, state: after });
    });
    if (run < this.#mostInRow) return moves;
    this.isCut ||= moves.length > 0;
    return [];
  }

  /** Versions of a key that nobody deletes only grow: once beyond the version of an answer, it can never fit. */
  #isTooLate({ result }: KeyOperation, { version }: KeyState): boolean {
    if (!this.#history.growsOnly || !this.#looksAhead) return false;
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
    this.#timeline.lift(number, operation.result !== null);
    this.#values.lift(operation);
    this.#placed.add(operation.number, operation.result !== null);
    if (operation.entryIndex !== undefined) this.#entriesPlaced += 1;
  }

  #takeBack(number: number): void {
    const operation = this.#operation(number);
    this.#timeline.putBack(number, operation.result !== null);
    this.#values.putBack(operation);
    this.#placed.remove(operation.number, operation.result !== null);
    if (operation.entryIndex !== undefined) this.#entriesPlaced -= 1;
  }

  #outcome(kind: SearchOutcome["kind"], last: Place): SearchOutcome {
    const order: KeyOperation[] = [];
    for (let place: Place = last; place.before !== null; place = place.before) order.push(this.#operation(place.operation));
    return { kind, order: order.reverse(), state: last.state, steps: this.#steps };
  }
}
