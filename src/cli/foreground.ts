/** The daemon in the foreground: says that it runs, ends it in order when asked to, gives its last word. */

import { constants } from "node:os";
import { notify, print } from "./output.ts";

/** What the daemon's room promises. */
export interface RunningDaemon {
  readonly address: string;
  readonly nodeId: string;
  readonly stopped: Promise<{ readonly reason: string; readonly exit: number }>;
  stop(): Promise<void>;
}

/** Resolves to the exit status when the daemon has ended. A second signal ends it at once. */
export async function runForeground(start: () => Promise<RunningDaemon>, json: boolean): Promise<number> {
  const daemon = await start();
  const { address, nodeId } = daemon;
  let asked = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    notify(`${signal}: stopping; once more ends it at once`);
    void daemon.stop();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  await print({ json: { nodeId, address, pid: process.pid }, text: () => `node ${nodeId} listens on ${address} (pid ${process.pid})` }, json);
  const { reason, exit } = await daemon.stopped;
  notify(`stopped: ${reason}`);
  return exit;
}
