/** The processes of a node. They outlive the daemon, like real ones in a session of their own. */

import type { SimulatedNode } from "./node.ts";
import type { World } from "./world.ts";

export interface Process {
  readonly uuid: string;
  readonly name: string;
  readonly generation: number;
  ready: boolean;
  /** How it ended; null while it runs. */
  ended: string | null;
}

const bootMs = { least: 20, most: 400 };
const stopMs = { least: 5, most: 100 };

export class Host {
  /** By uuid of the VM; those that ended stay until a daemon has seen it. */
  readonly processes = new Map<string, Process>();
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
    const process: Process = { uuid, name, generation, ready: false, ended: null };
    this.processes.set(uuid, process);
    this.#world.stats.vmLaunches += 1;
    const { chance } = this.#node;
    this.#world.scheduler.after(chance.between(bootMs.least, bootMs.most), () => {
      process.ready = process.ended === null;
    });
  }

  /** Ends it after a moment. */
  stop(uuid: string): void {
    const { chance } = this.#node;
    this.#world.scheduler.after(chance.between(stopMs.least, stopMs.most), () => this.end(uuid, "host-stop"));
  }

  /** It is gone. */
  end(uuid: string, how: string): void {
    const process = this.processes.get(uuid);
    if (process === undefined || process.ended !== null) return;
    process.ended = how;
    this.#node.enter(() => this.#node.vmEnded(uuid));
  }

  running(): readonly Process[] {
    return [...this.processes.values()].filter((process) => process.ended === null).sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  }
}
