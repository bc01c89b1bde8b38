/** The processes of a node. They outlive the daemon, like real ones in a session of their own. */

import type { SimulatedNode } from "./node.ts";
import { kindOf } from "../workload-name.ts";
import { complain } from "./world.ts";
import type { World } from "./world.ts";

export interface Process {
  readonly uuid: string;
  readonly name: string;
  readonly generation: number;
  ready: boolean;
  /** What the guest has in its memory: made when it boots, and lost with the process. Null: it waits for another's. */
  memory: string | null;
  /** It stands still for a move with memory. */
  stands: boolean;
  /** By the clock of this machine. */
  readonly startedMs: number;
  /** How it ended; null while it runs. */
  ended: string | null;
  /** Its exit code, of a program that exited. */
  code: number | null;
}

/** What a driver here does wrong: `fails`: it says so, or the guest dies at once; `hangs`: nothing happens. */
export interface HostTrouble {
  start?: "fails" | "hangs";
  /** `fails`: the driver answers the next times with an error; `hangs`: the guest does not obey, only force helps. */
  stop?: "fails" | "hangs";
  /** Of the driver here: it cannot send the memory of a guest, or never comes to an end with it. */
  send?: "fails" | "hangs";
  /** Of the driver here: it cannot take the memory of a guest, or never has all of it. */
  receive?: "fails" | "hangs";
}

const bootMs = { least: 20, most: 400 };
const watchMs = 50;
const stopMs = { least: 5, most: 100 };
const taskMs = 400;
const taskHangs = 0.3;
const taskSucceeds = 0.5;

export class Host {
  /** By uuid of the VM; those that ended stay until a daemon has seen it. */
  readonly processes = new Map<string, Process>();
  /** What the directory of a task tells of its last attempt, until the next is launched. */
  readonly results = new Map<string, Process>();
  readonly trouble: HostTrouble = {};
  /** The lease of the VMs here, by the clock of this machine; null while there is none to watch over. */
  #untilMs: number | null = null;
  readonly #world: World;
  readonly #node: SimulatedNode;

  constructor(world: World, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
  }

  /** Starts a process; twice gives one. */
  start(uuid: string, name: string, generation: number): void {
    const there = this.processes.get(uuid);
    if (there !== undefined && there.ended === null) return;
    const memory = `booted at ${this.#node.member.name} at ${this.#world.scheduler.nowMs}`;
    const process = this.#process(uuid, name, generation, { memory, stands: false });
    this.#complainOfTwo(uuid, name);
    this.processes.set(uuid, process);
    this.results.delete(uuid);
    this.#world.stats.vmLaunches += 1;
    const { chance } = this.#node;
    // Where leaders take starts back, some never come up.
    if (this.#world.hangChance > 0 && chance.happens(this.#world.hangChance)) return;
    this.#world.scheduler.after(chance.between(bootMs.least, bootMs.most), () => {
      if (this.trouble.start === "fails") this.end(uuid, "crash");
      process.ready = process.ended === null && this.trouble.start !== "hangs";
    });
    if (kindOf(name) === "task") this.#runToEnd(process);
  }

  /** The program of a task exits, with 0 or not, or hangs. */
  #runToEnd(process: Process): void {
    const { chance } = this.#node;
    if (chance.happens(taskHangs)) return;
    this.#world.scheduler.after(chance.exponential(taskMs), () => {
      if (process.ended !== null || this.processes.get(process.uuid) !== process) return;
      process.code = chance.happens(taskSucceeds) ? 0 : 1;
      this.end(process.uuid, "exited");
    });
  }

  #process(uuid: string, name: string, generation: number, guest: Pick<Process, "memory" | "stands">): Process {
    return { uuid, name, generation, ...guest, ready: false, startedMs: Math.floor(this.#node.clock.localMs()), ended: null, code: null };
  }

  /** Starts a process that waits for the memory of a guest that runs elsewhere. */
  await(uuid: string, name: string, generation: number): Process {
    const process = this.#process(uuid, name, generation, { memory: null, stands: true });
    this.processes.set(uuid, process);
    return process;
  }

  /** The guest goes on. */
  go(uuid: string): void {
    const process = this.processes.get(uuid);
    if (process === undefined || process.ended !== null) return;
    this.#complainOfTwo(uuid, process.name);
    process.stands = false;
    process.ready = true;
  }

  /** What nobody in the cluster can see, and must never be: the VM runs somewhere else at this moment (row W6). */
  #complainOfTwo(uuid: string, name: string): void {
    for (const { host, member } of this.#world.nodes.values()) {
      const other = host.processes.get(uuid);
      if (host === this || other === undefined || other.ended !== null || other.stands) continue;
      complain(this.#world, `VM ${name} is started on ${this.#node.member.name} while it runs on ${member.name}`);
    }
  }

  /** The watchdogs of the VMs here let them run until then, whatever becomes of the daemon. */
  renew(untilMs: number): void {
    const watched = this.#untilMs !== null;
    this.#untilMs = Math.max(this.#untilMs ?? 0, untilMs);
    if (!watched) this.#watch();
  }

  #watch(): void {
    this.#world.scheduler.after(watchMs, () => {
      if (this.#node.clock.localMs() >= (this.#untilMs ?? Infinity) && !this.#world.planted?.outlivesLease) {
        for (const { uuid } of this.alive()) this.end(uuid, "lease-expired");
      }
      this.#watch();
    });
  }

  /** Ends it after a moment; false: the driver cannot. */
  stop(uuid: string, force = false): boolean {
    const { chance } = this.#node;
    if (!force && this.trouble.stop === "fails") return false;
    if (!force && this.trouble.stop === "hangs") return true;
    this.#world.scheduler.after(chance.between(stopMs.least, stopMs.most), () => this.end(uuid, "host-stop"));
    return true;
  }

  /** The machine loses its power: all that runs here is gone, and a daemon that starts later finds that. */
  losePower(): void {
    for (const process of this.alive()) {
      process.ended = "unknown";
      if (kindOf(process.name) === "task") this.results.set(process.uuid, process);
    }
  }

  /** It is gone. */
  end(uuid: string, how: string): void {
    const process = this.processes.get(uuid);
    if (process === undefined || process.ended !== null) return;
    process.ended = how;
    if (kindOf(process.name) === "task") this.results.set(uuid, process);
    this.#node.enter(() => this.#node.parts?.executor.ended(uuid));
  }

  /** Processes whose guests run. */
  running(): readonly Process[] {
    return this.alive().filter(({ stands }) => !stands);
  }

  /** Those too that stand still for a move. */
  alive(): readonly Process[] {
    return [...this.processes.values()].filter((process) => process.ended === null).sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  }
}
