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

/** One direction between two. */
export interface Link {
  readonly from: string;
  readonly to: string;
  /** How many cuts lie on it: overlapping ones are mended one by one. */
  cuts: number;
  lastArrivalMs: number;
}

export class Network {
  readonly stats: NetworkStats = { messages: 0, dropped: 0, duplicated: 0, late: 0 };
  quality: LinkQuality = goodLinks;
  readonly #scheduler: Scheduler;
  readonly #chance: Chance;
  /** By sender, then by receiver: joining both into one text costs more than all else here. */
  readonly #links = new Map<string, Map<string, Link>>();

  constructor(scheduler: Scheduler, chance: Chance) {
    this.#scheduler = scheduler;
    this.#chance = chance;
  }

  /** Takes a message from `from` to `to`; `deliver` happens there never, once or twice. */
  carry(from: string, to: string, deliver: () => void): void {
    const { quality, stats } = this;
    const link = this.#link(from, to);
    stats.messages += 1;
    if (link.cuts > 0 || this.#chance.happens(quality.dropChance)) {
      stats.dropped += 1;
      return;
    }
    this.#scheduleDelivery(link, deliver);
    if (!this.#chance.happens(quality.duplicateChance)) return;
    stats.duplicated += 1;
    this.#scheduleDelivery(link, deliver);
  }

  #link(from: string, to: string): Link {
    let links = this.#links.get(from);
    if (links === undefined) this.#links.set(from, (links = new Map()));
    let link = links.get(to);
    if (link === undefined) links.set(to, (link = { from, to, cuts: 0, lastArrivalMs: 0 }));
    return link;
  }

  #scheduleDelivery(link: Link, deliver: () => void): void {
    const { minDelayMs, maxDelayMs, lateChance, lateMs, reorder } = this.quality;
    const late = this.#chance.happens(lateChance) ? this.#chance.between(0, lateMs) : 0;
    if (late > 0) this.stats.late += 1;
    let arrival = this.#scheduler.nowMs + this.#chance.between(minDelayMs, maxDelayMs) + late;
    if (!reorder) arrival = Math.max(arrival, link.lastArrivalMs);
    link.lastArrivalMs = arrival;
    this.#scheduler.at(arrival, () => {
      if (link.cuts > 0) this.stats.dropped += 1;
      else deliver();
    });
  }

  /** Nothing gets from `from` to `to` any more, also what is under way. Returns what to mend. */
  cut(from: NodeId, to: NodeId): readonly Link[] {
    const link = this.#link(from, to);
    link.cuts += 1;
    return [link];
  }

  /** Cuts both ways between every node of `one` and every node of `other`. */
  separate(one: readonly NodeId[], other: readonly NodeId[]): readonly Link[] {
    return one.flatMap((a) => other.flatMap((b) => [...this.cut(a, b), ...this.cut(b, a)]));
  }

  /** Undoes one cut of each of these links. */
  mend(links: readonly Link[]): void {
    for (const link of links) link.cuts = Math.max(0, link.cuts - 1);
  }

  heal(): void {
    for (const links of this.#links.values()) for (const link of links.values()) link.cuts = 0;
  }
}
