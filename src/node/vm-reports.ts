/** What the executor saw, as commands: each is submitted until somebody says something final. */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Command, HealthReport } from "../machine/commands.ts";
import type { VmExit, VmRecord } from "../machine/records.ts";
import type { TracedClusterStep } from "../trace/event.ts";
import { endOfConsole } from "./concrete.ts";
import type { ExecutorOptions } from "./executor-options.ts";

export type Observed = Extract<Command, { kind: "vm-report" }>["observed"];

type Told = Extract<Command, { kind: "vm-report" | "health-report" }>;

/** How long one report is tried before the debt is looked at anew. */
export const reportTimeoutMs = 5_000;
export const retryPauseMs = 500;
/** Characters of what a task wrote last that become part of its result. */
const outputLimit = 4_000;

export class VmReports {
  readonly #options: ExecutorOptions;
  readonly #trace: (step: TracedClusterStep) => void;
  readonly #client = randomUUID();
  #sequence = 0;
  /** Reports that are not answered yet, by their place in the session. */
  readonly #open = new Set<number>();
  #stopped = false;

  constructor(options: ExecutorOptions, trace: (step: TracedClusterStep) => void) {
    this.#options = options;
    this.#trace = trace;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Submits what was observed. A refusal is final: the wish has changed. */
  async report(vm: VmRecord, observed: Observed, exit: VmExit | null, failure: string | null): Promise<void> {
    const { self } = this.#options;
    const { uuid, generation, spec } = vm;
    const timedOut = observed === "failed" && exit?.how === "timed-out" ? { timedOut: true as const } : {};
    this.#trace({ event: "ReportVm", vm: spec.name, uuid, generation, observed, ...timedOut });
    const ended = spec.timeoutMs !== undefined && (observed === "stopped" || observed === "failed");
    const output = ended ? { output: await endOfConsole(this.#options.runs.of(uuid), outputLimit) } : {};
    await this.#tell({ kind: "vm-report", name: spec.name, uuid, node: self, generation, observed, exit, failure, ...output });
  }

  /** Submits what the health check of the VM came to. */
  async reportHealth({ spec, uuid, generation }: VmRecord, health: HealthReport["health"], detail: string): Promise<void> {
    const { self: node } = this.#options;
    await this.#tell({ kind: "health-report", name: spec.name, uuid, node, generation, health, detail });
  }

  async #tell(command: Told): Promise<void> {
    const { log } = this.#options;
    const sequence = ++this.#sequence;
    this.#open.add(sequence);
    while (!this.#stopped) {
      try {
        return await this.#submit(command, sequence);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        log.debug("a report waits", { vm: command.name, said: said(command), error: error.message });
        await this.#options.requests.nextChange(retryPauseMs);
      }
    }
  }

  async #submit(command: Told, sequence: number): Promise<void> {
    const { requests, log } = this.#options;
    const acknowledged = Math.min(...this.#open);
    const reply = await requests.submit({ client: this.#client, sequence, acknowledged, command }, reportTimeoutMs);
    this.#open.delete(sequence);
    // The debt is looked at again when this node knows what it reported, or it would be paid twice.
    while (!this.#stopped && requests.appliedIndex < reply.index) await requests.nextChange(retryPauseMs);
    if (!reply.ok) log.info("a report was refused", { vm: command.name, said: said(command), code: reply.code, reason: reply.message });
  }
}

function said(command: Told): string {
  return command.kind === "vm-report" ? command.observed : command.health;
}
