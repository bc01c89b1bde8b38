/**
 * Where the search has been: sets of operations that are in the order, with the state that they lead to. Another order
 * of the same operations with the same state need not be followed again (Lowe 2017, section 4).
 */

import type { KeyState } from "./linear-model.ts";

const bits = 16;
const full = 0xffff;
/** What an entry of a Set and the head of a text take besides the characters, about. */
const overheadBytes = 64;
const unitsAtOnce = 8_192;

/**
 * A set of operations as bits. Completed ones are numbered by invocation, so nearly all of a long prefix is in, and only
 * what lies behind the first gap needs to be written down.
 */
export class PlacedSet {
  completed = 0;
  readonly #completedWords: Uint16Array;
  readonly #unknownWords: Uint16Array;
  /** Words before it are full. */
  #firstOpen = 0;

  constructor(completed: number, unknown: number) {
    this.#completedWords = new Uint16Array(Math.ceil(completed / bits) + 1);
    this.#unknownWords = new Uint16Array(Math.ceil(unknown / bits));
  }

  add(number: number, isCompleted: boolean): void {
    const words = isCompleted ? this.#completedWords : this.#unknownWords;
    words[Math.floor(number / bits)] = (words[Math.floor(number / bits)] as number) | (1 << (number % bits));
    if (!isCompleted) return;
    this.completed += 1;
    while (words[this.#firstOpen] === full) this.#firstOpen += 1;
  }

  remove(number: number, isCompleted: boolean): void {
    const words = isCompleted ? this.#completedWords : this.#unknownWords;
    const at = Math.floor(number / bits);
    words[at] = (words[at] as number) & ~(1 << (number % bits));
    if (!isCompleted) return;
    this.completed -= 1;
    if (at < this.#firstOpen) this.#firstOpen = at;
  }

  /** The set, written down exactly: two sets have the same text only if they are the same. */
  text(): string {
    const units: number[] = [];
    let left = this.completed - this.#firstOpen * bits;
    for (let at = this.#firstOpen; left > 0; at += 1) {
      const word = this.#completedWords[at] as number;
      units.push(word);
      left -= ones(word);
    }
    const behindGap = units.length;
    let last = this.#unknownWords.length - 1;
    while (last >= 0 && this.#unknownWords[last] === 0) last -= 1;
    for (let at = 0; at <= last; at += 1) units.push(this.#unknownWords[at] as number);
    return `${this.#firstOpen}.${behindGap};${characters(units)}`;
  }
}

/** Configurations that were met, within a bound on memory. */
export class Visited {
  bytes = 0;
  readonly #met = new Set<string>();

  /** False when it was there already. `run`: what else makes a difference for what may follow. */
  add(placed: PlacedSet, run: number, { value, version, changedIndex, changedExactly, floor }: KeyState): boolean {
    const text = `${run},${value},${version},${changedIndex}${changedExactly ? "=" : "<"}${floor};${placed.text()}`;
    const before = this.#met.size;
    this.#met.add(text);
    if (this.#met.size === before) return false;
    this.bytes += text.length * 2 + overheadBytes;
    return true;
  }
}

function characters(units: readonly number[]): string {
  let text = "";
  for (let from = 0; from < units.length; from += unitsAtOnce) text += String.fromCharCode(...units.slice(from, from + unitsAtOnce));
  return text;
}

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
