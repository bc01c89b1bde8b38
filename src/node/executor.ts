/**
 * The executor: compares what the applied state wants of this node with what really runs, acts through a driver, and
 * reports the outcome as a command (row P4). It keeps no state of its own but which processes are whose.
 */

import { UserError } from "../errors.ts";
import { isCarried, mustContinue } from "../machine/carry.ts";
import { isOvertaken, isStray, isUnfounded } from "../machine/discord.ts";
import { outbox } from "../machine/outbox.ts";
import { ownEnd } from "../machine/own-end.ts";
import { listVms } from "../machine/query.ts";
import type { Debt, VmRecord } from "../machine/records.ts";
import type { RunDir, VmHandle } from "../vm/driver.ts";
import { isTask } from "../machine/task-state.ts";
import { Carrier } from "./carrier.ts";
import { EarlyEndings } from "./early-endings.ts";
import { TaskTimeouts } from "./task-timeouts.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import { LeftBehind } from "./left-behind.ts";
import { LocalVms } from "./local-vms.ts";
import type { VmHere } from "./peers.ts";
import type { LeasedVms } from "./worker-lease.ts";
import { reportTimeoutMs, retryPauseMs, VmReports } from "./vm-reports.ts";
import { VmImages } from "./vm-images.ts";
import { VmHealth } from "./vm-health.ts";
import { VmRestarts } from "./vm-restarts.ts";

/** How long a VM may take to answer its driver. */
const answerMs = 5_000;

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #vms: LocalVms;
  readonly #reports: VmReports;
  readonly #restarts: VmRestarts;
  readonly #health: VmHealth;
  readonly #images: VmImages;
  readonly #leftBehind: LeftBehind;
  readonly #timeouts: TaskTimeouts;
  readonly #endings: EarlyEndings;
  /** Moves with memory. */
  readonly carrier: Carrier;
  /** Names of VMs that are being worked on: one task each. */
  readonly #busy = new Set<string>();
  readonly #hurried = new WeakSet<VmHandle>();
  #started = false;
  #stopped = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#vms = new LocalVms(options, () => this.poke());
    this.#restarts = new VmRestarts(options);
    this.#images = new VmImages(options);
    this.carrier = new Carrier(options, this.#vms, {
      ...{ take: (name, work) => this.#take(name, work), poke: () => this.poke() },
      bring: (vm) => this.#images.bring(vm, () => this.#stopped || this.#isOvertaken(vm)),
    });
    this.#leftBehind = new LeftBehind({ ...options, take: (name, work) => this.#take(name, work), runsHere: (uuid) => this.#vms.handleOf(uuid) !== undefined });
    this.#reports = new VmReports(options, (step) => this.#vms.trace(step));
    this.#endings = new EarlyEndings(options, this.#vms, this.#reports);
    this.#timeouts = new TaskTimeouts({
      handleOf: (uuid) => this.#vms.handleOf(uuid),
      end: (task) => this.#take(task.spec.name, () => this.#endings.late(task)),
    });
    this.#health = new VmHealth({
      ...options,
      handleOf: (uuid) => this.#vms.handleOf(uuid),
      report: (vm, health, detail) => this.#reports.reportHealth(vm, health, detail),
      giveUp: (vm, detail) => this.#take(vm.spec.name, () => this.#endings.unhealthy(vm, detail)),
    });
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
      await (vm === undefined ? this.carrier.meet(dir) : this.#vms.adopt(vm, dir));
    }
    this.#started = true;
    this.#leftBehind.start();
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
    const mayRun = this.#options.mayRun();
    for (const debt of outbox(machine(), self)) {
      if (!mayRun && debt.kind === "start") continue;
      this.#hurry(debt);
      void this.#take(debt.vm.spec.name, () => this.#pay(debt));
    }
    const own = listVms(machine(), self);
    this.#restarts.look(own);
    this.#health.look(own);
    this.carrier.look(own);
    this.#timeouts.look(own);
    for (const vm of own) {
      const runs = this.#vms.handleOf(vm.uuid) !== undefined;
      if (isUnfounded(vm, runs) && mayRun) void this.#take(vm.spec.name, () => this.#reportEnd(vm));
      else if (isStray(vm, runs)) void this.#take(vm.spec.name, async () => void (await this.#vms.end(vm, true)));
    }
  }

  /** Lets go of the VMs; they run on. */
  stop(): void {
    this.#stopped = true;
    for (const part of [this.carrier, this.#endings, this.#reports, this.#restarts, this.#leftBehind, this.#health, this.#timeouts, this.#vms]) part.stop();
  }

  /** What the lease of this worker has to do with its VMs (row W6). */
  readonly leased: LeasedVms = {
    known: () => this.#started,
    running: () => this.#vms.count,
    renew: (untilMs) => this.#vms.renew(untilMs),
    endAll: () => this.#vms.endAll(),
    poke: () => this.poke(),
  };

  /** The VM, if it runs here. */
  handleOf(uuid: string): VmHandle | undefined {
    return this.#vms.handleOf(uuid);
  }

  /** What only this node knows of a VM. */
  here(uuid: string): VmHere {
    return { pid: this.#vms.handleOf(uuid)?.identity.pid ?? 0, doing: this.#images.doingFor(uuid) };
  }

  /** A graceful stop is under way, and now it must not wait for the guest any more. */
  #hurry({ kind, vm }: Debt): void {
    const handle = this.#vms.handleOf(vm.uuid);
    const must = kind === "delete" || (kind === "stop" && vm.forceStop);
    if (!must || handle === undefined || !this.#busy.has(vm.spec.name) || this.#hurried.has(handle)) return;
    this.#hurried.add(handle);
    handle.stop({ graceMs: 0, force: true }).catch((error: unknown) => {
      this.#hurried.delete(handle);
      this.#options.log.warn("a VM could not be ended", { vm: vm.spec.name, error: String(error) });
    });
  }

  /** Resolves when the work is done, or at once when other work on that VM is under way. */
  async #take(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    const { log } = this.#options;
    await work()
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
      case "pause":
        return this.#pauseVm(debt.vm);
      case "stop":
        return this.#stopVm(debt.vm);
      case "delete":
        return this.#deleteVm(debt.vm);
    }
  }

  async #startVm(vm: VmRecord): Promise<void> {
    const { uuid, generation, spec } = vm;
    let booted = true;
    // An attempt at a task runs once, though the daemon died before it could tell of its end.
    if (isTask(vm) && this.#vms.exitFor(vm) !== undefined) return this.#reportEnd(vm);
    try {
      const handle = await this.#processFor(vm);
      await this.#reports.report(vm, "starting", null, null);
      await this.#boot(vm, handle).catch((error: unknown) => {
        booted = false;
        throw error;
      });
      if (this.#isOvertaken(vm)) return; // what is wanted now is owed now
      if (this.#vms.handleOf(uuid) !== handle) return await this.#reportEnd(vm);
      this.#vms.trace({ event: "VmReady", vm: spec.name, uuid, generation });
      await this.#reports.report(vm, "running", null, null);
    } catch (error) {
      // It is owed again when the lease is back, or no more.
      if (!this.#options.mayRun() || this.#isOvertaken(vm)) return;
      // A program that was quick: its exit code says more than that it was not seen to run.
      if (this.#vms.exitOf(uuid)?.how === "exited") return await this.#reportEnd(vm);
      const failure = error instanceof Error ? error.message : String(error);
      const exit = await this.#vms.end(vm, true);
      await this.#reports.report(vm, "failed", exit === null || booted ? exit : { ...exit, how: "boot-timeout" }, failure);
    }
  }

  /** Resolves when the guest is up or gone, or when something else is wanted. */
  async #boot(vm: VmRecord, handle: VmHandle): Promise<void> {
    const boot = { isOver: false };
    const overtaken = async (): Promise<void> => {
      while (!boot.isOver && !this.#stopped && !this.#isOvertaken(vm)) await this.#options.requests.nextChange(retryPauseMs);
    };
    try {
      await Promise.race([handle.ready(vm.spec.bootDeadlineMs ?? this.#options.bootDeadlineMs), handle.ended, overtaken()]);
    } finally {
      boot.isOver = true;
    }
  }

  #isOvertaken(vm: VmRecord): boolean {
    return isOvertaken(this.#options.machine(), vm);
  }

  /** The process that serves the latest wish: the one that runs, unless another is asked for, or a new one. */
  async #processFor(vm: VmRecord): Promise<VmHandle> {
    if (mustContinue(vm)) return this.carrier.goOn(vm);
    const running = this.#vms.handleOf(vm.uuid);
    if (running === undefined) return this.#launch(vm);
    if (running.identity.generation < (vm.freshFrom ?? 0)) {
      await this.#vms.end(vm, vm.forceStop);
      return this.#launch(vm);
    }
    if ((await running.status(answerMs)) === "paused") await running.resume(answerMs);
    return running;
  }

  async #launch(vm: VmRecord): Promise<VmHandle> {
    await this.#images.bring(vm, () => this.#stopped || this.#isOvertaken(vm));
    return this.#vms.launch(vm);
  }

  /** One that has ended is told of; one that does not answer is asked again. */
  async #pauseVm(vm: VmRecord): Promise<void> {
    const { uuid, generation, spec } = vm;
    const handle = this.#vms.handleOf(uuid);
    if (handle === undefined) return this.#reportEnd(vm);
    try {
      await handle.pause(answerMs);
    } catch (error) {
      await this.#options.requests.nextChange(retryPauseMs);
      throw error;
    }
    this.#vms.trace({ event: "PauseVm", vm: spec.name, uuid, generation });
    await this.#reports.report(vm, "paused", null, null);
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

  /**
   * It ended by itself: told as it was. What ended with the lease is started again when the lease is back; until then
   * nobody is told, for whose the VM is may change any moment.
   */
  async #reportEnd(vm: VmRecord): Promise<void> {
    if (!this.#options.mayRun()) return;
    // Nothing is booted in its place while its target may go on with it.
    if (isCarried(vm) && this.#vms.wasFenced(vm.uuid)) return this.carrier.giveUp(vm, "its worker lost its lease");
    if (vm.desired === "running" && !isTask(vm) && this.#vms.wasFenced(vm.uuid)) return this.#startVm(vm);
    const { observed, exit, failure } = ownEnd(this.#vms.exitOf(vm.uuid));
    await this.#reports.report(vm, observed, exit, failure);
  }
}
