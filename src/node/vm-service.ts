/** VMs, for people. */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { VmAnswered, VmCommand } from "../machine/commands.ts";
import { commandProblem } from "../machine/check-command.ts";
import { parseName, parseWorkload } from "../machine/names.ts";
import { planVm, type Plan } from "../machine/plan.ts";
import { getVm, listVms } from "../machine/query.ts";
import type { DriverName, HealthCheck, HealthProbe, Name, NodeId, PlacementWish, VmNetwork, VmRecord, VmSpec } from "../machine/records.ts";
import type { HealthCheck as HealthCheckMessage, VmNetwork as AskedNetwork, PlacementWish as AskedWish, Read, RequestId, VmCarryChunk, VmCarryRequest, VmCreateRequest, VmListResponse, VmResponse, VmStopRequest } from "../transport/messages.generated.ts";
import type { CallContext, ServiceHandlers } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { RunDir, VmHandle } from "../vm/driver.ts";
import { kindOf, titleOf, type WorkloadKind } from "../workload-name.ts";
import { ExecInputs } from "./exec-input.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";
import type { VmHere } from "./peers.ts";
import { freshness, vmView, workerNames } from "./views.ts";
import { inspectVm } from "./vm-inspect.ts";
import { consoleOf, execOf, typeAt } from "./vm-streams.ts";

export interface VmServiceParts extends ServiceParts {
  readonly self: NodeId;
  /** Id of the member with this id or name. */
  readonly resolveNode: (node: string) => NodeId;
  readonly addressOf: (node: NodeId) => string | null;
  readonly runDirectory: (uuid: string) => RunDir;
  readonly handleOf: (uuid: string) => VmHandle | undefined;
  /** Pid of a VM that runs here, 0 if none does. */
  readonly localPid: (uuid: string) => number;
  /** The memory of a VM that moves from here. */
  readonly sendMemory: (request: VmCarryRequest, signal: AbortSignal) => AsyncIterable<Init<VmCarryChunk>>;
  /** What its owner knows of it; nothing when that does not answer. */
  readonly askOwner: (vm: VmRecord) => Promise<VmHere>;
}

/** Takes a command through the log, and answers with the record as this node has applied it. */
export async function changeVm(parts: VmServiceParts, request: RequestId | null, wish: VmCommand, context: CallContext): Promise<Init<VmResponse>> {
  requireCluster(parts);
  const { index } = await parts.requests.execute<VmAnswered>(envelopeOf(request, wish), timeoutOf(context));
  return respond(parts, wish.kind === "vm-create" ? wish.spec.name : wish.name, index, false);
}

export async function listKind(parts: VmServiceParts, kind: WorkloadKind, read: Read | null, context: CallContext): Promise<Init<VmListResponse>> {
  const fresh = await readAs(parts, read, context);
  const { machine } = parts.replica;
  const names = workerNames(machine);
  const vms = listVms(machine).filter(({ spec }) => kindOf(spec.name) === kind);
  return { freshness: fresh, vms: vms.map((vm) => vmView(vm, names.get(vm.owner) ?? "", parts.localPid(vm.uuid))) };
}

export async function getNamed(parts: VmServiceParts, name: string, read: Read | null, context: CallContext): Promise<Init<VmResponse>> {
  await readAs(parts, read, context);
  const vm = vmNamed(parts, name);
  return respond(parts, vm.spec.name, vm.changedIndex, read?.consistent ?? false, await parts.askOwner(vm));
}

/** The worker that the user named, as a field of a command; nothing when none was. */
export function placeAskedFor<Field extends "to" | "node">(parts: VmServiceParts, field: Field, node: string): Partial<Record<Field, NodeId>> {
  return node === "" ? {} : ({ [field]: parts.resolveNode(node) } as Record<Field, NodeId>);
}

export function vmService(parts: VmServiceParts): ServiceHandlers["vm"] {
  const nameOf = (name: string): Name => parseWorkload("vm", name);
  const inputs = new ExecInputs();
  return {
    create: (request, context) => changeVm(parts, request.request, createCommand(parts, request), context),
    start: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-start", name: nameOf(name) }, context),
    stop: (request, context) => changeVm(parts, request.request, { kind: "vm-stop", ...stopOf("vm", request) }, context),
    restart: (request, context) => changeVm(parts, request.request, { kind: "vm-restart", ...stopOf("vm", request) }, context),
    migrate: ({ request, name, to, live }, context) => changeVm(parts, request, { kind: live ? "vm-carry" : "vm-migrate", name: nameOf(name), ...placeAskedFor(parts, "to", to) }, context),
    async *carry(request, { signal }) {
      requireCluster(parts);
      yield* parts.sendMemory(request, signal);
    },
    pause: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-pause", name: nameOf(name) }, context),
    resume: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-resume", name: nameOf(name) }, context),
    delete: ({ request, name }, context) => changeVm(parts, request, { kind: "vm-delete", name: nameOf(name) }, context),
    list: ({ read }, context) => listKind(parts, "vm", read, context),
    get: ({ name, read }, context) => getNamed(parts, name, read, context),
    async plan(request, context) {
      const fresh = await readAs(parts, { consistent: true }, context);
      return { freshness: fresh, plan: JSON.stringify(planOf(parts, request)) };
    },
    async type(request, context) {
      requireCluster(parts);
      await typeAt(parts, request, context);
      return {};
    },
    async inspect(request, context) {
      await readAs(parts, { consistent: false }, context);
      return inspectVm(parts, request, context);
    },
    logs: (request, context) => consoleOf(parts, request, context),
    exec: (request, context) => execOf(parts, inputs, request, context),
    async feed(request) {
      requireCluster(parts);
      return inputs.feed(request);
    },
  };
}

/** What a VM may want besides; whether it may have it is checked where it is applied. */
export function wishesOf({ publish, restart, restartLimit, restartBackoffMs, bootDeadlineMs, health, labels, place, network, priority, preempt, startWithinMs }: VmCreateRequest): Partial<VmSpec> {
  return {
    ...(publish.length === 0 ? {} : { publish: publish as unknown as NonNullable<VmSpec["publish"]> }),
    ...(restart === "" ? {} : { restart: { when: restart as "always", limit: restartLimit, backoffMs: restartBackoffMs || 1_000 } }),
    ...(bootDeadlineMs === 0 ? {} : { bootDeadlineMs }),
    ...(health === null ? {} : { health: checkOf(health) }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(place === null ? {} : { place: placeOf(place) }),
    ...(network === null ? {} : { network: networkOf(network) }),
    ...(priority === 0 ? {} : { priority }),
    ...(preempt ? { preempt } : {}),
    ...(startWithinMs === 0 ? {} : { startWithinMs }),
  };
}

function networkOf({ bridge, address, gateway }: AskedNetwork): VmNetwork {
  return { bridge, ...(address === "" ? {} : { address }), ...(gateway === "" ? {} : { gateway }) };
}

function checkOf({ kind, text, port, path, argv, intervalMs, timeoutMs, threshold }: HealthCheckMessage): HealthCheck {
  const fields: Readonly<Record<string, object>> = { console: { text }, tcp: { port }, http: { port, path }, exec: { argv } };
  const probe = { kind, ...fields[kind] } as HealthProbe;
  return { probe, intervalMs: intervalMs || 10_000, timeoutMs: timeoutMs || 2_000, threshold: threshold || 3 };
}

function placeOf({ strategy, label, near, apart, preferNear, preferApart }: AskedWish): PlacementWish {
  const named = label === "" ? {} : { label };
  return { strategy: (strategy || "most-available") as PlacementWish["strategy"], ...named, near, apart, preferNear, preferApart };
}

/** What the create would come to here and now; one that is malformed is refused like the create. */
function planOf(parts: VmServiceParts, request: VmCreateRequest): Plan {
  const { spec, node } = createCommand(parts, request);
  const problem = commandProblem({ kind: "vm-create", spec, uuid: "planned", start: true });
  if (problem !== null) throw new UserError("INVALID_ARGUMENT", `the command is refused: ${problem}`);
  return planVm(parts.replica.machine, spec, node);
}

export function stopOf(kind: WorkloadKind, { name, force, graceMs }: VmStopRequest) {
  return { name: parseWorkload(kind, name), force, ...(graceMs === 0 ? {} : { graceMs }) };
}

/** The uuid follows from the request's id, so that a repeated request is the same request. */
function createCommand(parts: VmServiceParts, request: VmCreateRequest): Extract<VmCommand, { kind: "vm-create" }> {
  const { driver, cpus, memoryMib, diskMib, node, start } = request;
  if (driver !== "qemu" && driver !== "process" && driver !== "runner") {
    throw new UserError("INVALID_ARGUMENT", `there is no driver ${JSON.stringify(driver)}`, { next: "Use qemu, runner or process." });
  }
  const spec: VmSpec = {
    name: parseWorkload("vm", request.name),
    driver: driver satisfies DriverName,
    cpus: cpus === 0 ? 1 : cpus,
    memoryMib: memoryMib === 0 ? 128 : memoryMib,
    diskMib,
    image: parseName(request.image === "" ? "default" : request.image, "image name"),
    ...(request.imageDigest === "" ? {} : { imageDigest: request.imageDigest }),
    ...wishesOf(request),
  };
  const uuid = uuidOf(request.request);
  return { kind: "vm-create", spec, uuid, start, ...placeAskedFor(parts, "node", node) };
}

/** A client session is named by a UUID and makes one VM with sequence 1; further ones get their own. */
export function uuidOf(request: RequestId | null): string {
  return request !== null && request.sequence === 1 && /^[0-9a-f-]{36}$/.test(request.client) ? request.client : randomUUID();
}

export function vmNamed(parts: VmServiceParts, name: string): VmRecord {
  const vm = getVm(parts.replica.machine, name);
  if (vm !== undefined) return vm;
  throw new UserError("NOT_FOUND", `there is no ${titleOf(name)}`, { next: `See \`blixard ${kindOf(name)} list\`.` });
}

/** The record as this node has applied it. */
function respond({ replica }: VmServiceParts, name: string, index: number, consistent: boolean, here: VmHere = { pid: 0, doing: "" }): Init<VmResponse> {
  const vm = getVm(replica.machine, name);
  const fresh = freshness(replica, consistent);
  if (vm === undefined) return { index, freshness: fresh };
  return { index, freshness: fresh, vm: { ...vmView(vm, workerNames(replica.machine).get(vm.owner) ?? "", here.pid), doing: here.doing } };
}
