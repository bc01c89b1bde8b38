/** Waits until a worker is drained (`worker drain --monitor`), telling of each VM that leaves it. */

import type { WorkerResponse } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";

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
