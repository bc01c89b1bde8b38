/**
 * Directories of VMs that have moved away. What is in one is of no use any more, and would be taken for the VM's own if
 * it ever came back: once the VM has answered where it is now, the directory goes.
 */

import { listVms } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { ExecutorOptions } from "./executor-options.ts";

const everyMs = 5_000;

interface LeftBehindOptions extends Pick<ExecutorOptions, "machine" | "runs" | "self" | "drivers" | "log"> {
  /** Does the work when nothing else is done for that VM. */
  readonly take: (name: string, work: () => Promise<void>) => Promise<void>;
  readonly runsHere: (uuid: string) => boolean;
}

export class LeftBehind {
  readonly #options: LeftBehindOptions;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(options: LeftBehindOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), everyMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { runs, machine, self, take, log } = this.#options;
    try {
      const dirs = await runs.list();
      if (dirs.length === 0) return;
      const gone = new Map(listVms(machine()).filter((vm) => isElsewhere(vm, self)).map((vm) => [vm.uuid, vm]));
      for (const dir of dirs) {
        const vm = gone.get(runs.uuidOf(dir));
        if (vm !== undefined) await take(vm.spec.name, () => this.#remove(vm));
      }
    } catch (error) {
      log.warn("directories of VMs that moved away could not be looked at", { error: String(error) });
    } finally {
      this.#looking = false;
    }
  }

  /** The record is read again: it may have come back meanwhile. The driver refuses while a process of it is alive. */
  async #remove({ spec, uuid }: VmRecord): Promise<void> {
    const { machine, self, runs, drivers, log, runsHere } = this.#options;
    const vm = listVms(machine()).find((one) => one.uuid === uuid);
    if (vm === undefined || !isElsewhere(vm, self) || runsHere(uuid)) return;
    await drivers.get(spec.driver)?.remove(runs.of(uuid));
    log.info("what a VM that moved away had left here is removed", { vm: spec.name, uuid, now: vm.owner });
  }
}

/** It has another owner, which has answered for it, and is not about to move: what is here may be for its arrival. */
export function isElsewhere(vm: VmRecord, self: string): boolean {
  return vm.owner !== self && vm.owner !== "" && vm.migration === undefined && vm.observedGeneration === vm.generation && vm.observed !== "pending" && vm.observed !== "starting";
}
