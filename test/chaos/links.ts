/** What is wrong between hosts at this moment: faults overlap, each ends by itself. */

import type { Hosts, LinkFault } from "./hosts.ts";
import type { NetworkFaultKind } from "./schedule.ts";

/** Of two faults of one link the harder one shows. */
const hardness: Readonly<Record<LinkFault, number>> = { loss: 1, delay: 2, drop: 3 };

type Pairs = readonly (readonly [from: number, to: number])[];

export class Links {
  readonly #hosts: Hosts;
  readonly #active = new Set<{ readonly pairs: Pairs; readonly fault: LinkFault }>();

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
  }

  /** Breaks links as `kind` says, around `victim`. Returns what mends them. */
  break(kind: NetworkFaultKind, victim: number, all: readonly number[], lot: number): () => void {
    const fault = { pairs: pairsOf(kind, victim, all, lot), fault: kind === "loss" || kind === "delay" ? kind : ("drop" as const) };
    this.#active.add(fault);
    this.#apply();
    return () => {
      this.#active.delete(fault);
      this.#apply();
    };
  }

  mendAll(): void {
    this.#active.clear();
    this.#apply();
  }

  #apply(): void {
    const worst = new Map<string, LinkFault>();
    for (const { pairs, fault } of this.#active) {
      for (const [from, to] of pairs) {
        const before = worst.get(`${from}>${to}`);
        if (before === undefined || hardness[before] < hardness[fault]) worst.set(`${from}>${to}`, fault);
      }
    }
    this.#hosts.set(worst);
  }
}

const bothWays = (near: readonly number[], far: readonly number[]): Pairs =>
  near.flatMap((a) => far.flatMap((b) => [[a, b] as const, [b, a] as const]));

/** The links that a fault breaks. Clients keep theirs: they shall see what the nodes make of it. */
function pairsOf(kind: NetworkFaultKind, victim: number, all: readonly number[], lot: number): Pairs {
  const others = all.filter((host) => host !== victim);
  switch (kind) {
    case "isolate":
    case "loss":
    case "delay":
      return bothWays([victim], others);
    case "one-way": {
      const half = others.slice(0, Math.max(1, Math.round(lot * others.length)));
      return lot < 0.5 ? half.map((other) => [victim, other]) : half.map((other) => [other, victim]);
    }
    case "split": {
      const side = others.slice(0, Math.floor(others.length / 2));
      return bothWays([victim, ...side], others.slice(side.length));
    }
    case "bridge": {
      // The victim reaches everybody; the two halves of the others do not reach each other.
      const half = Math.ceil(others.length / 2);
      return bothWays(others.slice(0, half), others.slice(half));
    }
  }
}
