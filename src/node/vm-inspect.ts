/** All that is known of a VM: its record, what happened to it, and what its owner's machine knows of the process. */

import { UserError } from "../errors.ts";
import { eventsAfter } from "../machine/events.ts";
import type { VmRecord } from "../machine/records.ts";
import type { VmInspectResponse, VmNameRequest } from "../transport/messages.generated.ts";
import type { CallContext } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import { dial, inspectRun } from "./concrete.ts";
import { timeoutOf } from "./service-parts.ts";
import { freshness, vmView, workerNames } from "./views.ts";
import { vmNamed, type VmServiceParts } from "./vm-service.ts";

/** Events that are shown; the latest. */
const historyLimit = 100;

/** Asks the owner for the process; when it does not answer, the rest is told, and why that is missing. */
export async function inspectVm(parts: VmServiceParts, { name }: VmNameRequest, context: CallContext): Promise<Init<VmInspectResponse>> {
  const vm = vmNamed(parts, name);
  const { machine } = parts.replica;
  const history = eventsAfter(machine, 0, Infinity).events.filter(({ kind, subject }) => kind === "vm" && subject === name);
  const answer = {
    freshness: freshness(parts.replica, false),
    vm: vmView(vm, workerNames(machine).get(vm.owner) ?? "", parts.localPid(vm.uuid)),
    record: JSON.stringify(vm),
    history: JSON.stringify(history.slice(-historyLimit)),
  };
  try {
    return { ...answer, ...(await runOf(parts, vm, context)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...answer, missing: error.message };
  }
}

async function runOf(parts: VmServiceParts, { spec, uuid, owner }: VmRecord, context: CallContext): Promise<Pick<VmInspectResponse, "run" | "missing">> {
  if (owner === parts.self) return { run: JSON.stringify(await inspectRun(parts.runDirectory(uuid))), missing: "" };
  const address = parts.addressOf(owner);
  if (address === null) throw new UserError("UNREACHABLE", `the address of its owner ${owner} is not known`);
  const asked = dial(address, timeoutOf(context) / 2);
  try {
    const { run, missing } = await asked.vm.inspect({ name: spec.name });
    return { run, missing };
  } finally {
    asked.close();
  }
}
