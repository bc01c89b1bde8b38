/** What the check of a history finds, as data. `linear-report.ts` has the words for people. */

import type { HistoryOperation } from "./history-operation.ts";

export type LinearizabilityVerdict = Linearizable | NotLinearizable | LinearizabilityUndecided;

/** Of every key there is an order, in agreement with real time, in which every answer is right. */
export interface Linearizable extends HistoryCounts {
  readonly kind: "linearizable";
}

/** Of a key there is no such order. */
export interface NotLinearizable extends HistoryCounts {
  readonly kind: "violated";
  /** Of the key whose first impossible answer came earliest. */
  readonly violation: KeyViolation;
  /** The other keys of which there is no order. */
  readonly otherKeys: readonly string[];
  readonly undecidedKeys: readonly UndecidedKey[];
}

/** No key is known to be wrong, but of these the search met a bound before it had an answer. */
export interface LinearizabilityUndecided extends HistoryCounts {
  readonly kind: "undecided";
  readonly undecidedKeys: readonly UndecidedKey[];
}

export interface HistoryCounts {
  readonly operations: number;
  /** Of these, the ones whose outcome is unknown. */
  readonly unknown: number;
  readonly keys: number;
  /** Operations that were tried, over all orders. */
  readonly steps: number;
}

export interface UndecidedKey {
  readonly key: string;
  readonly bound: "steps" | "memory";
  readonly operations: number;
  readonly unknown: number;
}

/**
 * Why a key cannot be: told of the history cut at the return of `culprit`, where all that returned later is unknown
 * still.
 */
export interface KeyViolation {
  readonly key: string;
  /** On the key, in the whole history. */
  readonly operations: number;
  /** The first answer that cannot be; without it, all answers before can be explained (if `certain`). */
  readonly culprit: HistoryOperation;
  /** False when a bound kept the check from confirming that the answers before it can be explained. */
  readonly certain: boolean;
  /** The longest order that was found; of a hard history perhaps not the longest there is. An unknown operation in it must have happened for the next to fit. */
  readonly prefix: readonly HistoryOperation[];
  /** What the key holds after it: `absent`, or `"a" at version 2`. */
  readonly holds: string;
  /** What was answered and has no place behind it. */
  readonly unplaced: readonly UnplacedOperation[];
}

export interface UnplacedOperation {
  readonly operation: HistoryOperation;
  readonly why: string;
}
