/** What the executor of a simulated node does for tasks besides: their time limits and their next attempts. The daemon's rules, on virtual clocks. */

import type { Command } from "../machine/commands.ts";
import type { VmRecord } from "../machine/records.ts";
import { restartDelayMs } from "../machine/restart-policy.ts";
import { isTask } from "../machine/task-state.ts";
import type { Process } from "./host.ts";
import type { SimulatedNode } from "./node.ts";

export interface TaskActions {
  readonly mayRun: () => boolean;
  /** Ends the attempt at this task, which took too long; false: something else is being done with it now. */
  readonly end: (task: VmRecord) => boolean;
  /** Takes a command through the log, until somebody says something final. */
  readonly submit: (command: Command, then: () => void) => void;
}

const lookAgainMs = 50;

export class Tasks {
  readonly #node: SimulatedNode;
  readonly #actions: TaskActions;
  /** Attempts whose time runs, and those that wait for the next. */
  readonly #timed = new Set<string>();
  readonly #waiting = new Set<string>();

  constructor(node: SimulatedNode, actions: TaskActions) {
    this.#node = node;
    this.#actions = actions;
  }

  /** To be told of what this node has whenever the state has changed. */
  look(vms: readonly VmRecord[]): void {
    for (const task of vms.filter(isTask)) {
      this.#time(task);
      this.#retry(task);
    }
  }

  #running({ uuid, generation, desired }: VmRecord): Process | undefined {
    const process = this.#node.host.processes.get(uuid);
    return desired === "running" && process?.ended === null && process.generation === generation ? process : undefined;
  }

  /** How long the attempt has run, by the clock of this machine since its launch. */
  #ageMs(process: Process): number {
    const { world, clock } = this.#node;
    return world.planted?.attemptAgeMs?.(this.#node, process) ?? Math.floor(clock.localMs()) - process.startedMs;
  }

  #time(task: VmRecord): void {
    const attempt = `${task.uuid}/${task.generation}`;
    if (this.#timed.has(attempt) || this.#running(task) === undefined) return;
    this.#timed.add(attempt);
    this.#look(task, attempt);
  }

  #look(task: VmRecord, attempt: string): void {
    const process = this.#running(task);
    if (process === undefined) return void this.#timed.delete(attempt);
    const { timeoutMs = 0 } = task.spec;
    const late = this.#ageMs(process) >= timeoutMs && this.#actions.mayRun();
    if (late && this.#actions.end(task)) return void this.#timed.delete(attempt);
    this.#node.later(lookAgainMs, () => this.#look(task, attempt));
  }

  #retry(task: VmRecord): void {
    const { uuid, generation, spec } = task;
    const delayMs = restartDelayMs(task);
    const attempt = `${uuid}/${generation}`;
    if (delayMs === null || this.#waiting.has(attempt)) return;
    this.#waiting.add(attempt);
    this.#node.later(delayMs, () => {
      this.#actions.submit({ kind: "vm-retry", name: spec.name, uuid, generation }, () => this.#waiting.delete(attempt));
    });
  }
}
