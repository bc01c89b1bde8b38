/** Waits until a worker is drained (`worker drain --monitor`), telling of each VM that leaves it. */

import { hostname, userInfo } from "node:os";
import { UserError } from "../errors.ts";
import type { WorkerResponse } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";

const assertionLimit = 160;

/** How an operator knows that a machine is off. Throws `UserError INVALID_ARGUMENT`. */
export function parseAssertion(text: string): string {
  const said = text.trim();
  if (said !== "" && said.length <= assertionLimit && !/\p{Cc}/u.test(said)) return said;
  throw new UserError("INVALID_ARGUMENT", `an assertion must be a line of 1 to ${assertionLimit} characters`, {
    next: 'Say how you know that the machine is off, for example --assert "powered off, checked by hand".',
  });
}

/** The assertion with who makes it: the user of this machine. */
export function assertedBy(said: string): string {
  return `${userInfo().username}@${hostname()}: ${said}`.slice(0, 256);
}

/** What it means to say that a machine is off. */
export function offMeaning(node: string): string {
  return `The VMs of ${node} are started elsewhere at once. If that machine still runs them they run twice, and write to what they share: nothing but your word prevents it.`;
}

/** Resolves to the worker as it was last seen. */
export function awaitDrained(daemon: DaemonSession, node: string): Promise<WorkerResponse> {
  return daemon.wait(
    async (asked, options) => {
      const { workers } = await asked.worker.list({ read: { consistent: true } }, options);
      const worker = workers.find((one) => one.nodeId === node || one.name === node);
      if (worker === undefined) return { done: false, state: `nothing is known of worker ${node}` };
      if (worker.admin === "drained") return { done: true, value: { index: 0, worker } };
      if (worker.admin === "active") return { done: false, state: `worker ${worker.name} was made active again` };
      return { done: false, state: `worker ${worker.name} is draining: ${worker.vms} of its VMs, services and tasks ${worker.vms === 1 ? "is" : "are"} left` };
    },
    `worker ${node} to be drained`,
    "What has no place elsewhere stays, and a task until it ends: see `blixard vm list`, `service list` and `task list`; the cluster goes on trying.",
  );
}
