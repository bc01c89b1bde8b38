/**
 * Moves of VMs with their memory (row V5, `machine/carry.ts`), as their target and as their source. The target starts a process
 * that waits and asks the source for the memory; the source sends it while the guest runs, until it stands still; the target,
 * which has all of it then, asks to become the owner. What came of it is read from the applied state, and from nothing else.
 */

import { UserError } from "../errors.ts";
import { arrivalsAt, isCarried, mustContinue, type Carried } from "../machine/carry.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { Command } from "../machine/commands.ts";
import { titleOf } from "../workload-name.ts";
import type { VmCarryChunk, VmCarryRequest } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import type { RunDir, VmHandle } from "../vm/driver.ts";
import { dial, monotonicClock } from "./concrete.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import type { LocalVms } from "./local-vms.ts";
import { OwnSession } from "./own-session.ts";
import { retryPauseMs } from "./vm-reports.ts";

/** The memory must have been sent by then, and handed over so long after its guest stands still. */
const sendWithinMs = 120_000;
const handOverWithinMs = 5_000;
const submitTimeoutMs = 5_000;
const dialMs = 5_000;

/** What the executor lends. */
export interface CarrierHands {
  /** One work on a VM at a time. */
  readonly take: (name: string, work: () => Promise<void>) => Promise<void>;
  /** Gets the image of the VM to this worker. */
  readonly bring: (vm: VmRecord) => Promise<void>;
  readonly poke: () => void;
}

interface Leaving {
  readonly move: number;
  readonly sinceMs: number;
  stoodMs: number | null;
  isSending: boolean;
}

export class Carrier {
  readonly #options: ExecutorOptions;
  readonly #vms: LocalVms;
  readonly #hands: CarrierHands;
  readonly #session: OwnSession;
  /** By uuid: the move that was taken up. */
  readonly #arriving = new Map<string, number>();
  readonly #leaving = new Map<string, Leaving>();
  readonly #givingUp = new Set<number>();
  /** By uuid: when, by the clock of this node, the guest that came began to stand still. */
  readonly #stillSince = new Map<string, number>();
  #stopped = false;

  constructor(options: ExecutorOptions, vms: LocalVms, hands: CarrierHands) {
    this.#options = options;
    this.#vms = vms;
    this.#hands = hands;
    this.#session = new OwnSession(options.requests);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The state may have changed, or time has passed. */
  look(own: readonly VmRecord[]): void {
    const { machine, self, mayRun } = this.#options;
    for (const vm of arrivalsAt(machine(), self)) {
      if (mayRun() && this.#arriving.get(vm.uuid) !== vm.migration.sinceIndex) void this.#hands.take(vm.spec.name, () => this.#receive(vm));
    }
    for (const vm of own) {
      if (isCarried(vm)) this.#mind(vm);
      else this.#leaving.delete(vm.uuid);
    }
    for (const handle of this.#vms.standing()) this.#settle(handle);
  }

  /** A process that an earlier daemon left: what waits for its owner here is kept, what another owns must not run here. */
  async meet(dir: RunDir): Promise<void> {
    const { machine, runs, self } = this.#options;
    const moved = listVms(machine()).find(({ uuid }) => uuid === runs.uuidOf(dir));
    if (moved === undefined) return this.#vms.tellOrphan(dir);
    await this.#vms.adopt(moved, dir);
    if (!isCarried(moved) || moved.migration.to !== self) await this.#vms.end(moved, true);
  }

  /** The process that came with its memory goes on: this worker is the owner now. */
  async goOn(vm: VmRecord): Promise<VmHandle> {
    const handle = this.#vms.handleOf(vm.uuid);
    if (handle === undefined) throw new UserError("DRIVER_FAILED", "its memory was lost on its way here");
    await this.#vms.goOn(vm, handle);
    const stillMs = Math.round(monotonicClock() - (this.#stillSince.get(vm.uuid) ?? monotonicClock()));
    this.#stillSince.delete(vm.uuid);
    this.#options.log.info("a VM goes on here with its memory", { vm: vm.spec.name, stillMs });
    return handle;
  }

  /** What stands still here stays for its move, goes on, or is not wanted any more. */
  #settle(handle: VmHandle): void {
    const { machine, self, mayRun } = this.#options;
    const { uuid, name } = handle.identity;
    const vm = listVms(machine()).find((one) => one.uuid === uuid);
    const isOwn = vm?.owner === self;
    if (vm !== undefined && isCarried(vm) && (isOwn || vm.migration.to === self)) return;
    if (isOwn && mustContinue(vm)) return; // its start lets it go on
    const stays = isOwn && vm.desired === "running" && vm.observed === "running" && vm.observedGeneration === vm.generation;
    if (stays && !mayRun()) return;
    void this.#hands.take(vm?.spec.name ?? name, () => (stays ? this.#vms.goOn(vm, handle) : this.#vms.discard(handle)));
  }

  async #receive(vm: Carried): Promise<void> {
    const { uuid, generation, migration: { sinceIndex: move }, spec: { name } } = vm;
    const isKnown = this.#arriving.has(uuid);
    this.#arriving.set(uuid, move);
    const there = this.#vms.handleOf(uuid);
    // What an earlier daemon has received it may have asked for, too: it is kept until that is decided.
    if (there !== undefined && !isKnown) return;
    if (there !== undefined) await this.#vms.discard(there);
    try {
      await this.#hands.bring(vm);
      if (!this.#isNow(vm)) return;
      await this.#fetch(vm, await this.#vms.wait(vm));
      if (!this.#isNow(vm)) return;
      this.#vms.trace({ event: "ReceiveVm", vm: name, uuid, generation, move });
      this.#vms.trace({ event: "AskHandOver", vm: name, uuid, generation, move });
      await this.#submit({ kind: "vm-hand-over", name, uuid, node: this.#options.self, generation, move }, vm);
    } catch (error) {
      this.#options.log.warn("the memory of a VM could not be received", { vm: name, error: String(error) });
      await this.giveUp(vm, `the target could not take its memory: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Resolves when all of the memory is here. */
  async #fetch(vm: Carried, handle: VmHandle): Promise<void> {
    const { addressOf, trace } = this.#options;
    const { uuid, owner, migration: { sinceIndex: move }, spec: { name } } = vm;
    const address = addressOf(owner);
    if (handle.memory === undefined || address === null) throw new UserError("UNREACHABLE", `node ${owner} cannot be asked for the memory`);
    const source = dial(address, dialMs);
    const began = monotonicClock();
    let sent = false;
    let bytes = 0;
    const stillSince = this.#stillSince;
    const pieces = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of source.vm.carry({ name, uuid, move, clock: trace.clock })) {
        bytes += chunk.memory.length;
        if (chunk.memory.length > 0) yield chunk.memory;
        if (!chunk.sent) continue;
        sent = true;
        stillSince.set(uuid, monotonicClock() - chunk.stillMs);
        trace.observe(chunk.clock);
      }
    };
    try {
      await handle.memory.receive(pieces());
    } finally {
      source.close();
    }
    if (!sent) throw new UserError("DRIVER_FAILED", "the source did not send all of it");
    this.#options.log.info("the memory of a VM is here", { vm: name, bytes, tookMs: Math.round(monotonicClock() - began) });
  }

  #isNow({ uuid, spec, migration }: Carried): boolean {
    const now = getVm(this.#options.machine(), spec.name);
    return now?.uuid === uuid && now.migration?.sinceIndex === migration.sinceIndex;
  }

  /** The target asks for the memory of a VM of this worker. */
  async *send(request: VmCarryRequest, signal: AbortSignal): AsyncGenerator<Init<VmCarryChunk>> {
    const { trace } = this.#options;
    trace.observe(request.clock);
    const vm = await this.#asked(request);
    const { uuid, generation, migration: { sinceIndex: move }, spec: { name } } = vm;
    const handle = this.#vms.handleOf(uuid);
    const leaving = this.#mind(vm);
    if (handle?.memory === undefined || leaving.isSending || leaving.stoodMs !== null || !this.#options.mayRun()) {
      throw new UserError("CONFLICT", `the memory of ${titleOf(name)} cannot be sent now`, { node: this.#options.self });
    }
    leaving.isSending = true;
    let isTold = false;
    try {
      for await (const memory of handle.memory.send(signal)) yield { memory };
      if (this.#vms.handleOf(uuid) !== handle || !this.#isNow(vm)) throw new UserError("CONFLICT", `the move of ${titleOf(name)} is over`);
      this.#vms.stand(uuid);
      this.#vms.trace({ event: "SuspendVm", vm: name, uuid, generation, move });
      isTold = true;
      leaving.stoodMs = monotonicClock();
      this.#lookIn(handOverWithinMs);
      const stillMs = (await handle.memory.sent())?.stillMs ?? 0;
      yield { sent: true, clock: trace.clock, stillMs };
    } finally {
      if (!isTold) {
        if ((await handle.memory.sent()) !== null) this.#vms.stand(uuid);
        void this.giveUp(vm, "its memory could not be sent");
      }
    }
  }

  /** The move, as soon as this node knows of it. */
  async #asked({ name, uuid, move }: VmCarryRequest): Promise<Carried> {
    const { machine, self, requests } = this.#options;
    const end = monotonicClock() + dialMs;
    while (monotonicClock() < end && !this.#stopped) {
      const vm = getVm(machine(), name);
      if (vm?.uuid === uuid && vm.owner === self && isCarried(vm) && vm.migration.sinceIndex === move) return vm;
      await requests.nextChange(retryPauseMs);
    }
    throw new UserError("CONFLICT", `this worker knows of no such move of ${titleOf(name)}`, { node: self });
  }

  /** The source does not wait for ever. */
  #mind(vm: Carried): Leaving {
    const { uuid, migration: { sinceIndex: move } } = vm;
    const nowMs = monotonicClock();
    let leaving = this.#leaving.get(uuid);
    if (leaving?.move !== move) {
      leaving = { move, sinceMs: nowMs, stoodMs: this.#vms.stands(uuid) ? nowMs : null, isSending: false };
      this.#leaving.set(uuid, leaving);
      this.#lookIn(sendWithinMs);
      this.#lookIn(handOverWithinMs);
    }
    const { sinceMs, stoodMs } = leaving;
    const isLate = stoodMs === null ? nowMs >= sinceMs + sendWithinMs : nowMs >= stoodMs + handOverWithinMs;
    if (isLate) void this.giveUp(vm, "its memory was not moved in time");
    return leaving;
  }

  #lookIn(ms: number): void {
    setTimeout(() => this.#hands.poke(), ms + 1).unref();
  }

  /** The move is over as soon as the log says so; until then its target may ask to go on. */
  async giveUp(vm: Carried, reason: string): Promise<void> {
    const { uuid, migration: { sinceIndex: move }, spec: { name } } = vm;
    if (this.#givingUp.has(move)) return;
    this.#givingUp.add(move);
    await this.#submit({ kind: "vm-keep", name, uuid, move, reason: reason.slice(0, 500) }, vm).finally(() => this.#givingUp.delete(move));
    this.#hands.poke();
  }

  /** Until somebody says something final, or the move is over anyhow. */
  async #submit(command: Command, vm: Carried): Promise<void> {
    while (!this.#stopped && this.#isNow(vm)) {
      try {
        const reply = await this.#session.submit(command, submitTimeoutMs);
        if (!reply.ok) this.#options.log.info("a step of a move with memory was refused", { vm: vm.spec.name, step: command.kind, reason: reply.message });
        return;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await this.#options.requests.nextChange(retryPauseMs);
      }
    }
  }
}
