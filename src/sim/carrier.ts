/**
 * Moves with memory on a simulated node (`machine/carry.ts`), as their target and as their source. The daemon's rules: the
 * target starts a process that waits and asks the source for the memory; the source sends it while the guest runs, then the
 * guest stands still; the target asks to become the owner. A source that has waited too long gives the move up.
 */

import { arrivalsAt, isCarried, type Carried } from "../machine/carry.ts";
import type { Command } from "../machine/commands.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { MachineState } from "../machine/state.ts";
import type { SimulatedNode } from "./node.ts";

const askEveryMs = 400;
/** The memory must be on its way by then, and handed over so long after the guest stands still. */
const sendWithinMs = 4_000;
const handOverWithinMs = 1_500;
const sendMs = { least: 50, most: 400 };

/** What the executor lends. */
export interface CarrierHands {
  readonly mayRun: () => boolean;
  /** Takes a command through the log, until somebody says something final. */
  readonly submit: (command: Command, done: () => void) => void;
}

export class Carrier {
  readonly #node: SimulatedNode;
  readonly #hands: CarrierHands;
  /** By uuid: the move of which the memory is awaited here. */
  readonly #awaited = new Map<string, number>();
  /** By uuid: the move for which the memory is being sent, and since when what is waited for. */
  readonly #sending = new Map<string, { readonly move: number; isSending: boolean; readonly sinceMs: number; stoodMs: number | null }>();
  /** Moves that are being given up. */
  readonly #givingUp = new Set<number>();

  constructor(node: SimulatedNode, hands: CarrierHands) {
    this.#node = node;
    this.#hands = hands;
  }

  /** The memory of the VM is on its way from here. */
  isSending(uuid: string): boolean {
    return this.#sending.get(uuid)?.isSending === true;
  }

  /** The state may have changed, or time has passed. */
  look(machine: MachineState): void {
    for (const vm of arrivalsAt(machine, this.#node.id)) this.#receive(vm);
    for (const vm of listVms(machine, this.#node.id)) {
      if (isCarried(vm)) this.#mind(vm);
      else this.#sending.delete(vm.uuid);
    }
    for (const { uuid, name, stands } of this.#node.host.alive()) if (stands) this.#settle(getVm(machine, name), uuid);
  }

  /** What stands still here goes on, stays for its move, or is not wanted any more. */
  #settle(vm: VmRecord | undefined, uuid: string): void {
    const { host, id } = this.#node;
    const isOwn = vm?.uuid === uuid && vm.owner === id;
    if (vm?.uuid === uuid && isCarried(vm) && (isOwn || vm.migration.to === id)) return;
    // Its start lets it go on.
    if (isOwn && vm.carriedTo === vm.generation && vm.observedGeneration < vm.generation) return;
    const stays = isOwn && vm.desired === "running" && vm.observed === "running" && vm.observedGeneration === vm.generation;
    if (!stays) return void host.stop(uuid, true);
    if (this.#hands.mayRun()) this.#goOn(vm);
  }

  /** The guest goes on, of which the owner is certain now. */
  #goOn({ spec, uuid, generation }: VmRecord): void {
    this.#node.tell({ event: "ContinueVm", vm: spec.name, uuid, generation });
    this.#node.host.go(uuid);
  }

  /** It is the owner's now: it goes on here with its memory. False: it did not come. */
  continues(vm: VmRecord): boolean {
    const process = this.#node.host.processes.get(vm.uuid);
    if (process === undefined || process.ended !== null || process.memory === null) return false;
    if (process.stands) this.#goOn(vm);
    return true;
  }

  #receive(vm: Carried): void {
    const { uuid, generation, migration, spec: { name } } = vm;
    const { host } = this.#node;
    if (this.#awaited.get(uuid) === migration.sinceIndex || !this.#hands.mayRun()) return;
    // An earlier daemon may have asked to hand it over: what stands here then is what it has.
    if (host.processes.has(uuid)) return this.#awaited.has(uuid) ? void host.stop(uuid, true) : undefined;
    this.#awaited.set(uuid, migration.sinceIndex);
    this.#node.tell({ event: "AwaitVm", vm: name, uuid, generation, move: migration.sinceIndex });
    host.await(uuid, name, generation + 1);
    if (host.trouble.receive === "fails") {
      host.end(uuid, "crash");
      return this.giveUp(vm, "the target cannot take its memory");
    }
    this.#askSource(vm);
  }

  /** Asks again and again: messages get lost. */
  #askSource(vm: Carried): void {
    const node = this.#node;
    const { uuid, owner, migration: { sinceIndex: move } } = vm;
    const process = node.host.processes.get(uuid);
    if (process === undefined || process.memory !== null || this.#awaited.get(uuid) !== move || !this.#isNow(vm)) return;
    const { network, nodes } = node.world;
    const askedAt = node.traceClock;
    network.carry(node.id, owner, () => {
      nodes.get(owner)?.enter(() => nodes.get(owner)?.parts?.executor.carrier.asked(vm, askedAt, (memory, clock) => {
        network.carry(owner, node.id, () => node.enter(() => this.#got(vm, memory, clock)));
      }));
    });
    node.later(askEveryMs, () => this.#askSource(vm));
  }

  #isNow({ uuid, spec, migration }: Carried): boolean {
    const machine = this.#node.replica?.machine;
    const now = machine === undefined ? undefined : getVm(machine, spec.name);
    return now?.uuid === uuid && now.migration?.sinceIndex === migration.sinceIndex;
  }

  #got(vm: Carried, memory: string, clock: number): void {
    const { uuid, generation, migration: { sinceIndex: move }, spec: { name } } = vm;
    const node = this.#node;
    node.observe(clock);
    const process = node.host.processes.get(uuid);
    if (process?.memory !== null || process.ended !== null || !this.#isNow(vm) || this.#awaited.get(uuid) !== move) return;
    if (node.host.trouble.receive === "hangs") return;
    process.memory = memory;
    node.tell({ event: "ReceiveVm", vm: name, uuid, generation, move });
    node.tell({ event: "AskHandOver", vm: name, uuid, generation, move });
    this.#hands.submit({ kind: "vm-hand-over", name, uuid, node: node.id, generation, move }, () => {});
  }

  /** The target asks for the memory. Asked again, it is told again. */
  asked({ uuid, spec, migration }: Carried, clock: number, answer: (memory: string, clock: number) => void): void {
    const node = this.#node;
    node.observe(clock);
    const vm = node.replica === null ? undefined : getVm(node.replica.machine, spec.name);
    if (vm?.uuid !== uuid || !isCarried(vm) || vm.migration.sinceIndex !== migration.sinceIndex || vm.owner !== node.id) return;
    this.#mind(vm);
    const process = node.host.processes.get(uuid);
    const sending = this.#sending.get(uuid);
    if (process === undefined || process.ended !== null || process.memory === null || sending === undefined) return;
    if (process.stands) return answer(process.memory, node.traceClock);
    if (sending.isSending) return;
    sending.isSending = true;
    if (node.host.trouble.send === "hangs") return;
    node.later(node.chance.between(sendMs.least, sendMs.most), () => {
      const now = this.#sending.get(uuid);
      if (now !== sending || process.ended !== null || !this.#isNow(vm) || !this.#hands.mayRun()) return;
      if (node.host.trouble.send === "fails") return this.giveUp(vm, "the source cannot send its memory");
      process.stands = true;
      sending.stoodMs = node.clock.localMs();
      node.tell({ event: "SuspendVm", vm: spec.name, uuid, generation: vm.generation, move: vm.migration.sinceIndex });
      answer(process.memory ?? "", node.traceClock);
    });
  }

  /** The source does not wait for ever. */
  #mind(vm: Carried): void {
    const { uuid, migration: { sinceIndex: move } } = vm;
    const nowMs = this.#node.clock.localMs();
    let sending = this.#sending.get(uuid);
    if (sending?.move !== move) {
      const stands = this.#node.host.processes.get(uuid)?.stands === true;
      this.#sending.set(uuid, (sending = { move, isSending: false, sinceMs: nowMs, stoodMs: stands ? nowMs : null }));
      this.#node.later(sendWithinMs, () => this.#again());
      this.#node.later(handOverWithinMs, () => this.#again());
    }
    const { sinceMs, stoodMs } = sending;
    if (stoodMs === null ? nowMs >= sinceMs + sendWithinMs : nowMs >= stoodMs + handOverWithinMs) this.giveUp(vm, "its memory was not moved in time");
  }

  #again(): void {
    const machine = this.#node.replica?.machine;
    if (machine === undefined || machine.migrating.size === 0) return;
    this.#node.parts?.executor.poke();
    this.#node.later(askEveryMs, () => this.#again());
  }

  /** The move is over as soon as the log says so; until then its target may ask to go on. */
  giveUp({ uuid, spec, migration: { sinceIndex: move } }: Carried, reason: string): void {
    if (this.#givingUp.has(move)) return;
    this.#givingUp.add(move);
    this.#hands.submit({ kind: "vm-keep", name: spec.name, uuid, move, reason }, () => this.#givingUp.delete(move));
  }
}
