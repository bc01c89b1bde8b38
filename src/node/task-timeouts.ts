/**
 * Ends attempts at tasks that take too long. The time counts from the launch of the process that runs, by the clock of this
 * machine since its boot: so it goes on when a daemon comes back, and an attempt elsewhere before it does not count.
 */

import type { VmRecord } from "../machine/records.ts";
import type { VmHandle } from "../vm/driver.ts";
import { leaseClock, startedMs } from "./concrete.ts";

export interface TimeoutOptions {
  readonly handleOf: (uuid: string) => VmHandle | undefined;
  /** Ends the attempt, and tells of it. Resolves when that is done, or cannot be now. */
  readonly end: (task: VmRecord) => Promise<void>;
}

/** An end that could not be brought about is tried again after this. */
const retryMs = 500;

export class TaskTimeouts {
  readonly #options: TimeoutOptions;
  /** By uuid: the generation whose time runs. */
  readonly #running = new Map<string, { readonly generation: number; readonly timer: NodeJS.Timeout }>();

  constructor(options: TimeoutOptions) {
    this.#options = options;
  }

  /** To be told of what this node has whenever the state has changed. */
  look(vms: readonly VmRecord[]): void {
    const current = new Map(vms.map((vm) => [vm.uuid, vm]));
    for (const [uuid, { generation }] of this.#running) {
      if (this.#timeLeftMs(current.get(uuid)) === null || current.get(uuid)?.generation !== generation) this.#forget(uuid);
    }
    for (const vm of vms) {
      const leftMs = this.#running.has(vm.uuid) ? null : this.#timeLeftMs(vm);
      if (leftMs !== null) this.#wait(vm, leftMs);
    }
  }

  stop(): void {
    for (const uuid of this.#running.keys()) this.#forget(uuid);
  }

  /** Null for what is no attempt that runs here for the latest wish. */
  #timeLeftMs(vm: VmRecord | undefined): number | null {
    if (vm?.spec.timeoutMs === undefined || vm.desired !== "running") return null;
    const identity = this.#options.handleOf(vm.uuid)?.identity;
    if (identity?.generation !== vm.generation) return null;
    return Math.max(0, startedMs(identity) + vm.spec.timeoutMs - leaseClock());
  }

  #wait(vm: VmRecord, leftMs: number): void {
    const timer = setTimeout(() => void this.#end(vm), Math.min(leftMs, 2 ** 31 - 1)).unref();
    this.#running.set(vm.uuid, { generation: vm.generation, timer });
  }

  async #end(vm: VmRecord): Promise<void> {
    const leftMs = this.#timeLeftMs(vm);
    if (leftMs === 0) await this.#options.end(vm);
    const again = this.#timeLeftMs(vm);
    if (this.#running.get(vm.uuid)?.generation !== vm.generation) return;
    if (again === null) this.#forget(vm.uuid);
    else this.#wait(vm, Math.max(again, retryMs));
  }

  #forget(uuid: string): void {
    clearTimeout(this.#running.get(uuid)?.timer);
    this.#running.delete(uuid);
  }
}
