/** The order in which a strategy likes the workers that could take a VM (row W2). Less is better, place by place. */

import { unreachable } from "../assert.ts";
import type { Company } from "./company.ts";
import { labelValue } from "./labels.ts";
import type { Name, NodeId, PlacementWish, VmSpec, WorkerRecord } from "./records.ts";
import type { MachineState } from "./state.ts";

/** A worker that could take the VM. */
export interface Able {
  readonly node: NodeId;
  readonly name: Name;
  /** MiB of memory free after placement. */
  readonly score: number;
  readonly vms: number;
  readonly rank: readonly number[];
  /** What `rank` means, to be read after the worker's name. */
  readonly words: string;
}

type Room = Pick<Able, "score" | "vms">;
type Ranked = Pick<Able, "rank" | "words">;

/** Soft wishes come first, then what the strategy looks at, then free memory, then few VMs. */
export class Ranking {
  private readonly wish: PlacementWish;
  private readonly company: Company;
  private readonly turns: ReadonlyMap<NodeId, number>;
  private readonly kinByValue: ReadonlyMap<string, number>;

  constructor(state: MachineState, spec: VmSpec, company: Company) {
    this.wish = spec.place ?? { strategy: "most-available" };
    this.company = company;
    this.turns = this.wish.strategy === "round-robin" ? turnsOf(state) : new Map();
    this.kinByValue = this.wish.strategy === "spread" ? kinByValue(state, company, this.wish.label ?? "") : new Map();
  }

  /** Why the strategy itself keeps the VM off `worker`, or null. */
  problem(worker: WorkerRecord): string | null {
    const { strategy, label = "" } = this.wish;
    return strategy === "spread" && labelValue(worker.labels, label) === null ? `lacks the label ${label}` : null;
  }

  rank(worker: WorkerRecord, room: Room): Ranked {
    const unmet = this.company.unmet(worker.node);
    const { rank, words } = this.ranked(worker, room);
    return { rank: [unmet, ...rank], words: unmet === 0 ? words : `${words}, with ${unmet} of the soft wishes open` };
  }

  private ranked(worker: WorkerRecord, { score, vms }: Room): Ranked {
    const { strategy, label = "" } = this.wish;
    const room = `${score} MiB free and ${vms} other VMs`;
    switch (strategy) {
      case "most-available":
        return { rank: [-score, vms], words: room };
      case "bin-pack":
        return { rank: [score, -vms], words: room };
      case "round-robin": {
        const turn = this.turns.get(worker.node) ?? 0;
        return { rank: [turn], words: `turn ${turn + 1}` };
      }
      case "spread": {
        const value = labelValue(worker.labels, label) ?? "";
        const kin = this.kinByValue.get(value) ?? 0;
        return { rank: [kin, -score, vms], words: `${kin} of its kind in ${label}=${value}, ${room}` };
      }
      case "locality": {
        const has = worker.labels?.includes(label) === true;
        return { rank: [has ? 0 : 1, -score, vms], words: `${has ? "" : "not "}${label}, ${room}` };
      }
      default:
        return unreachable(strategy);
    }
  }
}

/** The better first; what no rank tells apart stands by name. */
export function compareAble(one: Able, other: Able): number {
  for (const [place, value] of one.rank.entries()) {
    const difference = value - (other.rank[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.name < other.name ? -1 : 1;
}

/** How many workers, by name, come before each: the row `turn` tells the place of whose turn it is. */
function turnsOf(state: MachineState): ReadonlyMap<NodeId, number> {
  const workers = state.workers.keys().map((node) => state.workers.get(node) as WorkerRecord);
  workers.sort((one, other) => (one.name < other.name ? -1 : 1));
  const next = (state.marks.get("turn") ?? 0) % Math.max(1, workers.length);
  return new Map(workers.map(({ node }, place) => [node, (place - next + workers.length) % workers.length]));
}

/** VMs of its kind by the value of the label, on all workers that hold their lease. */
function kinByValue(state: MachineState, company: Company, key: string): ReadonlyMap<string, number> {
  const kin = new Map<string, number>();
  for (const node of state.workers.keys()) {
    const worker = state.workers.get(node) as WorkerRecord;
    const value = labelValue(worker.labels, key);
    if (value !== null && state.leases.get(node)?.held !== false) kin.set(value, (kin.get(value) ?? 0) + company.kin(node));
  }
  return kin;
}

/** The row `turn` after round-robin chose `node`: the place by name of who comes next. */
export function turnAfter(state: MachineState, name: Name): number {
  const names = state.workers.keys().map((node) => (state.workers.get(node) as WorkerRecord).name).sort();
  return (names.indexOf(name) + 1) % names.length;
}
