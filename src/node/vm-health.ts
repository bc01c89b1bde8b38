/**
 * Looks after the VMs of this node that have a health check, and tells the log when the result changes. One that is
 * unhealthy, and would be started again had it failed, is given up.
 */

import { healthOf, runsAsWished } from "../machine/health.ts";
import { getVm } from "../machine/query.ts";
import type { HealthCheck, HealthFound, VmRecord } from "../machine/records.ts";
import { restartDelayMs } from "../machine/restart-policy.ts";
import type { VmHandle } from "../vm/driver.ts";
import type { Look } from "../vm/health-probe.ts";
import { lookAfter } from "./concrete.ts";
import type { ExecutorOptions } from "./executor-options.ts";

interface HealthOptions extends Pick<ExecutorOptions, "machine" | "runs" | "log" | "mayRun"> {
  readonly handleOf: (uuid: string) => VmHandle | undefined;
  readonly report: (vm: VmRecord, health: HealthFound["state"], detail: string) => Promise<void>;
  /** Ends it; resolves when that is done, or cannot be now. */
  readonly giveUp: (vm: VmRecord, detail: string) => Promise<void>;
}

/** One generation of one VM that is looked after. */
interface Watched {
  readonly vm: VmRecord;
  readonly handle: VmHandle;
  readonly check: HealthCheck;
  readonly look: Look;
  failures: number;
  timer?: NodeJS.Timeout;
}

export class VmHealth {
  readonly #options: HealthOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** To be told of the VMs of this node whenever the state has changed. */
  look(vms: readonly VmRecord[]): void {
    const current = new Map(vms.map((vm) => [vm.uuid, vm]));
    for (const [uuid, watched] of this.#watched) {
      const vm = current.get(uuid);
      if (vm === undefined || !runsAsWished(vm) || vm.generation !== watched.vm.generation || this.#options.handleOf(uuid) !== watched.handle) this.#forget(uuid);
    }
    for (const vm of vms) {
      const { health: check } = vm.spec;
      const handle = check === undefined ? undefined : this.#options.handleOf(vm.uuid);
      if (check === undefined || handle === undefined || !runsAsWished(vm) || this.#watched.has(vm.uuid)) continue;
      const look = lookAfter(vm.spec, check.probe, handle, this.#options.runs.of(vm.uuid), healthOf(vm) === "healthy");
      const watched = { vm, handle, check, look, failures: 0 };
      this.#watched.set(vm.uuid, watched);
      void this.#turn(watched);
    }
  }

  stop(): void {
    for (const uuid of [...this.#watched.keys()]) this.#forget(uuid);
  }

  #forget(uuid: string): void {
    clearTimeout(this.#watched.get(uuid)?.timer);
    this.#watched.delete(uuid);
  }

  #isOver(watched: Watched): boolean {
    return this.#watched.get(watched.vm.uuid) !== watched;
  }

  async #turn(watched: Watched): Promise<void> {
    const { vm, check, look } = watched;
    const failure = await look(check.timeoutMs);
    if (this.#isOver(watched)) return;
    watched.failures = failure === null ? 0 : watched.failures + 1;
    await this.#conclude(watched, failure).catch((error: unknown) => {
      this.#options.log.warn("the health of a VM could not be told", { vm: vm.spec.name, error: String(error) });
    });
    if (this.#isOver(watched)) return;
    watched.timer = setTimeout(() => void this.#turn(watched), check.intervalMs).unref();
  }

  /** What is known to everybody is not told again. */
  async #conclude(watched: Watched, failure: string | null): Promise<void> {
    if (failure !== null && watched.failures < watched.check.threshold) return;
    const { machine, log, mayRun } = this.#options;
    const { name } = watched.vm.spec;
    const vm = getVm(machine(), name);
    if (vm?.uuid !== watched.vm.uuid || vm.generation !== watched.vm.generation || !mayRun()) return;
    const found = failure === null ? "healthy" : "unhealthy";
    if (healthOf(vm) !== found) {
      log.info("the health of a VM changed", { vm: name, uuid: vm.uuid, health: found, detail: failure ?? "" });
      await this.#options.report(vm, found, [...(failure ?? "")].slice(0, 400).join(""));
    }
    if (failure !== null && !this.#isOver(watched) && restartDelayMs({ ...vm, observed: "failed" }) !== null) await this.#options.giveUp(vm, failure);
  }
}
