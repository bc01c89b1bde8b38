/**
 * The executor: compares what the applied state wants of this node with what really runs, acts through a driver, and
 * reports the outcome as a command (row P4). It keeps no state of its own but which processes are whose.
 */

import { UserError } from "../errors.ts";
import { outbox } from "../machine/outbox.ts";
import { listVms } from "../machine/query.ts";
import type { Debt, VmRecord } from "../machine/records.ts";
import type { RunDir } from "../vm/driver.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import { LocalVms } from "./local-vms.ts";
import { reportTimeoutMs, retryPauseMs, VmReports } from "./vm-reports.ts";

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #vms: LocalVms;
  readonly #reports: VmReports;
  /** Names of VMs that are being worked on: one task each. */
  readonly #busy = new Set<string>();
  #started = false;
  #stopped = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#vms = new LocalVms(options, () => this.poke());
    this.#reports = new VmReports(options, (step) => this.#vms.trace(step));
  }

  /**
   * Adopts what an earlier daemon left running, then waits until this node has all that was committed before: rows
   * that are behind name wishes of the past, and must not start anything (row P5).
   */
  async start(): Promise<void> {
    const unknown: RunDir[] = [];
    for (const dir of await this.#options.runs.list()) {
      const vm = this.#recordOf(dir);
      if (vm === undefined) unknown.push(dir);
      else await this.#vms.adopt(vm, dir);
    }
    while (!this.#stopped) {
      try {
        await this.#options.requests.linearize(reportTimeoutMs);
        break;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await this.#options.requests.nextChange(retryPauseMs);
      }
    }
    for (const dir of unknown) {
      const vm = this.#recordOf(dir);
      await (vm === undefined ? this.#vms.tellOrphan(dir) : this.#vms.adopt(vm, dir));
    }
    this.#started = true;
    this.poke();
  }

  /** The record that gives the VM of the directory to this node. Rows that are behind may not have it yet. */
  #recordOf(dir: RunDir): VmRecord | undefined {
    const { machine, self, runs } = this.#options;
    return listVms(machine(), self).find(({ uuid }) => uuid === runs.uuidOf(dir));
  }

  /** The state changed: pay what is owed. */
  poke(): void {
    if (!this.#started || this.#stopped) return;
    const { machine, self } = this.#options;
    for (const debt of outbox(machine(), self)) this.#take(debt.vm.spec.name, () => this.#pay(debt));
    for (const vm of listVms(machine(), self)) {
      if (this.#isUnfounded(vm)) this.#take(vm.spec.name, () => this.#reportEnd(vm));
      else if (this.#isStray(vm)) this.#take(vm.spec.name, async () => void (await this.#vms.end(vm, true)));
    }
  }

  /** Lets go of the VMs; they run on. */
  stop(): void {
    this.#stopped = true;
    this.#reports.stop();
    this.#vms.stop();
  }

  /** Every VM of this node, running or to come, may run until `untilMs` by `sinceBootMs` (row W6). */
  renew(untilMs: number): Promise<void> {
    return this.#vms.renew(untilMs);
  }

  /** Pid of a VM that runs here; 0 when none does. */
  pidOf(uuid: string): number {
    return this.#vms.handleOf(uuid)?.identity.pid ?? 0;
  }

  /** The record says running, and nothing runs. */
  #isUnfounded(vm: VmRecord): boolean {
    if (vm.desired !== "running" || vm.observedGeneration !== vm.generation) return false;
    return vm.observed === "running" && this.#vms.handleOf(vm.uuid) === undefined;
  }

  /** The record says that it ended, and a process of it runs: a late report of an earlier daemon won. */
  #isStray(vm: VmRecord): boolean {
    const ended = vm.observed === "stopped" || vm.observed === "failed";
    return ended && vm.observedGeneration === vm.generation && this.#vms.handleOf(vm.uuid) !== undefined;
  }

  #take(name: string, work: () => Promise<void>): void {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    const { log } = this.#options;
    work()
      .catch((error: unknown) => log.warn("a VM could not be dealt with", { vm: name, error: String(error) }))
      .finally(() => {
        this.#busy.delete(name);
        setTimeout(() => this.poke(), 0).unref();
      });
  }

  #pay(debt: Debt): Promise<void> {
    switch (debt.kind) {
      case "start":
        return this.#startVm(debt.vm);
      case "stop":
        return this.#stopVm(debt.vm);
      case "delete":
        return this.#deleteVm(debt.vm);
    }
  }

  async #startVm(vm: VmRecord): Promise<void> {
    const { uuid, generation, spec } = vm;
    let booted = true;
    try {
      const handle = this.#vms.handleOf(uuid) ?? (await this.#vms.launch(vm));
      await this.#reports.report(vm, "starting", null, null);
      await Promise.race([handle.ready(this.#options.bootDeadlineMs), handle.ended]).catch((error: unknown) => {
        booted = false;
        throw error;
      });
      if (this.#vms.handleOf(uuid) !== handle) return await this.#reportEnd(vm);
      this.#vms.trace({ event: "VmReady", vm: spec.name, uuid, generation });
      await this.#reports.report(vm, "running", null, null);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      const exit = await this.#vms.end(vm, true);
      await this.#reports.report(vm, "failed", exit === null || booted ? exit : { ...exit, how: "boot-timeout" }, failure);
    }
  }

  async #stopVm(vm: VmRecord): Promise<void> {
    const exit = await this.#vms.end(vm, vm.forceStop);
    await this.#reports.report(vm, "stopped", exit, null);
  }

  async #deleteVm(vm: VmRecord): Promise<void> {
    await this.#vms.end(vm, true);
    await this.#vms.driverOf(vm.spec.driver).remove(this.#options.runs.of(vm.uuid));
    this.#vms.forget(vm.uuid);
    await this.#reports.report(vm, "gone", null, null);
  }

  /** It ended by itself: told as it was. */
  async #reportEnd(vm: VmRecord): Promise<void> {
    const exit = this.#vms.exitOf(vm.uuid) ?? { how: "unknown", code: null, signal: null };
    const orderly = exit.how === "guest-shutdown";
    const failure = orderly ? null : `the VM ended by itself (${exit.how})`;
    await this.#reports.report(vm, orderly ? "stopped" : "failed", exit, failure);
  }
}
