/**
 * The VMs that run on this node, as far as the daemon has seen: started, adopted, held to their lease, ended. Each step
 * leaves its line in the trace before the world changes, or as soon as the world is known to have changed.
 */

import { UserError } from "../errors.ts";
import { isCarried, mustContinue, type Carried } from "../machine/carry.ts";
import { getVm } from "../machine/query.ts";
import type { DriverName, VmExit, VmRecord } from "../machine/records.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import type { RunDir, VmDriver, VmHandle } from "../vm/driver.ts";
import { leaseClock } from "./concrete.ts";
import type { ExecutorOptions } from "./executor-options.ts";

/** How long a guest may take to go on. */
const resumeMs = 5_000;

export class LocalVms {
  readonly #options: ExecutorOptions;
  readonly #onEnd: () => void;
  readonly #running = new Map<string, VmHandle>();
  /** What ended, until it is reported. */
  readonly #ended = new Map<string, { readonly exit: VmExit; readonly generation: number }>();
  /** VMs that ended because the lease did: not by their own fault, so they are started again if they come back here. */
  readonly #fenced = new Set<string>();
  /** VMs that stand still for a move with memory. */
  readonly #standing = new Set<string>();
  #starting = 0;
  #leaseUntilMs: number | undefined;
  #stopped = false;

  /** `onEnd` is called when a VM has ended, asked for or not. */
  constructor(options: ExecutorOptions, onEnd: () => void) {
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** Lets go of the VMs; they run on. */
  stop(): void {
    this.#stopped = true;
    for (const handle of this.#running.values()) handle.close();
  }

  handleOf(uuid: string): VmHandle | undefined {
    return this.#running.get(uuid);
  }

  /** Processes that run here, or are about to. */
  get count(): number {
    return this.#running.size + this.#starting;
  }

  /** The lease is over: everything is ended, and what it was is remembered. */
  endAll(): void {
    for (const [uuid, handle] of this.#running) {
      if (this.#fenced.has(uuid)) continue;
      this.#fenced.add(uuid);
      handle.stop({ graceMs: 0, force: true }).catch((error: unknown) => {
        this.#fenced.delete(uuid);
        this.#options.log.error("a VM could not be ended with its lease", { vm: handle.identity.name, error: String(error) });
      });
    }
  }

  /** It ended because the lease did. */
  wasFenced(uuid: string): boolean {
    return this.#fenced.has(uuid) || this.exitOf(uuid)?.how === "lease-expired";
  }

  /** How the VM ended, if it did so under the eyes of this daemon or was found ended by it. */
  exitOf(uuid: string): VmExit | undefined {
    return this.#ended.get(uuid)?.exit;
  }

  /** How the process that was started for this generation ended, if it did. */
  exitFor({ uuid, generation }: VmRecord): VmExit | undefined {
    const ended = this.#ended.get(uuid);
    return ended?.generation === generation ? ended.exit : undefined;
  }

  forget(uuid: string): void {
    this.#ended.delete(uuid);
  }

  /** Every VM of this node may run until `untilMs` by `sinceBootMs`, those too that start later (row W6). */
  async renew(untilMs: number): Promise<void> {
    this.#leaseUntilMs = Math.max(this.#leaseUntilMs ?? 0, untilMs);
    await Promise.all([...this.#running.values()].map((handle) => this.#renew(handle)));
  }

  /** A VM without a watchdog must not outlive the lease, so it is not kept. */
  async #renew(handle: VmHandle): Promise<void> {
    if (this.#leaseUntilMs === undefined) return;
    try {
      await handle.renew(this.#leaseUntilMs);
    } catch (error) {
      this.#options.log.error("the lease of a VM cannot be renewed; it will end", { vm: handle.identity.name, error: String(error) });
    }
  }

  driverOf(name: DriverName): VmDriver {
    const driver = this.#options.drivers.get(name);
    if (driver === undefined) throw new UserError("DRIVER_UNAVAILABLE", `this node has no driver ${name}`);
    return driver;
  }

  launch(vm: VmRecord): Promise<VmHandle> {
    const { uuid, generation, spec } = vm;
    const at = spec.timeoutMs === undefined ? {} : { atMs: Math.floor(leaseClock()) };
    return this.#begin(vm, { event: "LaunchVm", vm: spec.name, uuid, generation, ...at }, generation, false);
  }

  /** Starts a process that waits for the memory of the VM, and would go on with it in the next generation. */
  wait(vm: Carried): Promise<VmHandle> {
    const { uuid, generation, spec, migration } = vm;
    return this.#begin(vm, { event: "AwaitVm", vm: spec.name, uuid, generation, move: migration.sinceIndex }, generation + 1, true);
  }

  async #begin({ uuid, spec }: VmRecord, told: TracedClusterStep, generation: number, waits: boolean): Promise<VmHandle> {
    const driver = this.driverOf(spec.driver);
    if (!this.#options.mayRun()) throw new UserError("WRONG_STATE", "this worker does not hold its lease");
    this.#starting += 1;
    this.trace(told);
    try {
      const handle = await driver.start(spec, uuid, generation, this.#options.runs.of(uuid), this.#leaseUntilMs, waits);
      this.#watch(spec.name, handle);
      if (waits) this.#standing.add(uuid);
      return handle;
    } catch (error) {
      this.trace({ event: "VmEnded", vm: spec.name, uuid, how: "unknown" });
      throw error;
    } finally {
      this.#starting -= 1;
    }
  }

  /** Notes the end of a VM whenever it comes, asked for or not. */
  #watch(name: string, handle: VmHandle): void {
    const { uuid } = handle.identity;
    this.#running.set(uuid, handle);
    this.#ended.delete(uuid);
    this.#fenced.delete(uuid);
    this.#standing.delete(uuid);
    handle.ended.then(
      (exit) => {
        if (this.#stopped || this.#running.get(uuid) !== handle) return;
        this.#running.delete(uuid);
        this.#standing.delete(uuid);
        this.#ended.set(uuid, { exit, generation: handle.identity.generation });
        this.trace({ event: "VmEnded", vm: name, uuid, how: exit.how });
        this.#options.log.info("VM ended", { vm: name, uuid, ...exit });
        this.#onEnd();
      },
      (error: unknown) => this.#options.log.warn("lost sight of a VM", { vm: name, error: String(error) }),
    );
  }

  /** Ends the VM if it runs; returns how it ended, if it ever ran. */
  async end(vm: VmRecord, force: boolean): Promise<VmExit | null> {
    const { uuid, generation, spec } = vm;
    const handle = this.#running.get(uuid);
    if (handle === undefined) return this.exitOf(uuid) ?? vm.exit;
    const current = getVm(this.#options.machine(), spec.name);
    // What stands still for a move hears no request.
    const stands = this.#standing.has(uuid);
    const isUnwanted = current?.desired !== "running" || handle.identity.generation < (current.freshFrom ?? 0);
    if (current?.uuid === uuid && current.generation === generation && isUnwanted && !stands) {
      this.trace({ event: "StopVm", vm: spec.name, uuid, generation });
    }
    const exit = await handle.stop({ graceMs: vm.graceMs ?? this.#options.stopGraceMs, force: force || stands });
    // `ended` is told to the watcher first; it writes the line.
    await handle.ended;
    await Promise.resolve();
    return exit;
  }

  /** The VM stands still for a move with memory. */
  stand(uuid: string): void {
    if (this.#running.has(uuid)) this.#standing.add(uuid);
  }

  stands(uuid: string): boolean {
    return this.#standing.has(uuid);
  }

  standing(): readonly VmHandle[] {
    return [...this.#standing].flatMap((uuid) => this.#running.get(uuid) ?? []);
  }

  /** It goes on, of which the owner is certain. */
  async goOn({ spec, uuid, generation }: VmRecord, handle: VmHandle): Promise<void> {
    this.trace({ event: "ContinueVm", vm: spec.name, uuid, generation });
    await handle.resume(resumeMs);
    this.#standing.delete(uuid);
  }

  /** Ends what stands still here and is not wanted. */
  async discard(handle: VmHandle): Promise<void> {
    await handle.stop({ graceMs: 0, force: true });
    await handle.ended;
    await Promise.resolve();
  }

  /** An earlier daemon left it standing still: its memory was sent, or it came with it and has not gone on. */
  async #isStill(vm: VmRecord, handle: VmHandle): Promise<boolean> {
    if ((await handle.memory?.sent()) != null) return true;
    if (vm.owner !== this.#options.self) return isCarried(vm);
    return mustContinue(vm) && (await handle.status(resumeMs)) === "paused";
  }

  /** Takes over what an earlier daemon left in the run directory of a VM that is this node's. */
  async adopt(vm: VmRecord, dir: RunDir): Promise<void> {
    const { uuid, spec } = vm;
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
        this.#ended.set(uuid, found);
        this.trace({ event: "VmEnded", vm: spec.name, uuid, how: found.exit.how });
        return;
      }
      const { generation, pid } = found.handle.identity;
      this.trace({ event: "AdoptVm", vm: spec.name, uuid, generation });
      this.#watch(spec.name, found.handle);
      if (await this.#isStill(vm, found.handle)) this.#standing.add(uuid);
      await this.#renew(found.handle);
      log.info("VM adopted", { vm: spec.name, uuid, pid });
      return;
    }
    if (reasons.length > 0) log.warn("a process has the pid of a VM but is none; it is left alone", { uuid, reasons });
  }

  /** No record names it: it is told of and left alone, for nobody here may know what it is worth (row P5). */
  async tellOrphan(dir: RunDir): Promise<void> {
    const { runs, drivers, log } = this.#options;
    for (const driver of drivers.values()) {
      const found = await driver.adopt(dir);
      if (found.kind === "ended") {
        this.trace({ event: "VmEnded", vm: "unknown", uuid: runs.uuidOf(dir), how: found.exit.how });
        break;
      }
      if (found.kind !== "running") continue;
      found.handle.close();
      return log.warn("orphan: a VM runs here that no record names; it is left alone", { ...found.handle.identity });
    }
    log.warn("a directory of a VM that no record names; it is left alone", { uuid: runs.uuidOf(dir) });
  }

  /** Writes the line so that it survives before the world changes. */
  trace(step: TracedClusterStep): void {
    if (this.#stopped) return;
    this.#options.trace.append(this.#options.group, step);
    this.#options.trace.flush();
  }
}
