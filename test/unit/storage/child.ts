/** Runs the writing process of `store-in-a-loop.ts`, perhaps under another program. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("store-in-a-loop.ts", import.meta.url));

export interface Ended {
  /** The last write that was acknowledged; 0 for none. */
  readonly acknowledged: number;
  /** The line that reports a failure. */
  readonly failure: string | undefined;
  readonly stderr: string;
}

/** Starts it on `directory`. `onLine` may end it by `kill`. Fulfils when it has ended. */
export function storeInALoop(
  directory: string,
  options: { readonly under?: readonly string[]; readonly onLine?: (line: string, kill: () => void) => void } = {},
): Promise<Ended> {
  const [command = process.execPath, ...rest] = [...(options.under ?? []), process.execPath, "--import", "tsx", script, directory];
  return new Promise((resolve, reject) => {
    // A process group of its own: a tracer and its tracee end together.
    // A tracer counts the calls of each thread apart, and which of four makes the ninth is chance: one does all the disk work.
    const env = options.under === undefined ? process.env : { ...process.env, UV_THREADPOOL_SIZE: "1" };
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
    const kill = (): void => void (child.pid !== undefined && process.kill(-child.pid, "SIGKILL"));
    let acknowledged = 0;
    let failure: string | undefined;
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      if (/^\d+$/.test(line)) acknowledged = Number(line);
      else if (line.startsWith("failed")) failure = line;
      if (child.exitCode === null && child.signalCode === null) options.onLine?.(line, kill);
    });
    child.on("error", reject);
    child.on("close", () => resolve({ acknowledged, failure, stderr }));
  });
}
