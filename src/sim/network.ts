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
}

export class Network {
  readonly stats: NetworkStats = { messages: 0, dropped: 0, duplicated: 0 };
  quality: LinkQuality = goodLinks;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  readonly #cut = new Set<string>();
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
    const link = linkOf(from, to);
    let arrival = now + this.#chance.between(minDelayMs, maxDelayMs) + late;
    if (!reorder) arrival = Math.max(arrival, this.#lastArrivalMs.get(link) ?? 0);
    this.#lastArrivalMs.set(link, arrival);
    this.#scheduler.after(arrival - now, () => {
      if (this.#cut.has(link)) this.stats.dropped += 1;
      else deliver();
    });
  }

  /** Nothing gets from `from` to `to` any more, also what is under way. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(linkOf(from, to));
  }

  /** Cuts both ways between every node of `one` and every node of `other`. */
  separate(one: readonly NodeId[], other: readonly NodeId[]): void {
    for (const a of one) {
      for (const b of other) {
        this.cut(a, b);
        this.cut(b, a);
      }
    }
  }

  heal(): void {
    this.#cut.clear();
  }
}

function linkOf(from: string, to: string): string {
  return `${from}>${to}`;
}
