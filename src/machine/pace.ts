/** How many VMs may be moved in a minute (row W9): what is wrong with so many may be wrong with the leader. */

const minuteMs = 60_000;

export class Pace {
  readonly #perMinute: number;
  #moves: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** As many of `moves` as may be made now; each counts as made. */
  allow<T>(moves: readonly T[], nowMs: number): readonly T[] {
    this.#moves = this.#moves.filter((ms) => nowMs - ms < minuteMs);
    const allowed = moves.slice(0, Math.max(0, this.#perMinute - this.#moves.length));
    for (let at = 0; at < allowed.length; at += 1) this.#moves.push(nowMs);
    return allowed;
  }
}
