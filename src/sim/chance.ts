/** Chance, told by a seed. Every part of a simulation draws from a stream of its own. */

import { present } from "../assert.ts";
import { seededRandom } from "../raft/random.ts";
import type { Random } from "../raft/random.ts";

export class Chance implements Random {
  readonly #seed: number;
  readonly #random: Random;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  /** A stream that does not depend on how much others drew. */
  stream(label: string): Chance {
    let hash = this.#seed ^ 0x9e3779b9;
    for (let at = 0; at < label.length; at += 1) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
    return new Chance(hash);
  }

  /** A number in [0, 1). */
  next(): number {
    return this.#random.next();
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  happens(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return present(list[this.below(list.length)], "there is something to pick from");
  }

  /** Times between events that come at random. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let at = shuffled.length - 1; at > 0; at -= 1) {
      const other = this.below(at + 1);
      [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
    }
    return shuffled;
  }
}
