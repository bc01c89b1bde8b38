/** What the simulator's clients saw, in the words of the judge. */

import { assert, present } from "../assert.ts";
import type { KvWritten } from "../machine/commands.ts";
import type { ClientRequest } from "../sim/history.ts";
import type { HistoryOperation, Operation, OperationResult } from "../verify/history-operation.ts";

/** One operation for each request; a request that was tried often is one. */
export function historyOf(requests: readonly ClientRequest[]): HistoryOperation[] {
  return requests.map(({ client, request, askedMs, outcome }): HistoryOperation => {
    const result = outcome === null ? null : resultOf(request, outcome.answer);
    return { client, operation: operationOf(request), invokedAt: askedMs, returnedAt: result === null ? null : (outcome?.answeredMs ?? null), result };
  });
}

function operationOf(request: ClientRequest["request"]): Operation {
  switch (request.kind) {
    case "kv-get":
      return { kind: "get", key: request.key };
    case "kv-put":
      return { ...request, kind: "put" };
    case "kv-put-if-absent":
      return { ...request, kind: "put-if-absent" };
    case "kv-cas":
      return { ...request, kind: "cas" };
    case "kv-delete":
      return { ...request, kind: "delete" };
  }
}

/** Null: the client does not know whether it happened. */
function resultOf(request: ClientRequest["request"], answer: NonNullable<ClientRequest["outcome"]>["answer"]): OperationResult | null {
  if ("appliedIndex" in answer) {
    const { record, appliedIndex } = answer;
    if (record === null) return { kind: "absent", index: appliedIndex };
    const { value, version, changedIndex } = record;
    return { kind: "found", value, version, changedIndex, index: appliedIndex };
  }
  const { index } = answer;
  if (!answer.ok) {
    const { code } = answer;
    if (code === "SESSION_EXPIRED") return null;
    assert(code === "ALREADY_EXISTS" || code === "NOT_FOUND" || code === "CONFLICT", `an operation on a key is not refused with ${code}`);
    return { kind: "refused", code, index };
  }
  const { version } = present(answer.value as KvWritten | null, "an accepted operation tells its version");
  return { kind: request.kind === "kv-delete" ? "deleted" : "written", version, index };
}
