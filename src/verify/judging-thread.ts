/** A thread that judges what it is asked, see `threads.ts`. */

import { setFlagsFromString } from "node:v8";
import { parentPort } from "node:worker_threads";
import { UserError } from "../errors.ts";
import { judgeFiles } from "./check.ts";
import type { ThreadAnswer, ThreadTask } from "./threads.ts";

// What a long trace leaves behind grows slowly and everything else is garbage soon: collected early, it costs little memory.
setFlagsFromString("--heap-growing-percent=50");

// A thread is no window, it has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const answer = (message: ThreadAnswer): void => parentPort?.postMessage(message);

parentPort?.on("message", async ({ run, options }: ThreadTask) => {
  try {
    const onProgress = ({ lines }: { readonly lines: number }): void => answer({ kind: "progress", lines });
    answer({ kind: "verdict", verdict: await judgeFiles(run, { ...options, onProgress }) });
  } catch (error) {
    if (error instanceof UserError) answer({ kind: "user-error", code: error.code, message: error.message, place: error.place });
    else answer({ kind: "error", error: error as Error });
  }
});
