import type { Worker } from "node:worker_threads";
import type { ShownViolation } from "../tla/counterexample.ts";
import type { ModelProgress } from "../tla/model.ts";
import { memoryForStates, roomIn } from "../tla/shared-states.ts";
import type { ModelSource } from "./model-source.ts";
import { startThread } from "./start-thread.ts";
import type { ThreadOrder, ThreadReport } from "./model-thread.ts";

export interface ThreadedResult {
  readonly progress: ModelProgress;
  readonly violation: ShownViolation | undefined;
  readonly complete: boolean;
}

export interface ThreadedOptions {
  readonly threads: number;
  readonly maxStates: number;
  readonly onProgress: (progress: ModelProgress) => void;
}

/** Explores with several threads, level by level, so that the counterexample is still as short as can be. */
export async function exploreInThreads(source: ModelSource, { threads, maxStates, onProgress }: ThreadedOptions): Promise<ThreadedResult> {
  const states = memoryForStates(maxStates);
  const flags = new SharedArrayBuffer(4);
  const flag = new Int32Array(flags);
  const team = Array.from({ length: threads }, (_, index) => new Thread({ source, states, flags, index, count: threads }));
  const limit = Math.min(maxStates, roomIn(states));
  const watch = (): void => {
    const progress = total(team);
    onProgress(progress);
    if (progress.distinct > limit) Atomics.store(flag, 0, 1);
  };
  try {
    await Promise.all(team.map((thread) => thread.finished(watch)));
    while (Atomics.load(flag, 0) === 0 && violationOf(team) === undefined && total(team).waiting > 0) {
      await Promise.all(team.map((thread) => thread.explore(watch)));
      watch();
    }
    const violation = violationOf(team);
    return { progress: total(team), violation, complete: violation === undefined && total(team).waiting === 0 };
  } finally {
    await Promise.all(team.map((thread) => thread.end()));
  }
}

class Thread {
  report: ThreadReport = { done: false, progress: { generated: 0, distinct: 0, depth: 0, waiting: 0 }, violation: undefined };
  readonly #worker: Worker;

  constructor(order: ThreadOrder) {
    this.#worker = startThread("model-thread", order);
  }

  explore(onReport: () => void): Promise<void> {
    this.#worker.postMessage("level", []);
    return this.finished(onReport);
  }

  /** Resolves when the thread has come to the end of its level. */
  finished(onReport: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        this.#worker.off("message", take);
        this.#worker.off("error", fail);
        end();
      };
      const fail = (error: Error): void => settle(() => reject(error));
      const take = (report: ThreadReport): void => {
        this.report = report;
        if (report.done) settle(resolve);
        else onReport();
      };
      this.#worker.on("message", take);
      this.#worker.on("error", fail);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function violationOf(team: readonly Thread[]): ShownViolation | undefined {
  const found = team.flatMap(({ report }) => (report.violation === undefined ? [] : [report.violation]));
  return found.sort((a, b) => a.trace.length - b.trace.length)[0];
}

function total(team: readonly Thread[]): ModelProgress {
  const all = team.map(({ report }) => report.progress);
  const sum = (part: (progress: ModelProgress) => number): number => all.reduce((result, progress) => result + part(progress), 0);
  const depth = all.reduce((deepest, progress) => Math.max(deepest, progress.depth), 0);
  return { generated: sum((progress) => progress.generated), distinct: sum((progress) => progress.distinct), depth, waiting: sum((progress) => progress.waiting) };
}
