/** What a create would do, without doing it (row W2): each worker with its verdict. */

import { refuse, type Refused } from "./decision.ts";
import { pinImage } from "./image.ts";
import { placeByPreemption } from "./preemption.ts";
import type { NodeId, Victim, VmSpec } from "./records.ts";
import { passedOver, placeNew, weigh } from "./schedule.ts";
import type { MachineState } from "./state.ts";
import { titleOf } from "../workload-name.ts";

export interface PlannedWorker {
  readonly node: NodeId;
  readonly name: string;
  readonly verdict: "chosen" | "alternative" | "rejected";
  /** MiB of memory free afterwards; null for who cannot take it. */
  readonly score: number | null;
  /** Why it was not chosen, or what was liked about it; to be read after the name. */
  readonly reason: string;
}

export interface Plan {
  /** True when a create would be accepted now, with no change to any other VM. */
  readonly fits: boolean;
  /** VMs of lower priority that would make way for it on `node`. */
  readonly preempts: readonly Victim[];
  readonly strategy: string;
  readonly node: NodeId | null;
  /** Why it would be refused, or null. */
  readonly refusal: Pick<Refused, "code" | "message"> | null;
  /** The chosen first, then the alternatives, the best first, then the others by id. */
  readonly workers: readonly PlannedWorker[];
}

/** The plan for `asked`, to go to `node` if one is named: the decision of `decideCreate`, and of every worker. */
export function planVm(state: MachineState, asked: VmSpec, node?: NodeId): Plan {
  const pinned = pinImage(state, asked);
  const spec = "accepted" in pinned ? asked : pinned;
  const strategy = node === undefined ? (spec.place?.strategy ?? "most-available") : "manual";
  const taken = state.vms.has(spec.name) ? refuse("ALREADY_EXISTS", `${titleOf(spec.name)} is there`) : null;
  const placed = taken ?? ("accepted" in pinned ? pinned : placeNew(state, spec, node));
  const preemption = "accepted" in placed && placed.code === "NO_CAPACITY" ? placeByPreemption(state, spec, node) : null;
  const preempts = preemption?.preempts ?? [];
  const chosen = "accepted" in placed ? (preemption?.node ?? null) : placed.placement.node;
  const { able, unfit } = weigh(state, spec);
  const nameOf = (id: NodeId): string => state.workers.get(id)?.name ?? id;
  const best = able.find((worker) => worker.node === chosen) ?? able[0];
  const workers: PlannedWorker[] = able.map((worker) => {
    const { score, words } = worker;
    const verdict = worker.node === chosen ? "chosen" : "alternative";
    const passed = node === undefined && best !== undefined ? passedOver(worker, best) : "is not the worker that was named";
    return { node: worker.node, name: worker.name, verdict, score, reason: verdict === "chosen" ? `would have ${words}` : passed };
  });
  for (const { node: id, reason } of unfit) {
    const makesWay = id === preemption?.node;
    const words = makesWay ? `would have room when ${preempts.map(({ vm }) => vm).join(", ")} made way` : reason;
    workers.push({ node: id, name: nameOf(id), verdict: id === chosen ? "chosen" : "rejected", score: makesWay ? preemption.score : null, reason: words });
  }
  workers.sort((one, other) => Number(other.node === chosen) - Number(one.node === chosen));
  const refusal = "accepted" in placed && preemption === null ? { code: placed.code, message: placed.message } : null;
  return { fits: refusal === null && preemption === null, preempts, strategy, node: chosen, refusal, workers };
}
