/** Waits until a task has come to its end. */

import type { VmResponse } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { isEnded, whereText } from "./task-view.ts";

/** Resolves to the task as it was last seen, however it ended. */
export function awaitTask(daemon: DaemonSession, name: string): Promise<VmResponse> {
  return daemon.wait(
    async (asked, options) => {
      const seen = await asked.task.get({ name, read: { consistent: true } }, options);
      if (seen.vm === null) return { done: false, state: `nothing is known of task ${name}` };
      return isEnded(seen.vm) ? { done: true, value: seen } : { done: false, state: `task ${name} is ${whereText(seen.vm)}` };
    },
    `task ${name} to end`,
    `It goes on: see \`blixard task status ${name}\`, and wait longer with --timeout.`,
  );
}
