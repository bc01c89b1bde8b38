/** Why an operation cannot come next, in words. */

import { type Operation, operationText, resultText, valueText } from "./history-operation.ts";
import type { KeyOperation } from "./linear-key-history.ts";
import { absent, type KeyState, refusalOf } from "./linear-model.ts";

/** What the key holds after an order: `absent`, or `"a" at version 2`. */
export function holdingText(order: readonly KeyOperation[], { value, version }: KeyState): string {
  if (value === absent) return "absent";
  const last = order.findLast(({ source, result }) => "value" in source.operation && result?.kind !== "refused");
  const operation: Operation | undefined = last?.source.operation;
  return operation !== undefined && "value" in operation ? `${valueText(operation.value)} at version ${version}` : `at version ${version}`;
}

/**
 * One clause for each completed operation of `left`, which is what an order that came to `state` has left over.
 * `holding` is what `holdingText` says of that order.
 */
export function reasonsOf(left: readonly KeyOperation[], state: KeyState, holding: string): string[] {
  const completed = left.filter(({ result }) => result !== null);
  const [firstDone] = [...completed].sort((a, b) => returnedAt(a) - returnedAt(b));
  const [firstEntry] = completed.filter(({ entryIndex }) => entryIndex !== undefined).sort((a, b) => (a.entryIndex ?? 0) - (b.entryIndex ?? 0));
  return completed.map((operation) => {
    if (firstDone !== undefined && operation.source.invokedAt > returnedAt(firstDone)) return `invoked after ${nameOf(firstDone)} had returned`;
    return behindInLog(operation, firstEntry) ?? mismatch(operation, state, holding);
  });
}

/** `c1's put "a" → version 1` */
export function nameOf({ source }: Pick<KeyOperation, "source">): string {
  return `${source.client}'s ${operationText(source.operation)} → ${resultText(source.result)}`;
}

function returnedAt({ source }: KeyOperation): number {
  return source.returnedAt ?? Number.POSITIVE_INFINITY;
}

function behindInLog(operation: KeyOperation, first: KeyOperation | undefined): string | null {
  const index = operation.result?.index;
  if (first?.entryIndex === undefined || first === operation || index === undefined) return null;
  const isBehind = operation.entryIndex === undefined ? index >= first.entryIndex : index > first.entryIndex;
  return isBehind ? `index ${index} comes after index ${first.entryIndex} of ${nameOf(first)}` : null;
}

function mismatch(operation: KeyOperation, state: KeyState, holding: string): string {
  const { result } = operation;
  const index = result?.index;
  if (index !== undefined && (index < state.floor || (index === state.floor && operation.entryIndex !== undefined))) {
    return `its index ${index} is not above ${state.floor}, which is in the order before it`;
  }
  const refusal = refusalOf(operation, state);
  const where = `the key is ${holding} by then`;
  if (result?.kind === "refused") return refusal === null ? `${where}, so it must be accepted` : `${where}, so it must be refused with ${refusal}`;
  if (result?.kind === "found" || result?.kind === "absent") return where;
  if (refusal !== null) return `${where}, so it must be refused with ${refusal}`;
  return `${where}, so it must give version ${operation.kind === "delete" ? state.version : state.version + 1}`;
}
