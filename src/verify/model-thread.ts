/** A thread of `blixard model`: explores its share of every level. See `model-threads.ts` for who drives it. */

import { parentPort, workerData } from "node:worker_threads";
import { present } from "../assert.ts";
import { showViolation, type ShownViolation } from "../tla/counterexample.ts";
import { SharedSearch, type ModelProgress, type Violation } from "../tla/model.ts";
import { SharedStates } from "../tla/shared-states.ts";
import { openModel, type ModelSource } from "./model-source.ts";

export interface ThreadOrder {
  readonly source: ModelSource;
  /** The fingerprints of all threads. */
  readonly states: readonly SharedArrayBuffer[];
  /** Its first word is not 0 when all are to stop. */
  readonly flags: SharedArrayBuffer;
  readonly index: number;
  readonly count: number;
}

/** `done`: the level is explored. */
export interface ThreadReport {
  readonly done: boolean;
  readonly progress: ModelProgress;
  readonly violation: ShownViolation | undefined;
}

const enoughToShare = 256;
const reportEveryMs = 500;

const port = present(parentPort, "runs as a thread");
const { source, states, flags, index, count } = workerData as ThreadOrder;
const { specification, configuration } = await openModel(source);
const search = new SharedSearch(specification, configuration);
const flag = new Int32Array(flags);

const report = (done: boolean, violation: Violation | undefined): void => {
  const shown = violation === undefined ? undefined : showViolation(specification, configuration, violation);
  port.postMessage({ done, progress: search.progress, violation: shown } satisfies ThreadReport, []);
};

report(true, search.begin(new SharedStates(states), index, count, enoughToShare * count));
port.on("message", () => {
  let reportedMs = performance.now();
  const violation = search.level(() => {
    const nowMs = performance.now();
    if (nowMs - reportedMs > reportEveryMs) {
      reportedMs = nowMs;
      report(false, undefined);
    }
    return Atomics.load(flag, 0) !== 0;
  });
  if (violation !== undefined) Atomics.store(flag, 0, 1);
  report(true, violation);
});
