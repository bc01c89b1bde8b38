/** The network: late, lost, twice, out of order, or cut in one direction. Nothing is damaged on the way. */

import type { NodeId } from "../raft/message.ts";
import type { Chance } from "./chance.ts";
import type { Scheduler } from "./scheduler.ts";

/** How links behave; the same for all of them. */
export interface LinkQuality {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly dropChance: number;
  readonly duplicateChance: number;
  /** Chance that a message takes up to `lateMs` longer. */
  readonly lateChance: number;
  readonly lateMs: number;
  /** Messages of one link may overtake each other. */
  readonly reorder: boolean;
}

export const goodLinks: LinkQuality = {
  minDelayMs: 0.2,
  maxDelayMs: 2,
  dropChance: 0,
  duplicateChance: 0,
  lateChance: 0,
  lateMs: 0,
  reorder: false,
};

export interface NetworkStats {
  messages: number;
  dropped: number;
  duplicated: number;
  late: number;
}

export class Network {
  readonly stats: NetworkStats = { messages: 0, dropped: 0, duplicated: 0, late: 0 };
  quality: LinkQuality = goodLinks;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  /** How many cuts lie on a link: overlapping ones are mended one by one. */
  readonly #cut = new Map<string, number>();
  readonly #lastArrivalMs = new Map<string, number>();

  constructor(scheduler: Scheduler, chance: Chance) {
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  /** Takes a message from `from` to `to`; `deliver` happens there never, once or twice. */
  carry(from: string, to: string, deliver: () => void): void {
    const { quality, stats } = this;
    stats.messages += 1;
    if (this.#cut.has(linkOf(from, to)) || this.#chance.happens(quality.dropChance)) {
      stats.dropped += 1;
      return;
    }
    this.#scheduleDelivery(from, to, deliver);
    if (!this.#chance.happens(quality.duplicateChance)) return;
    stats.duplicated += 1;
    this.#scheduleDelivery(from, to, deliver);
  }

  #scheduleDelivery(from: string, to: string, deliver: () => void): void {
    const { minDelayMs, maxDelayMs, lateChance, lateMs, reorder } = this.quality;
    const now = this.#scheduler.nowMs;
    const late = this.#chance.happens(lateChance) ? this.#chance.between(0, lateMs) : 0;
    if (late > 0) this.stats.late += 1;
    const link = linkOf(from, to);
    let arrival = now + this.#chance.between(minDelayMs, maxDelayMs) + late;
    if (!reorder) arrival = Math.max(arrival, this.#lastArrivalMs.get(link) ?? 0);
    this.#lastArrivalMs.set(link, arrival);
    this.#scheduler.after(arrival - now, () => {
      if (this.#cut.has(link)) this.stats.dropped += 1;
      else deliver();
    });
  }

  /** Nothing gets from `from` to `to` any more, also what is under way. Returns what to mend. */
  cut(from: NodeId, to: NodeId): readonly string[] {
    const link = linkOf(from, to);
    this.#cut.set(link, (this.#cut.get(link) ?? 0) + 1);
    return [link];
  }

  /** Cuts both ways between every node of `one` and every node of `other`. */
  separate(one: readonly NodeId[], other: readonly NodeId[]): readonly string[] {
    return one.flatMap((a) => other.flatMap((b) => [...this.cut(a, b), ...this.cut(b, a)]));
  }

  /** Undoes one cut of each of these links. */
  mend(links: readonly string[]): void {
    for (const link of links) {
      const count = this.#cut.get(link) ?? 0;
      if (count > 1) this.#cut.set(link, count - 1);
      else this.#cut.delete(link);
    }
  }

  heal(): void {
    this.#cut.clear();
  }
}

function linkOf(from: string, to: string): string {
  return `${from}>${to}`;
}
