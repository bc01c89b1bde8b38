/** VMs, services and tasks that their worker ends although nobody has asked for it, and what it says of that. */

import { isOvertaken } from "../machine/discord.ts";
import type { VmRecord } from "../machine/records.ts";
import { leaseClock } from "./concrete.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import type { LocalVms } from "./local-vms.ts";
import type { VmReports } from "./vm-reports.ts";

export class EarlyEndings {
  readonly #options: ExecutorOptions;
  readonly #vms: LocalVms;
  readonly #reports: VmReports;
  #stopped = false;

  constructor(options: ExecutorOptions, vms: LocalVms, reports: VmReports) {
    this.#options = options;
    this.#vms = vms;
    this.#reports = reports;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** It runs and does not do its work: ended, so that its restart policy can act. */
  async unhealthy(vm: VmRecord, detail: string): Promise<void> {
    if (!this.#mayEnd(vm)) return;
    const exit = await this.#vms.end(vm, false);
    if (this.#options.mayRun()) await this.#reports.report(vm, "failed", exit, `it was unhealthy: ${detail}`);
  }

  /** Its time is up. A daemon that dies before it could say so finds an attempt that was ended, and tells that. */
  async late(task: VmRecord): Promise<void> {
    if (!this.#mayEnd(task)) return;
    const { uuid, generation, spec } = task;
    this.#vms.trace({ event: "TimeOutTask", vm: spec.name, uuid, generation, atMs: Math.floor(leaseClock()) });
    const exit = await this.#vms.end(task, false);
    if (!this.#options.mayRun()) return;
    const ended = { code: exit?.code ?? null, signal: exit?.signal ?? null };
    await this.#reports.report(task, "failed", { how: "timed-out", ...ended }, `it took longer than ${spec.timeoutMs ?? 0} ms`);
  }

  #mayEnd(vm: VmRecord): boolean {
    return !this.#stopped && this.#options.mayRun() && this.#vms.handleOf(vm.uuid) !== undefined && !isOvertaken(this.#options.machine(), vm);
  }
}
