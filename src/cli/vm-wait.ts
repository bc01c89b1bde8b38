/** Waits until a VM is observed to be as it was asked to be (`--wait`). */

import { UserError } from "../errors.ts";
import type { CallOptions, Connection } from "../transport/client.ts";
import type { RequestId, VmResponse, VmView } from "../transport/messages.generated.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { userErrorOf } from "./failure.ts";
import type { Look } from "./poll.ts";
import { kindOf, shortName, titleOf } from "../workload-name.ts";
import { exitText } from "./vm-view.ts";

export type VmGoal = "running" | "paused" | "stopped" | "gone";
export const vmGoals = ["running", "paused", "stopped", "gone"] as const satisfies readonly VmGoal[];

/** `name`, here and below: with its kind. Asks for a change, and waits until the VM is as it was asked to be, if there is a goal. */
export async function changeVm(
  daemon: DaemonSession,
  name: string,
  goal: VmGoal | null,
  ask: (asked: Connection, request: RequestId, options: CallOptions) => Promise<VmResponse>,
): Promise<VmResponse> {
  const changed = await daemon.write(ask);
  return goal === null ? changed : waitForVm(daemon, name, goal, changed);
}

/**
 * Resolves to the VM as it was last seen. `change` is the answer to the request that asked for it: what was reported
 * before that is old news.
 */
export function waitForVm(daemon: DaemonSession, name: string, goal: VmGoal, change: VmResponse): Promise<VmResponse> {
  return watchVm(daemon, name, goal, (seen) => judge(seen, goal, change, name));
}

/** Waits until a VM is observed so, whoever asked for it; fails when nobody asks for it any more and it came to an end. */
export function awaitVm(daemon: DaemonSession, name: string, goal: VmGoal): Promise<VmResponse> {
  return watchVm(daemon, name, goal, ({ vm, ...rest }) => {
    if (vm === null) return { done: false, state: "nothing is known of it" };
    const isOver = vm.observed === "stopped" || vm.observed === "failed";
    if (vm.observed === goal || (goal === "stopped" && isOver)) return { done: true, value: { vm, ...rest } };
    if (isOver && goal !== "gone" && vm.desired === goal) throw ended(vm, name);
    return { done: false, state: stateOf(vm, name) };
  });
}

/** Waits until a VM has moved with its memory; fails when it stays where it was. `change`: the answer to who asked for that. */
export function awaitMoved(daemon: DaemonSession, name: string, change: VmResponse): Promise<VmResponse> {
  const from = change.vm?.ownerId;
  const moves = (change.vm?.movingTo ?? "") !== "";
  return watchVm(daemon, name, "running", (seen) => {
    const { vm } = seen;
    if (vm === null) return { done: false, state: "nothing is known of it" };
    if (vm.observed === "failed" || vm.observed === "stopped") throw ended(vm, name);
    if (vm.movingTo !== "" || vm.observed !== "running") return { done: false, state: stateOf(vm, name) };
    if (moves && vm.ownerId === from) {
      throw new UserError("DRIVER_FAILED", `${titleOf(name)} stays where it was: ${vm.failure || "its move was called off"}`, {
        node: vm.ownerId,
        next: "Try again, or move it without --live: then it is stopped and started again.",
      });
    }
    return { done: true, value: seen };
  });
}

function watchVm(daemon: DaemonSession, name: string, goal: VmGoal, look: (seen: VmResponse) => Look<VmResponse>): Promise<VmResponse> {
  return daemon.wait(
    async (asked, options) => {
      try {
        return look(await lookUp(asked, name, options));
      } catch (thrown) {
        if (goal === "gone" && userErrorOf(thrown)?.code === "NOT_FOUND") return { done: true, value: { index: 0, vm: null, freshness: null } };
        throw thrown;
      }
    },
    `${titleOf(name)} to be ${goal}`,
    `See why with ${commandOf(name, "status")} and ${commandOf(name, "logs")}; the cluster goes on trying.`,
  );
}

function lookUp(asked: Connection, name: string, options: CallOptions): Promise<VmResponse> {
  const request = { name: shortName(name), read: { consistent: true } };
  return asked[kindOf(name)].get(request, options);
}

/** What to type to do this with it. */
function commandOf(name: string, verb: string): string {
  return `\`blixard ${kindOf(name)} ${verb} ${shortName(name)}\``;
}

/** What one look says. Throws when the goal can no longer be reached. */
export function judge(seen: VmResponse, goal: VmGoal, change: VmResponse, name: string): Look<VmResponse> {
  const { vm } = seen;
  if (vm === null) return { done: false, state: "nothing is known of it" };
  if (goal !== "gone" && vm.uuid !== (change.vm?.uuid ?? vm.uuid)) throw replaced(name);
  if (vm.observed === goal && vm.desired === goal) return { done: true, value: seen };
  const reported = vm.changedIndex > (change.vm?.changedIndex ?? change.index);
  const over = vm.observed === "failed" || ((goal === "running" || goal === "paused") && vm.observed === "stopped");
  if (goal === "stopped" && reported && vm.observed === "failed" && vm.desired === "stopped") return { done: true, value: seen };
  if ((goal === "running" || goal === "paused") && reported && over) throw ended(vm, name);
  if (goal !== "gone" && vm.desired !== goal) throw overtaken(vm, goal, name);
  return { done: false, state: stateOf(vm, name) };
}

function stateOf(vm: VmView, name: string): string {
  const doing = vm.doing === "" ? "" : `: ${vm.doing}`;
  return `${titleOf(name)} is ${vm.observed} on ${vm.ownerName || vm.ownerId}, wanted ${vm.desired}${doing}`;
}

function ended(vm: VmView, name: string): UserError {
  const why = vm.failure || exitText(vm.exit) || "no reason was reported";
  return new UserError("DRIVER_FAILED", `${titleOf(name)} ${vm.observed === "failed" ? "failed" : "ended"} on ${vm.ownerName || vm.ownerId}: ${why}`, {
    node: vm.ownerId,
    next: `See its console with ${commandOf(name, "logs")}, and start it again with ${commandOf(name, "start")}.`,
  });
}

function overtaken(vm: VmView, goal: VmGoal, name: string): UserError {
  return new UserError("CONFLICT", `somebody else asked for ${titleOf(name)} to be ${vm.desired} while this command waited for it to be ${goal}`, {
    next: `See ${commandOf(name, "status")}.`,
  });
}

function replaced(name: string): UserError {
  return new UserError("CONFLICT", `${titleOf(name)} was deleted and another of that name was created while this command waited`);
}
