/**
 * Starts VMs again that ended by themselves, as their specification wants it. The wish goes through the log like a
 * user's, and names the generation that ended, so it can undo nothing that was asked for meanwhile. What has run for long
 * enough since has its starts counted anew.
 */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Command } from "../machine/commands.ts";
import type { VmRecord } from "../machine/records.ts";
import { restartDelayMs, steadyAfterMs } from "../machine/restart-policy.ts";
import { isTask } from "../machine/task-state.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import { reportTimeoutMs } from "./vm-reports.ts";

export class VmRestarts {
  readonly #options: Pick<ExecutorOptions, "requests" | "log">;
  /** By uuid: the generation that ended, and the timer that ends the wait. */
  readonly #waiting = new Map<string, { readonly generation: number; readonly timer: NodeJS.Timeout }>();
  /** By uuid: the generation that runs, and the timer that calls it steady. */
  readonly #steady = new Map<string, { readonly generation: number; readonly timer: NodeJS.Timeout }>();
  readonly #client = randomUUID();
  #sequence = 0;

  constructor(options: Pick<ExecutorOptions, "requests" | "log">) {
    this.#options = options;
  }

  /** To be told of the VMs of this node whenever the state has changed. */
  look(vms: readonly VmRecord[]): void {
    const current = new Map(vms.map((vm) => [vm.uuid, vm]));
    for (const [uuid, { generation, timer }] of this.#waiting) {
      if (current.get(uuid)?.generation === generation) continue;
      clearTimeout(timer);
      this.#waiting.delete(uuid);
    }
    for (const vm of vms) {
      const delayMs = this.#waiting.has(vm.uuid) ? null : restartDelayMs(vm);
      if (delayMs !== null) this.#wait(vm, delayMs);
    }
    this.#lookAtSteady(vms, current);
  }

  #lookAtSteady(vms: readonly VmRecord[], current: ReadonlyMap<string, VmRecord>): void {
    for (const [uuid, { generation, timer }] of this.#steady) {
      const vm = current.get(uuid);
      if (vm?.generation === generation && steadyAfterMs(vm) !== null) continue;
      clearTimeout(timer);
      this.#steady.delete(uuid);
    }
    for (const vm of vms) {
      const afterMs = this.#steady.has(vm.uuid) ? null : steadyAfterMs(vm);
      if (afterMs !== null) this.#waitSteady(vm, afterMs);
    }
  }

  #waitSteady(vm: VmRecord, afterMs: number): void {
    const timer = setTimeout(() => void this.#callSteady(vm), afterMs).unref();
    this.#steady.set(vm.uuid, { generation: vm.generation, timer });
  }

  async #callSteady(vm: VmRecord): Promise<void> {
    const { spec, uuid, generation, owner: node } = vm;
    const isDone = await this.#submit({ kind: "steady-report", name: spec.name, uuid, node, generation }, "a VM cannot be called steady yet");
    if (!isDone && this.#steady.get(uuid)?.generation === generation) this.#waitSteady(vm, reportTimeoutMs);
  }

  stop(): void {
    for (const waits of [this.#waiting, this.#steady]) {
      for (const { timer } of waits.values()) clearTimeout(timer);
      waits.clear();
    }
  }

  #wait(vm: VmRecord, delayMs: number): void {
    const { uuid, generation, spec, attempts = 0 } = vm;
    const timer = setTimeout(() => void this.#start(vm), delayMs).unref();
    this.#waiting.set(uuid, { generation, timer });
    this.#options.log.info("a VM that ended is started again", { vm: spec.name, uuid, attempt: attempts + 1, delayMs });
  }

  /** A refusal is final: something else was asked for. Without an answer it is tried again. */
  async #start(vm: VmRecord): Promise<void> {
    const { spec, uuid, generation, attempts = 0 } = vm;
    const command: Command = isTask(vm)
      ? { kind: "vm-retry", name: spec.name, uuid, generation }
      : { kind: "vm-start", name: spec.name, again: { uuid, generation, attempt: attempts + 1 } };
    const isDone = await this.#submit(command, "a VM cannot be started again yet");
    if (!isDone && this.#waiting.get(uuid)?.generation === generation) this.#wait(vm, reportTimeoutMs);
  }

  /** True when there was an answer, a refusal too. */
  async #submit(command: Extract<Command, { name: string }>, otherwise: string): Promise<boolean> {
    const sequence = ++this.#sequence;
    try {
      await this.#options.requests.submit({ client: this.#client, sequence, acknowledged: sequence, command }, reportTimeoutMs);
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#options.log.warn(otherwise, { vm: command.name, error: error.message });
      return false;
    }
  }
}
