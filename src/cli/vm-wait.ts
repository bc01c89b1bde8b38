/** Waits until a VM is observed to be as it was asked to be (`--wait`). */

import { UserError } from "../errors.ts";
import type { VmResponse, VmView } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { userErrorOf } from "./failure.ts";
import type { Look } from "./poll.ts";
import { exitText } from "./vm-view.ts";

export type VmGoal = "running" | "stopped" | "gone";

/**
 * Resolves to the VM as it was last seen. `change` is the answer to the request that asked for it: what was reported
 * before that is old news.
 */
export async function waitForVm(daemon: DaemonSession, name: string, goal: VmGoal, change: VmResponse): Promise<VmResponse> {
  return daemon.wait(
    async (asked, options) => {
      try {
        const seen = await asked.vm.get({ name, read: { consistent: true } }, options);
        return judge(seen, goal, change);
      } catch (thrown) {
        if (goal === "gone" && userErrorOf(thrown)?.code === "NOT_FOUND") return { done: true, value: { ...change, vm: null } };
        throw thrown;
      }
    },
    `VM ${name} to be ${goal}`,
    `See why with \`blixard vm status ${name}\` and \`blixard vm logs ${name}\`; the cluster goes on trying.`,
  );
}

/** What one look says. Throws when the goal can no longer be reached. */
export function judge(seen: VmResponse, goal: VmGoal, change: VmResponse): Look<VmResponse> {
  const { vm } = seen;
  if (vm === null) return { done: false, state: "nothing is known of it" };
  if (goal !== "gone" && vm.uuid !== (change.vm?.uuid ?? vm.uuid)) throw replaced(vm);
  if (vm.observed === goal && vm.desired === goal) return { done: true, value: seen };
  const reported = vm.changedIndex > (change.vm?.changedIndex ?? change.index);
  const over = vm.observed === "failed" || (goal === "running" && vm.observed === "stopped");
  if (goal === "stopped" && reported && vm.observed === "failed" && vm.desired === "stopped") return { done: true, value: seen };
  if (goal === "running" && reported && over) throw ended(vm);
  if (goal !== "gone" && vm.desired !== goal) throw overtaken(vm, goal);
  return { done: false, state: `VM ${vm.name} is ${vm.observed} on ${vm.ownerName || vm.ownerId}, wanted ${vm.desired}` };
}

function ended(vm: VmView): UserError {
  const why = vm.failure || exitText(vm.exit) || "no reason was reported";
  return new UserError("DRIVER_FAILED", `VM ${vm.name} ${vm.observed === "failed" ? "failed" : "ended"} on ${vm.ownerName || vm.ownerId}: ${why}`, {
    node: vm.ownerId,
    next: `See its console with \`blixard vm logs ${vm.name}\`, and start it again with \`blixard vm start ${vm.name}\`.`,
  });
}

function overtaken(vm: VmView, goal: VmGoal): UserError {
  return new UserError("CONFLICT", `somebody else asked for VM ${vm.name} to be ${vm.desired} while this command waited for it to be ${goal}`, {
    next: `See \`blixard vm status ${vm.name}\`.`,
  });
}

function replaced(vm: VmView): UserError {
  return new UserError("CONFLICT", `VM ${vm.name} was deleted and another of that name was created while this command waited`);
}
