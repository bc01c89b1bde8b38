/** `vm exec`: what a command in a guest writes, as it comes, and its exit code. */

import { UserError } from "../errors.ts";
import type { VmExecChunk } from "../transport/messages.generated.ts";
import { notify, write, writeLine } from "./output.ts";

/**
 * Passes the output on, each stream to its own; with `json` it is one object at the end. `feed` is called when the command
 * takes stdin; the exit of the command ends all. Returns the exit code.
 */
export async function relayExec(chunks: AsyncIterable<VmExecChunk>, json: boolean, feed: () => Promise<void> = async () => {}): Promise<number> {
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for await (const { stdout, stderr, ended, code, feedable } of chunks) {
    if (feedable) feed().catch((error: unknown) => notify(`stdin went no further: ${error instanceof Error ? error.message : String(error)}`));
    if (json) {
      kept.stdout.push(stdout);
      kept.stderr.push(stderr);
    } else {
      if (stdout.length > 0) await write(stdout);
      if (stderr.length > 0) process.stderr.write(stderr);
    }
    if (!ended) continue;
    const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString("utf8");
    if (json) await writeLine(JSON.stringify({ code, stdout: text(kept.stdout), stderr: text(kept.stderr) }, null, 2));
    return code;
  }
  throw new UserError("OUTCOME_UNKNOWN", "the daemon ended the stream before it told how the command ended");
}
