/** Services and tasks, for people: records of the table of VMs under names of their own (`workload-name.ts`). */

import { UserError } from "../errors.ts";
import type { VmCommand } from "../machine/commands.ts";
import { parseWorkload } from "../machine/names.ts";
import { programCopy } from "../machine/program.ts";
import { getVm } from "../machine/query.ts";
import type { Name, Program, VmSpec } from "../machine/records.ts";
import type { Program as ProgramMessage, VmCreateRequest } from "../transport/messages.generated.ts";
import type { ServiceHandlers } from "../transport/service.ts";
import { titleOf, type WorkloadKind } from "../workload-name.ts";
import { changeVm, getNamed, listKind, placeAskedFor, stopOf, uuidOf, type VmServiceParts, wishesOf } from "./vm-service.ts";
import { consoleOf } from "./vm-streams.ts";

export function serviceService(parts: VmServiceParts): ServiceHandlers["service"] {
  const nameOf = (name: string): Name => parseWorkload("service", name);
  return {
    start: (request, context) => changeVm(parts, request.request, startCommand(parts, request), context),
    stop: (request, context) => changeVm(parts, request.request, { kind: "vm-stop", ...stopOf("service", request) }, context),
    restart: (request, context) => changeVm(parts, request.request, { kind: "vm-restart", ...stopOf("service", request) }, context),
    remove: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-delete", name: nameOf(name) }, context),
    migrate: ({ request, name, to, live }, context) => changeVm(parts, request, { kind: live ? "vm-carry" : "vm-migrate", name: nameOf(name), ...placeAskedFor(parts, "to", to) }, context),
    list: ({ read }, context) => listKind(parts, "service", read, context),
    get: ({ name, read }, context) => getNamed(parts, nameOf(name), read, context),
    logs: (request, context) => consoleOf(parts, { ...request, name: nameOf(request.name) }, context),
  };
}

const defaultTimeoutMs = 3_600_000;

export function taskService(parts: VmServiceParts): ServiceHandlers["task"] {
  const nameOf = (name: string): Name => parseWorkload("task", name);
  return {
    submit: (request, context) => changeVm(parts, request.request, submitCommand(parts, request), context),
    cancel: (request, context) => changeVm(parts, request.request, { kind: "vm-stop", ...stopOf("task", request) }, context),
    remove: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-delete", name: nameOf(name) }, context),
    list: ({ read }, context) => listKind(parts, "task", read, context),
    get: ({ name, read }, context) => getNamed(parts, nameOf(name), read, context),
    logs: (request, context) => consoleOf(parts, { ...request, name: nameOf(request.name) }, context),
  };
}

/** Its uuid follows from the request's id: who submits again with the same id submits no second task. */
function submitCommand(parts: VmServiceParts, request: VmCreateRequest): VmCommand {
  if (request.run === null) throw new UserError("INVALID_ARGUMENT", "a task needs a program", { next: "For example: blixard task submit -- make all" });
  const command = createProgram(parts, "task", request, programOf(request.run));
  return { ...command, spec: { ...command.spec, timeoutMs: request.taskTimeoutMs || defaultTimeoutMs } };
}

/** One that is there with the same program is started, so that the same wish can be given again and again. */
function startCommand(parts: VmServiceParts, request: VmCreateRequest): VmCommand {
  const name = parseWorkload("service", request.name);
  const known = getVm(parts.replica.machine, name);
  if (request.run === null) {
    if (known !== undefined) return { kind: "vm-start", name };
    throw new UserError("NOT_FOUND", `there is no ${titleOf(name)}`, { next: `Say what it runs: \`blixard service start ${request.name} -- PROGRAM\`.` });
  }
  const run = programOf(request.run);
  if (known === undefined || known.desired === "deleted") return createProgram(parts, "service", request, run);
  if (JSON.stringify(known.spec.run) === JSON.stringify(programCopy(run))) return { kind: "vm-start", name };
  throw new UserError("CONFLICT", `${titleOf(name)} is there with another program`, {
    next: `See it with \`blixard service status ${request.name}\`; take it away with \`blixard service remove ${request.name}\` to give it another.`,
  });
}

/** The command that makes a service or a task. What takes no processor for itself counts for none. */
export function createProgram(parts: VmServiceParts, kind: WorkloadKind, request: VmCreateRequest, run: Program): Extract<VmCommand, { kind: "vm-create" }> {
  const { cpus, memoryMib, node } = request;
  const spec: VmSpec = {
    name: parseWorkload(kind, request.name),
    ...{ driver: "process", cpus, memoryMib: memoryMib === 0 ? 64 : memoryMib, diskMib: 0, image: "default" as Name, run },
    ...wishesOf(request),
  };
  return { kind: "vm-create", spec, uuid: uuidOf(request.request), start: true, ...placeAskedFor(parts, "node", node) };
}

export function programOf({ argv, env, cwd }: ProgramMessage): Program {
  return { argv, ...(env.length === 0 ? {} : { env }), ...(cwd === "" ? {} : { cwd }) };
}
