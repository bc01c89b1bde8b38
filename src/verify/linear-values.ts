/**
 * What the operations that are not placed yet have to do with each value. Two things follow. A value that none of them
 * names may be any value, so that writes of such values are alike. And a value that an answer still needs, but nobody
 * can write again, must not be overwritten: where it is, the search need not go on until it comes to that answer.
 */

import type { KeyHistory, KeyOperation } from "./linear-key-history.ts";
import { absent, type KeyState, unnamed } from "./linear-model.ts";

export class ValuesLeft {
  /** By value: answered operations that can come only where the key holds it. */
  readonly #needs: Int32Array;
  /** By value: operations, answered or not, in which it is named. */
  readonly #names: Int32Array;
  /** By value: operations that write it, or may. */
  readonly #writes: Int32Array;

  constructor({ operations, values }: KeyHistory) {
    this.#needs = new Int32Array(values);
    this.#names = new Int32Array(values);
    this.#writes = new Int32Array(values);
    for (const operation of operations) this.putBack(operation);
  }

  lift(operation: KeyOperation): void {
    this.#count(operation, -1);
  }

  putBack(operation: KeyOperation): void {
    this.#count(operation, 1);
  }

  /** Overwritten too early: an answer still needs it. */
  isMissed(value: number): boolean {
    return value !== unnamed && (this.#needs[value] as number) > 0 && this.#writes[value] === 0;
  }

  /** Nothing that is left can tell it from other values. */
  isForgotten(value: number): boolean {
    return value > unnamed && this.#names[value] === 0;
  }

  /** The state without a value that makes no difference any more. */
  simplified(state: KeyState): KeyState {
    return this.isForgotten(state.value) ? { ...state, value: unnamed } : state;
  }

  #count(operation: KeyOperation, by: 1 | -1): void {
    const { result, kind, value, ifValue, found } = operation;
    const needed = neededBy(operation);
    if (needed !== undefined) this.#needs[needed] = (this.#needs[needed] as number) + by;
    if (result?.kind === "found") this.#names[found] = (this.#names[found] as number) + by;
    if (ifValue !== undefined) this.#names[ifValue] = (this.#names[ifValue] as number) + by;
    if (kind !== "get" && result?.kind !== "refused") this.#writes[value] = (this.#writes[value] as number) + by;
  }
}

function neededBy({ kind, result, ifValue, found }: KeyOperation): number | undefined {
  switch (result?.kind) {
    case "found":
      return found;
    case "absent":
      return absent;
    case "written":
      return kind === "put-if-absent" ? absent : ifValue;
    case "refused":
      return result.code === "NOT_FOUND" ? absent : undefined;
    default:
      return undefined;
  }
}
