/**
 * The executor of a simulated node: compares what the applied state wants of this node with what really runs, acts, and
 * reports the outcome as a command. The same rules as the daemon's, on virtual processes.
 */

import type { VmExit, VmRecord } from "../machine/records.ts";
import type { Command } from "../machine/commands.ts";
import { isOvertaken, isStray, isUnfounded } from "../machine/discord.ts";
import { outbox } from "../machine/outbox.ts";
import { ownEnd } from "../machine/own-end.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { MachineState } from "../machine/state.ts";
import { isCarried, mustContinue } from "../machine/carry.ts";
import { Carrier } from "./carrier.ts";
import { isTask } from "../machine/task-state.ts";
import { kindOf } from "../workload-name.ts";
import type { Process } from "./host.ts";
import type { SimulatedNode } from "./node.ts";
import { OwnSession } from "./own-session.ts";
import { Tasks } from "./tasks.ts";

type Observed = Extract<Command, { kind: "vm-report" }>["observed"];

const retryMs = 500;
const pollMs = 25;
/** A guest that has not come up by then has failed. */
const bootDeadlineMs = 5_000;
/** A guest that does not obey by then is forced. */
const graceMs = 2_000;

export class Executor {
  readonly #node: SimulatedNode;
  readonly #session: OwnSession;
  readonly #busy = new Set<string>();
  readonly #ended = new Map<string, Pick<Process, "generation" | "code"> & { readonly how: string }>();
  /** VMs that were ended with the lease. */
  readonly #fenced = new Set<string>();
  readonly carrier: Carrier;
  readonly #tasks: Tasks;
  #started = false;
  #stopped = false;

  constructor(node: SimulatedNode) {
    this.#node = node;
    this.#session = new OwnSession(node, "executor");
    this.carrier = new Carrier(node, { mayRun: () => this.#mayRun(), submit: (command, done) => this.#session.submit(command, done) });
    this.#tasks = new Tasks(node, {
      mayRun: () => this.#mayRun(),
      end: (task) => this.#endLate(task),
      submit: (command, done) => this.#session.submit(command, done),
    });
  }

  /** Adopts what runs, then waits for all that was committed before: old rows must not start anything (row P5). */
  start(): void {
    const { planted } = this.#node.world;
    const { processes, results } = this.#node.host;
    for (const [uuid, { ended, generation, code }] of results) this.#ended.set(uuid, { how: ended ?? "unknown", generation, code });
    for (const uuid of [...processes.keys()].sort()) {
      const process = processes.get(uuid);
      if (process === undefined) continue;
      if (process.ended !== null) this.ended(uuid);
      else if (planted?.forgetsProcesses) processes.delete(uuid);
      else this.#node.tell({ event: "AdoptVm", vm: process.name, uuid, generation: process.generation });
    }
    this.#node.parts?.leases?.start();
    this.#linearize();
  }

  stop(): void {
    this.#stopped = true;
    this.#session.stop();
  }

  /** It is known what runs here, and what was committed before. */
  get started(): boolean {
    return this.#started;
  }

  /** The lease is over. */
  endAll(): void {
    for (const { uuid } of this.#node.host.alive()) {
      if (this.#fenced.has(uuid)) continue;
      this.#fenced.add(uuid);
      this.#node.host.stop(uuid, true);
    }
  }

  #mayRun(): boolean {
    // It may have died in the launch of another VM, a moment ago.
    return !this.#stopped && (this.#node.parts?.leases?.mayRun() ?? true);
  }

  #linearize(): void {
    if (this.#stopped || this.#started) return;
    this.#node.ask({ kind: "read-index" }, (attempt) => {
      if (attempt.kind !== "readable") return;
      this.#node.whenApplied(attempt.index, () => {
        this.#started = true;
        this.#node.later(0, () => this.poke());
      });
    });
    this.#node.later(retryMs, () => this.#linearize());
  }

  #machine(): MachineState | undefined {
    return this.#node.replica?.machine;
  }

  /** The state changed: pay what is owed. */
  poke(): void {
    const machine = this.#machine();
    if (!this.#started || this.#stopped || machine === undefined) return;
    const { planted } = this.#node.world;
    const debts = planted?.launchesForeign ? listVms(machine).flatMap((vm) => outbox(machine, vm.owner)) : outbox(machine, this.#node.id);
    for (const { kind, vm } of debts) {
      if (this.#busy.has(vm.spec.name) || (kind === "start" && !this.#mayRun())) continue;
      this.#busy.add(vm.spec.name);
      if (kind === "start") this.#startVm(vm);
      else if (kind === "pause") this.#pauseVm(vm);
      else this.#endVm(vm, () => this.#report(vm, kind === "stop" ? "stopped" : "gone", kind === "stop" ? this.#exitOf(vm) : null, null));
    }
    const own = listVms(machine, this.#node.id);
    this.carrier.look(machine);
    this.#tasks.look(own);
    for (const vm of own) {
      if (this.#busy.has(vm.spec.name)) continue;
      if (isUnfounded(vm, this.#runs(vm.uuid))) {
        if (!this.#mayRun()) continue;
        this.#busy.add(vm.spec.name);
        this.#reportEnd(vm);
      } else if (isStray(vm, this.#runs(vm.uuid))) {
        this.#busy.add(vm.spec.name);
        this.#endVm(vm, () => this.#free(vm));
      }
    }
  }

  /** As far as the daemon has seen. */
  #runs(uuid: string): boolean {
    return this.#node.host.processes.has(uuid);
  }

  #free(vm: VmRecord): void {
    this.#busy.delete(vm.spec.name);
    this.#node.later(0, () => this.poke());
  }

  #startVm(vm: VmRecord): void {
    const { uuid, generation, spec } = vm;
    const running = this.#node.host.processes.get(uuid);
    if (mustContinue(vm)) return this.#continueVm(vm);
    // An attempt at a task runs once, though the daemon died before it could tell of its end.
    if (isTask(vm) && this.#ended.get(uuid)?.generation === generation && !this.#node.world.planted?.launchesAttemptsAgain) return this.#reportEnd(vm);
    if (running !== undefined && running.generation < (vm.freshFrom ?? 0)) return this.#endVm(vm, () => this.#free(vm));
    if (!this.#runs(uuid)) {
      if (!this.#mayRun()) return this.#wait(vm);
      const when = isTask(vm) ? { atMs: Math.floor(this.#node.clock.localMs()) } : {};
      this.#node.tell({ event: "LaunchVm", vm: spec.name, uuid, generation, ...when });
      // The daemon may die between its line and the process.
      if (this.#diesInLaunch()) return;
      this.#ended.delete(uuid);
      this.#fenced.delete(uuid);
      this.#node.host.start(uuid, spec.name, generation);
    }
    const early = this.#node.world.planted?.reportsEarly ?? false;
    if (early === true || early === kindOf(spec.name)) return this.#report(vm, "running", null, null);
    this.#report(vm, "starting", null, null, () => this.#awaitReady(vm, this.#node.clock.localMs() + bootDeadlineMs));
  }

  /** It came with its memory, or has lost it; it is never booted in place of that. */
  #continueVm(vm: VmRecord): void {
    if (!this.#mayRun()) return this.#wait(vm);
    if (this.carrier.continues(vm)) return this.#report(vm, "starting", null, null, () => this.#awaitReady(vm, Infinity));
    const exit = this.#exitOf(vm) ?? { how: "unknown" as const, code: null, signal: null };
    this.#endVm(vm, () => this.#report(vm, "failed", exit, "its memory was lost on its way here"));
  }

  #diesInLaunch(): boolean {
    const { chance, world } = this.#node;
    if (!chance.happens(world.launchCrashChance)) return false;
    this.#node.crash("lost");
    world.scheduler.after(chance.between(100, 1_000), () => this.#node.start());
    return true;
  }

  #awaitReady(vm: VmRecord, deadlineMs: number): void {
    const { uuid, generation, spec } = vm;
    const process = this.#node.host.processes.get(uuid);
    if (process === undefined) return this.#reportEnd(vm);
    if (!process.ready && !this.#isLatest(vm)) return this.#free(vm);
    if (!process.ready && this.#node.clock.localMs() >= deadlineMs) return this.#giveUpBoot(vm);
    if (!process.ready) return this.#node.later(pollMs, () => this.#awaitReady(vm, deadlineMs));
    this.#node.tell({ event: "VmReady", vm: spec.name, uuid, generation });
    this.#report(vm, "running", null, null);
  }

  #giveUpBoot(vm: VmRecord): void {
    this.#node.host.stop(vm.uuid, true);
    const exit = { how: "boot-timeout" as const, code: null, signal: null };
    this.#awaitEnd(vm.uuid, () => this.#report(vm, "failed", exit, `the guest did not come up within ${bootDeadlineMs} ms`));
  }

  #pauseVm(vm: VmRecord): void {
    const { uuid, generation, spec } = vm;
    if (!this.#runs(uuid)) return this.#reportEnd(vm);
    this.#node.tell({ event: "PauseVm", vm: spec.name, uuid, generation });
    this.#report(vm, "paused", null, null);
  }

  #endVm(vm: VmRecord, then: () => void): void {
    const { uuid, generation, spec } = vm;
    if (!this.#runs(uuid)) return then();
    const machine = this.#machine();
    const current = machine === undefined ? undefined : getVm(machine, spec.name);
    const process = this.#node.host.processes.get(uuid);
    const isOld = (process?.generation ?? 0) < (current?.freshFrom ?? 0);
    // What stands still for a move hears no request: it is ended.
    const stands = process?.stands === true;
    if (!stands && current?.uuid === uuid && (current.desired !== "running" || isOld) && current.generation === generation) {
      this.#node.tell({ event: "StopVm", vm: spec.name, uuid, generation });
    }
    // What the driver cannot do now is owed again.
    if (!this.#node.host.stop(uuid, vm.forceStop || stands)) return this.#node.later(retryMs, () => this.#free(vm));
    this.#node.later(graceMs, () => void (this.#node.host.processes.get(uuid) === process && this.#node.host.stop(uuid, true)));
    this.#awaitEnd(uuid, then);
  }

  #awaitEnd(uuid: string, then: () => void): void {
    if (!this.#runs(uuid)) return then();
    this.#node.later(pollMs, () => this.#awaitEnd(uuid, then));
  }

  /** The process is gone: told at once, whoever ended it. */
  ended(uuid: string): void {
    const process = this.#node.host.processes.get(uuid);
    if (process === undefined || process.ended === null) return;
    this.#node.host.processes.delete(uuid);
    this.#ended.set(uuid, { how: process.ended, generation: process.generation, code: process.code });
    this.#node.tell({ event: "VmEnded", vm: process.name, uuid, how: process.ended });
    this.#node.later(0, () => this.poke());
  }

  #isLatest(vm: VmRecord): boolean {
    const machine = this.#machine();
    return machine !== undefined && !isOvertaken(machine, vm);
  }

  #exitOf(vm: VmRecord): VmExit | null {
    const ended = this.#ended.get(vm.uuid);
    return ended === undefined ? vm.exit : { how: ended.how as VmExit["how"], code: ended.code, signal: null };
  }

  /** It ended by itself: told as it was. */
  #reportEnd(vm: VmRecord): void {
    if (!this.#mayRun()) return this.#wait(vm);
    const wasFenced = this.#fenced.has(vm.uuid) || this.#ended.get(vm.uuid)?.how === "lease-expired";
    // Nothing is booted in its place while its target may go on with it.
    if (wasFenced && isCarried(vm)) return this.carrier.giveUp(vm, "its worker lost its lease"), this.#wait(vm);
    const again = !isTask(vm) || this.#node.world.planted?.launchesAttemptsAgain === true;
    if (wasFenced && again && vm.desired === "running") return this.#isLatest(vm) ? this.#startVm(vm) : this.#free(vm);
    const { observed, exit, failure } = ownEnd(this.#exitOf(vm) ?? undefined);
    this.#report(vm, observed, exit, failure);
  }

  #endLate(task: VmRecord): boolean {
    const { uuid, generation, spec } = task;
    if (this.#stopped || this.#busy.has(spec.name) || !this.#isLatest(task)) return false;
    this.#busy.add(spec.name);
    this.#node.tell({ event: "TimeOutTask", vm: spec.name, uuid, generation, atMs: Math.floor(this.#node.clock.localMs()) });
    this.#node.host.stop(uuid, true);
    const exit = { how: "timed-out" as const, code: null, signal: null };
    this.#awaitEnd(uuid, () => (this.#mayRun() ? this.#report(task, "failed", exit, "it took too long") : this.#wait(task)));
    return true;
  }

  /** It is looked at again when the lease is back. */
  #wait(vm: VmRecord): void {
    this.#busy.delete(vm.spec.name);
  }

  #report(vm: VmRecord, observed: Observed, exit: VmExit | null, failure: string | null, then?: () => void): void {
    const { uuid, generation, spec } = vm;
    const command: Command = { kind: "vm-report", name: spec.name, uuid, node: this.#node.id, generation, observed, exit, failure };
    const timedOut = observed === "failed" && exit?.how === "timed-out" ? { timedOut: true as const } : {};
    this.#node.tell({ event: "ReportVm", vm: spec.name, uuid, generation, observed, ...timedOut });
    this.#session.submit(command, then ?? (() => this.#free(vm)));
  }
}
