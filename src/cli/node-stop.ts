/** `node stop`: asks the daemon to end and waits until it did. */

import { readFileSync } from "node:fs";
import { parseAddress } from "../transport/address.ts";
import type { Answer } from "./answer.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { userErrorOf } from "./failure.ts";

/** Resolves when the process is gone; that of another machine, when it answers no more. */
export async function stopNode(daemon: DaemonSession): Promise<Answer> {
  const { pid, name, nodeId } = await daemon.read((asked, options) => asked.cluster.nodeStatus({}, options));
  await daemon.once((asked, options) => asked.cluster.stopNode({}, options)).catch(passOver);
  const isLocal = /^(127\.|::1$)/.test(parseAddress(daemon.address).host);
  await daemon.wait(async (asked, options) => {
    const answers = await asked.cluster.nodeStatus({}, options).then((status) => status.pid === pid, passOver);
    if (answers === true || (isLocal && isAlive(pid))) return { done: false, state: `process ${pid} is ending` };
    return { done: true, value: null };
  }, `node ${name} to end`);
  return { json: { nodeId, name, pid, stopped: true }, text: () => `node ${name} stopped` };
}

/** A daemon that is ending answers no more. */
function passOver(thrown: unknown): false {
  const code = userErrorOf(thrown)?.code;
  if (code === "OUTCOME_UNKNOWN" || code === "UNREACHABLE" || code === "TIMEOUT") return false;
  throw thrown;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and that nobody asked for is still there by its number.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EPERM";
  }
}
