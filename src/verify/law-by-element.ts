/**
 * A law that says the same of every element of a constant set, as of every server. A step changes what variables have at one
 * server or two: only what the law says of those is worked out again. Nothing is left out, for what it says of the others
 * was true before, and speaks of the same values still.
 */

import type { State } from "../tla/state.ts";
import { imagesAt, type Value } from "../tla/values.ts";

/** `\A x \in S : P`, or `\A x, y \in S : P`. */
export interface LawByElement {
  readonly elements: readonly Value[];
  /** How many elements P is about: 1 or 2. */
  readonly names: number;
  /** Variables that P has only as `v[x]` and `v[y]`, as they are or primed. */
  readonly at: ReadonlySet<string>;
  /** All others that it reads. */
  readonly whole: ReadonlySet<string>;
  /** Whether P is true of these elements. */
  holds(elements: readonly Value[], state: State, after?: State): boolean;
}

/** What a state has at the elements, for each variable of `at`. */
type Images = readonly (readonly Value[])[];

/** What P was last true of in a step that left it alone: the values at one element. */
type Calm = (readonly Value[] | undefined)[];

export class ElementwiseCheck {
  readonly #law: LawByElement;
  readonly #at: readonly number[];
  readonly #whole: readonly number[];
  #calm: Calm = [];
  #calmWhole: readonly Value[] = [];

  constructor(law: LawByElement, placeOf: (variable: string) => number) {
    this.#law = law;
    this.#at = [...law.at].map(placeOf);
    this.#whole = [...law.whole].map(placeOf);
  }

  /** Whether an invariant that holds in `before` holds in `after`. False also where this cannot be told in this way. */
  holdsStill(before: State, after: State): boolean {
    if (!this.#wholeStill(before, after)) return false;
    const [old, now] = [this.#images(before), this.#images(after)];
    if (old === undefined || now === undefined) return false;
    const { elements } = this.#law;
    for (let index = 0; index < elements.length; index += 1) {
      if (!isSame(old, now, index) && !this.#holdsWith(elements[index] as Value, after)) return false;
    }
    return true;
  }

  #holdsWith(one: Value, after: State): boolean {
    const law = this.#law;
    if (law.names === 1) return law.holds([one], after);
    return law.elements.every((other) => law.holds([one, other], after) && (other === one || law.holds([other, one], after)));
  }

  /** Whether a predicate over two states holds of this step. False also where this cannot be told in this way. */
  holdsOfStep(before: State, after: State): boolean {
    if (this.#law.names !== 1 || !this.#wholeStill(before, after)) return false;
    const [old, now] = [this.#images(before), this.#images(after)];
    if (old === undefined || now === undefined) return false;
    this.#forgetWhere(after);
    const { elements } = this.#law;
    for (let index = 0; index < elements.length; index += 1) {
      const still = isSame(old, now, index);
      if (still && this.#isCalm(now, index)) continue;
      if (!this.#law.holds([elements[index] as Value], before, after)) return false;
      if (still) this.#calm[index] = now.map((images) => images[index] as Value);
    }
    return true;
  }

  #isCalm(now: Images, index: number): boolean {
    const calm = this.#calm[index];
    if (calm === undefined) return false;
    for (let variable = 0; variable < now.length; variable += 1) if (calm[variable] !== now[variable]?.[index]) return false;
    return true;
  }

  #wholeStill(before: State, after: State): boolean {
    for (const place of this.#whole) if (before.values[place] !== after.values[place]) return false;
    return true;
  }

  /** What was found true while the rest of the variables had other values counts no more. */
  #forgetWhere({ values }: State): void {
    if (this.#whole.every((place, index) => this.#calmWhole[index] === values[place])) return;
    this.#calm = [];
    this.#calmWhole = this.#whole.map((place) => values[place] as Value);
  }

  #images({ values }: State): Images | undefined {
    const images: (readonly Value[])[] = [];
    for (const place of this.#at) {
      const found = imagesAt(values[place] as Value, this.#law.elements);
      if (found === undefined) return undefined;
      images.push(found);
    }
    return images;
  }
}

function isSame(old: Images, now: Images, index: number): boolean {
  for (let variable = 0; variable < old.length; variable += 1) if (old[variable]?.[index] !== now[variable]?.[index]) return false;
  return true;
}
