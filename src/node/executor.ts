/**
 * The executor: compares what the applied state wants of this node with what really runs, acts through a driver, and
 * reports the outcome as a command (row P4). It keeps no state of its own but which processes are whose.
 */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import { outbox } from "../machine/outbox.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { Debt, DriverName, VmExit, VmRecord } from "../machine/records.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import type { RunDir, VmDriver, VmHandle } from "../vm/driver.ts";
import type { ExecutorOptions } from "./executor-options.ts";

type Observed = Extract<Command, { kind: "vm-report" }>["observed"];

/** How long one report is tried before the debt is looked at anew. */
const reportTimeoutMs = 5_000;
const retryPauseMs = 500;

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #running = new Map<string, VmHandle>();
  /** What ended while nobody had asked for it, until it is reported. */
  readonly #ended = new Map<string, VmExit>();
  /** Names of VMs that are being worked on: one task each. */
  readonly #busy = new Set<string>();
  readonly #client = randomUUID();
  #sequence = 0;
  /** Reports that are not answered yet, by their place in the session. */
  readonly #open = new Set<number>();
  #started = false;
  #stopped = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
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
      else await this.#adopt(vm, dir);
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
      await (vm === undefined ? this.#tellOrphan(dir) : this.#adopt(vm, dir));
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
      else if (this.#isStray(vm)) this.#take(vm.spec.name, async () => void (await this.#end(vm, true)));
    }
  }

  /** Lets go of the VMs; they run on. */
  stop(): void {
    this.#stopped = true;
    for (const handle of this.#running.values()) handle.close();
  }

  /** Pid of a VM that runs here; 0 when none does. */
  pidOf(uuid: string): number {
    return this.#running.get(uuid)?.identity.pid ?? 0;
  }

  /** The record says running, and nothing runs. */
  #isUnfounded(vm: VmRecord): boolean {
    if (vm.desired !== "running" || vm.observedGeneration !== vm.generation) return false;
    return vm.observed === "running" && !this.#running.has(vm.uuid);
  }

  /** The record says that it ended, and a process of it runs: a late report of an earlier daemon won. */
  #isStray(vm: VmRecord): boolean {
    const ended = vm.observed === "stopped" || vm.observed === "failed";
    return ended && vm.observedGeneration === vm.generation && this.#running.has(vm.uuid);
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
      const handle = this.#running.get(uuid) ?? (await this.#launch(vm));
      await this.#report(vm, "starting", null, null);
      await Promise.race([handle.ready(this.#options.bootDeadlineMs), handle.ended]).catch((error: unknown) => {
        booted = false;
        throw error;
      });
      if (this.#running.get(uuid) !== handle) return await this.#reportEnd(vm);
      this.#traceStep({ event: "VmReady", vm: spec.name, uuid, generation });
      await this.#report(vm, "running", null, null);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      const exit = await this.#end(vm, true);
      await this.#report(vm, "failed", exit === null || booted ? exit : { ...exit, how: "boot-timeout" }, failure);
    }
  }

  async #launch(vm: VmRecord): Promise<VmHandle> {
    const { uuid, generation, spec } = vm;
    const driver = this.#driverOf(spec.driver);
    this.#traceStep({ event: "LaunchVm", vm: spec.name, uuid, generation });
    try {
      const handle = await driver.start(spec, uuid, generation, this.#options.runs.of(uuid));
      this.#watch(spec.name, handle);
      return handle;
    } catch (error) {
      this.#traceStep({ event: "VmEnded", vm: spec.name, uuid, how: "unknown" });
      throw error;
    }
  }

  #driverOf(name: DriverName): VmDriver {
    const driver = this.#options.drivers.get(name);
    if (driver === undefined) throw new UserError("DRIVER_UNAVAILABLE", `this node has no driver ${name}`);
    return driver;
  }

  /** Notes the end of a VM whenever it comes, asked for or not. */
  #watch(name: string, handle: VmHandle): void {
    const { uuid } = handle.identity;
    this.#running.set(uuid, handle);
    this.#ended.delete(uuid);
    handle.ended.then(
      (exit) => {
        if (this.#stopped || this.#running.get(uuid) !== handle) return;
        this.#running.delete(uuid);
        this.#ended.set(uuid, exit);
        this.#traceStep({ event: "VmEnded", vm: name, uuid, how: exit.how });
        this.#options.log.info("VM ended", { vm: name, uuid, ...exit });
        this.poke();
      },
      (error: unknown) => this.#options.log.warn("lost sight of a VM", { vm: name, error: String(error) }),
    );
  }

  /** Ends the VM if it runs; returns how it ended, if it ever ran. */
  async #end(vm: VmRecord, force: boolean): Promise<VmExit | null> {
    const { uuid, generation, spec } = vm;
    const handle = this.#running.get(uuid);
    if (handle === undefined) return this.#ended.get(uuid) ?? vm.exit;
    const current = getVm(this.#options.machine(), spec.name);
    if (current?.uuid === uuid && current.desired !== "running" && current.generation === generation) {
      this.#traceStep({ event: "StopVm", vm: spec.name, uuid, generation });
    }
    const exit = await handle.stop({ graceMs: this.#options.stopGraceMs, force });
    // `ended` is told to the watcher first; it writes the line.
    await handle.ended;
    await Promise.resolve();
    return exit;
  }

  async #stopVm(vm: VmRecord): Promise<void> {
    const exit = await this.#end(vm, vm.forceStop);
    await this.#report(vm, "stopped", exit, null);
  }

  async #deleteVm(vm: VmRecord): Promise<void> {
    await this.#end(vm, true);
    await this.#driverOf(vm.spec.driver).remove(this.#options.runs.of(vm.uuid));
    this.#ended.delete(vm.uuid);
    await this.#report(vm, "gone", null, null);
  }

  /** It ended by itself: told as it was. */
  async #reportEnd(vm: VmRecord): Promise<void> {
    const exit = this.#ended.get(vm.uuid) ?? { how: "unknown", code: null, signal: null };
    const orderly = exit.how === "guest-shutdown";
    const failure = orderly ? null : `the VM ended by itself (${exit.how})`;
    await this.#report(vm, orderly ? "stopped" : "failed", exit, failure);
  }

  async #adopt({ uuid, spec }: VmRecord, dir: RunDir): Promise<void> {
    const { drivers, log } = this.#options;
    const reasons: string[] = [];
    for (const driver of drivers.values()) {
      const found = await driver.adopt(dir);
      if (found.kind === "absent") continue;
      if (found.kind === "foreign") {
        reasons.push(found.reason);
        continue;
      }
      if (found.kind === "ended") {
        this.#ended.set(uuid, found.exit);
        this.#traceStep({ event: "VmEnded", vm: spec.name, uuid, how: found.exit.how });
        return;
      }
      const { generation, pid } = found.handle.identity;
      this.#traceStep({ event: "AdoptVm", vm: spec.name, uuid, generation });
      this.#watch(spec.name, found.handle);
      log.info("VM adopted", { vm: spec.name, uuid, pid });
      return;
    }
    if (reasons.length > 0) log.warn("a process has the pid of a VM but is none; it is left alone", { uuid, reasons });
  }

  /** No record names it: it is told of and left alone, for nobody here may know what it is worth (row P5). */
  async #tellOrphan(dir: RunDir): Promise<void> {
    const { runs, drivers, log } = this.#options;
    for (const driver of drivers.values()) {
      const found = await driver.adopt(dir);
      if (found.kind !== "running") continue;
      found.handle.close();
      return log.warn("orphan: a VM runs here that no record names; it is left alone", { ...found.handle.identity });
    }
    log.warn("a directory of a VM that no record names; it is left alone", { uuid: runs.uuidOf(dir) });
  }

  /** Submits what was observed, until somebody says something final. A refusal is final: the wish has changed. */
  async #report(vm: VmRecord, observed: Observed, exit: VmExit | null, failure: string | null): Promise<void> {
    const { self, requests, log } = this.#options;
    const { uuid, generation, spec } = vm;
    const command: Command = { kind: "vm-report", name: spec.name, uuid, node: self, generation, observed, exit, failure };
    const sequence = ++this.#sequence;
    this.#open.add(sequence);
    this.#traceStep({ event: "ReportVm", vm: spec.name, uuid, generation, observed });
    while (!this.#stopped) {
      try {
        const acknowledged = Math.min(...this.#open);
        const reply = await requests.submit({ client: this.#client, sequence, acknowledged, command }, reportTimeoutMs);
        this.#open.delete(sequence);
        // The debt is looked at again when this node knows what it reported, or it would be paid twice.
        while (!this.#stopped && requests.appliedIndex < reply.index) await requests.nextChange(retryPauseMs);
        if (!reply.ok) log.info("a report was refused", { vm: spec.name, observed, code: reply.code, reason: reply.message });
        return;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        log.debug("a report waits", { vm: spec.name, observed, error: error.message });
        await requests.nextChange(retryPauseMs);
      }
    }
  }

  /** Writes the line so that it survives before the world changes. */
  #traceStep(step: TracedClusterStep): void {
    if (this.#stopped) return;
    this.#options.trace.append(this.#options.group, step);
    this.#options.trace.flush();
  }
}
