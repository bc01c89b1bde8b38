/** The line of a trace that tells what entries came to when they were applied. */

import type { Applied } from "../machine/apply.ts";
import type { TracedClusterStep, TracedLease, TracedRoomChange, TracedVmChange } from "../trace/event.ts";
import { tracedChange, tracedRoomChanges } from "./traced.ts";

type ApplyLine = Extract<TracedClusterStep, { event: "Apply" }>;

/** Collects what the entries of one step did, in order. */
export class AppliedLine {
  readonly #digests: { readonly index: number; readonly digest: string }[] = [];
  readonly #vmChanges: TracedVmChange[] = [];
  readonly #leaseChanges: (TracedLease & { readonly index: number })[] = [];
  readonly #roomChanges: TracedRoomChange[] = [];

  /** Takes what the entry at `index` did. True when it did anything that has to be told. */
  add(index: number, applied: Applied): boolean {
    const rooms = tracedRoomChanges(index, applied);
    for (const change of applied.vmChanges) this.#vmChanges.push(tracedChange(index, change));
    for (const change of applied.leaseChanges) this.#leaseChanges.push({ index, ...change });
    this.#roomChanges.push(...rooms);
    return applied.vmChanges.length + applied.leaseChanges.length + rooms.length > 0;
  }

  addDigest(index: number, digest: string): void {
    this.#digests.push({ index, digest });
  }

  /** True when something may be owed to VMs by now that was not before. */
  get vmsChanged(): boolean {
    return this.#vmChanges.length + this.#leaseChanges.length + this.#roomChanges.length > 0;
  }

  line(index: number, configurations: ApplyLine["configurations"]): ApplyLine {
    const leases = this.#leaseChanges.length === 0 ? {} : { leaseChanges: this.#leaseChanges };
    const rooms = this.#roomChanges.length === 0 ? {} : { roomChanges: this.#roomChanges };
    return { event: "Apply", index, digests: this.#digests, vmChanges: this.#vmChanges, ...leases, ...rooms, configurations };
  }
}
