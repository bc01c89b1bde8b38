/** Runs, and groups of one run, judged by several threads at once. */

import type { Worker } from "node:worker_threads";
import { type ErrorCode, type ErrorPlace, UserError } from "../errors.ts";
import { groupsAhead, type TraceRun } from "../trace/trace-files.ts";
import type { VerifyOptions } from "./check.ts";
import type { JudgeOptions, Share } from "./run-judge.ts";
import { startThread } from "./start-thread.ts";
import { firstOf, type RunVerdict } from "./sum.ts";
import type { Verdict } from "./verdict.ts";

/** What a thread is asked to judge. */
export interface ThreadTask {
  readonly run: TraceRun;
  readonly options: Omit<JudgeOptions, "onProgress"> & { readonly allowTorn?: boolean };
}

/** What a thread answers: any number of `progress`, then one of the others. */
export type ThreadAnswer =
  | { readonly kind: "progress"; readonly lines: number }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "user-error"; readonly code: ErrorCode; readonly message: string; readonly place: ErrorPlace }
  | { readonly kind: "error"; readonly error: Error };

/** Gives the verdicts in the order of `runs`. The threads end when the caller has heard enough. */
export async function* judgeInThreads(runs: readonly TraceRun[], options: VerifyOptions): AsyncGenerator<RunVerdict> {
  const { jobs = 1 } = options;
  const cases = runs.map((run) => ({ run, shares: sharesOf(run, runs.length, jobs, options) }));
  const pool = new Pool(Math.min(jobs, cases.reduce((total, { shares }) => total + shares.length, 0)), options);
  try {
    const asked = cases.map(({ run, shares }) => ({ run, verdicts: Promise.all(shares.map((share) => pool.judge(run, share))) }));
    for (const { verdicts } of asked) verdicts.catch(() => {});
    for (const { run, verdicts } of asked) yield { run: run.root, verdict: firstOf(await verdicts) };
  } finally {
    await pool.close();
  }
}

/** A run is shared where there are fewer runs than threads, and groups to deal out. */
function sharesOf(run: TraceRun, runs: number, jobs: number, { group }: VerifyOptions): readonly (Share | undefined)[] {
  const spare = Math.floor(jobs / runs);
  if (spare < 2 || group !== undefined) return [undefined];
  const of = Math.min(spare, groupsAhead(run).size);
  return of < 2 ? [undefined] : Array.from({ length: of }, (_, part) => ({ part, of }));
}

interface Waiting {
  readonly task: ThreadTask;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that take tasks in order. After one has failed none is begun. */
class Pool {
  readonly #options: VerifyOptions;
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #lines = new Map<Worker, number>();
  readonly #startedMs = performance.now();
  #done = 0;

  constructor(size: number, options: VerifyOptions) {
    this.#options = options;
    for (let n = 0; n < size; n++) {
      const worker = startThread("judging-thread");
      this.#all.push(worker);
      this.#idle.push(worker);
    }
  }

  judge(run: TraceRun, share: Share | undefined): Promise<Verdict> {
    const { specDirectory, module, group, bound, states, allowTorn } = this.#options;
    const options = { specDirectory, module, group, bound, states, allowTorn, share };
    const task = { run, options: Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) } as unknown as ThreadTask;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#begin();
    });
  }

  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #begin(): void {
    const worker = this.#idle.pop();
    const next = worker === undefined ? undefined : this.#waiting.shift();
    if (worker === undefined || next === undefined) {
      if (worker !== undefined) this.#idle.push(worker);
      return;
    }
    const settle = (act: () => void): void => {
      worker.off("error", fail).off("exit", ended).off("message", hear);
      this.#lines.delete(worker);
      act();
    };
    const fail = (error: Error): void => settle(() => next.reject(error));
    const ended = (code: number): void => fail(new Error(`a judging thread ended with ${code}`));
    const hear = (answer: ThreadAnswer): void => {
      if (answer.kind === "progress") {
        this.#lines.set(worker, answer.lines);
        this.#tell(fail);
        return;
      }
      settle(() => {
        if (answer.kind === "verdict") {
          this.#done += answer.verdict.lines;
          next.resolve(answer.verdict);
        } else next.reject(answer.kind === "error" ? answer.error : new UserError(answer.code, answer.message, answer.place));
      });
      this.#idle.push(worker);
      this.#begin();
    };
    worker.on("error", fail).on("exit", ended).on("message", hear);
    // A thread is no window, it has no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker.postMessage(next.task);
  }

  /** Whoever listens may say that it is enough, by throwing. */
  #tell(fail: (error: Error) => void): void {
    const lines = [...this.#lines.values()].reduce((total, count) => total + count, this.#done);
    try {
      this.#options.onProgress?.({ lines, seconds: (performance.now() - this.#startedMs) / 1000 });
    } catch (error) {
      fail(error as Error);
    }
  }
}
