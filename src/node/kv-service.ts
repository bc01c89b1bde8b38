/** The tree, for people (one call a verb) and for programs (a session). */

import { assert, unreachable } from "../assert.ts";
import { UserError } from "../errors.ts";
import { decodeEnvelope, encodeEnvelope } from "../machine/envelope.ts";
import type { BatchCommand, BatchWritten, KvOperation } from "../machine/commands.ts";
import { kvGet, kvList } from "../machine/query.ts";
import type { KvRecord } from "../machine/records.ts";
import type {
  KvBatchOperation,
  KvBatchRequest,
  KvBatchResponse,
  KvCompareAndSwapRequest,
  KvDeleteRequest,
  KvGetResponse,
  KvWriteResponse,
  RequestId,
  SessionRequest,
} from "../transport/messages.generated.ts";
import type { CallContext, ServiceHandlers, SessionHandler, SessionStream } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { Attempt } from "./attempts.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";
import { watchKeys } from "./watch-service.ts";
import { freshness } from "./views.ts";

const listLimit = 1_000;
/** Programs set no deadline for a request: this is how long it may be under way. */
const sessionTimeoutMs = 10_000;

export function kvService(parts: ServiceParts): ServiceHandlers["kv"] {
  const write = async (request: RequestId | null, operation: KvOperation, context: CallContext) => {
    requireCluster(parts);
    const { index, value } = await parts.requests.execute<{ version: number }>(envelopeOf(request, operation), timeoutOf(context));
    return { index, version: value.version };
  };
  return {
    put: ({ request, key, value }, context) => write(request, { kind: "kv-put", key, value }, context),
    putIfAbsent: ({ request, key, value }, context) => write(request, { kind: "kv-put-if-absent", key, value }, context),
    compareAndSwap: (message, context) => write(message.request, swapOf(message), context),
    delete: (message, context) => write(message.request, deletionOf(message), context),
    async get({ key, read }, context) {
      const fresh = await readAs(parts, read, context);
      return { freshness: fresh, item: itemOf(kvGet(parts.replica.machine, key), key) };
    },
    async list({ prefix, limit, read }, context) {
      const fresh = await readAs(parts, read, context);
      const most = limit === 0 ? listLimit : Math.min(limit, listLimit);
      const { records, more } = kvList(parts.replica.machine, prefix, most);
      return { freshness: fresh, items: records, truncated: more };
    },
    batch: (request, context) => writeBatch(parts, request, context),
    watch: (request, context) => watchKeys(parts, request, context),
    session: (stream) => new ProgramSession(parts, stream),
  };
}

/** A refused batch answers too: what came of each operation is the reason. */
async function writeBatch(parts: ServiceParts, { request, operations }: KvBatchRequest, context: CallContext): Promise<Init<KvBatchResponse>> {
  requireCluster(parts);
  const command: BatchCommand = { kind: "kv-batch", operations: operations.map(operationOf) };
  const reply = await parts.requests.submit(envelopeOf(request, command), timeoutOf(context));
  const { index } = reply;
  if (reply.ok) return { index, results: (reply.value as BatchWritten).items };
  const { self: node, group } = parts.replica.raft;
  const refusal = { code: reply.code, message: reply.message, node, group };
  return { index, results: reply.items ?? [], refusal };
}

function operationOf({ operation }: KvBatchOperation): KvOperation {
  if (operation === null) throw new UserError("INVALID_ARGUMENT", "an operation of the batch says nothing");
  const { kind, value } = operation;
  switch (kind) {
    case "put":
      return { kind: "kv-put", key: value.key, value: value.value };
    case "putIfAbsent":
      return { kind: "kv-put-if-absent", key: value.key, value: value.value };
    case "compareAndSwap":
      return swapOf(value);
    case "delete":
      return deletionOf(value);
    default:
      return unreachable(kind);
  }
}

function deletionOf({ key, ifVersion }: KvDeleteRequest): KvOperation {
  return { kind: "kv-delete", key, ...(ifVersion === null ? {} : { ifVersion }) };
}

function swapOf({ key, value, ifVersion, ifValue }: KvCompareAndSwapRequest): KvOperation {
  const byVersion = ifVersion === null ? {} : { ifVersion };
  return { kind: "kv-cas", key, value, ...byVersion, ...(ifValue === null ? {} : { ifValue }) };
}

function itemOf(record: KvRecord | undefined, key: string): KvRecord {
  if (record !== undefined) return record;
  throw new UserError("NOT_FOUND", `there is no key ${key}`, { next: "List keys with `blixard kv ls /`." });
}

/** One program's session on this daemon: writes of it stand in the log under its name, in any order of answers. */
class ProgramSession implements SessionHandler {
  readonly #parts: ServiceParts;
  readonly #stream: SessionStream;
  #client = "";
  #ended = false;

  constructor(parts: ServiceParts, stream: SessionStream) {
    this.#parts = parts;
    this.#stream = stream;
  }

  request(request: SessionRequest): void {
    const { operation, sequence } = request;
    requireCluster(this.#parts);
    if (operation === null) throw new UserError("INVALID_ARGUMENT", "the request names no operation");
    if (operation.kind === "open") {
      this.#client = operation.value;
      this.#stream.respond({ sequence, result: { kind: "opened", value: operation.value }, appliedIndex: this.#parts.replica.appliedIndex });
      return;
    }
    if (this.#client === "") throw new UserError("INVALID_ARGUMENT", "a session must be opened before it is used");
    switch (operation.kind) {
      case "put":
        return this.#write(request, { kind: "kv-put", key: operation.value.key, value: operation.value.value });
      case "putIfAbsent":
        return this.#write(request, { kind: "kv-put-if-absent", key: operation.value.key, value: operation.value.value });
      case "compareAndSwap":
        return this.#write(request, swapOf(operation.value));
      case "delete":
        return this.#write(request, deletionOf(operation.value));
      case "get":
        return this.#read(sequence, operation.value.key, operation.value.read?.consistent ?? false);
    }
  }

  ended(): void {
    this.#ended = true;
  }

  #write({ sequence, acknowledged, opened }: SessionRequest, command: KvOperation): void {
    const first = { client: this.#client, sequence, acknowledged: Math.max(1, acknowledged), command };
    const envelope = opened === null ? first : { ...first, opened };
    const { replica, attempts, requests } = this.#parts;
    if (replica.raft.role === "Leader") {
      // The common way, without a promise for each request.
      const payload = encodeEnvelope(envelope);
      return attempts.propose("command", payload, sessionTimeoutMs, this.#done(sequence, payload));
    }
    this.#later(sequence, requests.submit(envelope, sessionTimeoutMs));
  }

  /** While a request is under way only its bytes are kept, not the text that they were made of. */
  #done(sequence: number, payload: Uint8Array): (attempt: Attempt) => void {
    return (attempt) => {
      if (attempt.kind === "replied") return this.#answer(sequence, attempt);
      const envelope = decodeEnvelope(payload);
      assert(!("refused" in envelope), "what was proposed can be read");
      this.#later(sequence, this.#parts.requests.submit(envelope, sessionTimeoutMs));
    };
  }

  #later(sequence: number, reply: ReturnType<ServiceParts["requests"]["submit"]>): void {
    reply.then(
      (value) => this.#answer(sequence, { kind: "replied", reply: value }),
      (error: unknown) => this.#refuse(sequence, error),
    );
  }

  #answer(sequence: number, { reply }: Extract<Attempt, { kind: "replied" }>): void {
    if (this.#ended) return;
    if (!reply.ok) {
      this.#stream.refuse(sequence, new UserError(reply.code, reply.message));
      return;
    }
    const { version } = reply.value as { version: number };
    const value: Init<KvWriteResponse> = { index: reply.index, version };
    this.#stream.respond({ sequence, result: { kind: "write", value } });
  }

  #refuse(sequence: number, error: unknown): void {
    if (this.#ended) return;
    const shown = error instanceof UserError ? error : new UserError("FAILED", "the request failed inside the daemon");
    this.#stream.refuse(sequence, shown);
  }

  #read(sequence: number, key: string, consistent: boolean): void {
    const answer = (): void => {
      if (this.#ended) return;
      const item = kvGet(this.#parts.replica.machine, key);
      const value: Init<KvGetResponse> = { freshness: freshness(this.#parts.replica, consistent), ...(item === undefined ? {} : { item }) };
      this.#stream.respond({ sequence, result: { kind: "get", value } });
    };
    if (!consistent) {
      answer();
      return;
    }
    const { attempts, requests } = this.#parts;
    const slow = (): void => {
      requests.linearize(sessionTimeoutMs).then(answer, (error: unknown) => this.#refuse(sequence, error));
    };
    attempts.read(sessionTimeoutMs, (attempt) => (attempt.kind === "readable" ? answer() : slow()));
  }
}
