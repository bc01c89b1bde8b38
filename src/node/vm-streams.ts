/** What flows from a VM: its console, and what a command in it writes. Asked of any node, answered by the owner. */

import { UserError } from "../errors.ts";
import { getVm } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { Connection } from "../transport/client.ts";
import type { VmExecChunk, VmExecRequest, VmLogsChunk, VmLogsRequest, VmTypeRequest } from "../transport/messages.generated.ts";
import type { CallContext } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { RunDir, VmHandle } from "../vm/driver.ts";
import type { GuestOutput } from "../vm/guest-agent.ts";
import { dial, readConsole } from "./concrete.ts";
import type { ExecInputs } from "./exec-input.ts";
import { requireCluster, timeoutOf } from "./service-parts.ts";
import { vmNamed, type VmServiceParts } from "./vm-service.ts";
import { kindOf, shortName, titleOf } from "../workload-name.ts";

type Chunks<Chunk> = AsyncIterable<Init<Chunk>>;

const followPauseMs = 200;
/** Whoever types must not feel it. */
const typingPauseMs = 20;

/** The console of a VM, wherever it is. */
export async function* consoleOf(parts: VmServiceParts, request: VmLogsRequest, context: CallContext): Chunks<VmLogsChunk> {
  requireCluster(parts);
  const vm = vmNamed(parts, request.name);
  if (vm.owner !== parts.self) return yield* askOwner(parts, vm, context, (owner) => owner.vm.logs(request));
  const isThere = (): boolean => getVm(parts.replica.machine, request.name)?.uuid === vm.uuid;
  yield* localConsole(parts.runDirectory(vm.uuid), request, context, isThere);
}

/** Runs a command in a guest, wherever it is. It is ended when the asker goes away, or when its time is up. */
export async function* execOf(parts: VmServiceParts, inputs: ExecInputs, request: VmExecRequest, context: CallContext): Chunks<VmExecChunk> {
  requireCluster(parts);
  const vm = vmNamed(parts, request.name);
  const { argv, timeoutMs, session } = request;
  if (vm.owner !== parts.self) return yield* askOwner(parts, vm, context, (owner) => inputs.relay(session, owner, owner.vm.exec(request)));
  const handle = parts.handleOf(vm.uuid);
  if (handle === undefined || vm.observed !== "running") {
    const next = `See \`blixard vm status ${request.name}\`.`;
    throw new UserError("WRONG_STATE", `${titleOf(request.name)} is ${vm.observed}, so no command can run in it`, { node: parts.self, next });
  }
  const late = timeoutMs === 0 ? null : AbortSignal.timeout(timeoutMs);
  const signal = late === null ? context.signal : AbortSignal.any([context.signal, late]);
  try {
    yield* inputs.serve(session, (input) => outputOf(handle.exec(argv, signal, input), session !== ""));
  } catch (error) {
    if (late?.aborted !== true) throw error;
    throw new UserError("TIMEOUT", `the command in ${titleOf(request.name)} did not end within ${timeoutMs} ms and was ended`, { node: parts.self });
  }
}

/** `feedable`: the client may send stdin from now on. */
async function* outputOf(pieces: AsyncIterable<GuestOutput>, feedable: boolean): Chunks<VmExecChunk> {
  if (feedable) yield { feedable };
  for await (const piece of pieces) yield piece.kind === "exit" ? { ended: true, code: piece.code } : { [piece.kind]: piece.data };
}

/** Types at the console of a VM, wherever it is. */
export async function typeAt(parts: VmServiceParts, request: VmTypeRequest, context: CallContext): Promise<void> {
  const vm = vmNamed(parts, request.name);
  if (vm.owner === parts.self) return runningHere(parts, vm).type(request.data);
  const owner = dialOwner(parts, vm, context);
  try {
    await owner.vm.type(request);
  } finally {
    owner.close();
  }
}

function runningHere(parts: VmServiceParts, vm: VmRecord): VmHandle {
  const handle = parts.handleOf(vm.uuid);
  if (handle !== undefined && vm.observed !== "paused") return handle;
  const { name } = vm.spec;
  throw new UserError("WRONG_STATE", `${titleOf(name)} is ${vm.observed} and does not hear`, { node: parts.self, next: `See \`blixard vm status ${name}\`.` });
}

function dialOwner(parts: VmServiceParts, vm: VmRecord, context: CallContext): Connection {
  if (vm.owner === "") throw new UserError("WRONG_STATE", `no worker has ${titleOf(vm.spec.name)}, so there is nothing to read`, { next: `See \`blixard ${kindOf(vm.spec.name)} status ${shortName(vm.spec.name)}\`.` });
  const address = parts.addressOf(vm.owner);
  if (address === null) throw new UserError("UNREACHABLE", `${titleOf(vm.spec.name)} is on node ${vm.owner}, whose address is not known`);
  return dial(address, timeoutOf(context));
}

async function* askOwner<Chunk>(parts: VmServiceParts, vm: VmRecord, context: CallContext, ask: (owner: Connection) => AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  const owner = dialOwner(parts, vm, context);
  try {
    yield* ask(owner);
  } finally {
    owner.close();
  }
}

/** With `follow` it ends with the VM's record, or when the asker has gone. */
async function* localConsole(dir: RunDir, { tail, follow, interactive }: VmLogsRequest, context: CallContext, isThere: () => boolean): Chunks<VmLogsChunk> {
  let { bytes, end } = await readConsole(dir, tail === 0 && !interactive ? {} : { tail });
  for (;;) {
    // Bytes, not text: what the guest has written so far may end within a character.
    if (bytes.length > 0) yield { text: bytes };
    if (!follow || context.signal.aborted || !isThere()) return;
    await new Promise((resolve) => setTimeout(resolve, interactive ? typingPauseMs : followPauseMs));
    ({ bytes, end } = await readConsole(dir, { from: end }));
  }
}
