/**
 * What clients asked of the tree and what they were told: the material for the check of linearizability. Whoever
 * records it follows three rules.
 *
 * 1. A request that is sent again under the same session and sequence is one operation: it is invoked when it was sent
 *    first, and returns when the first answer that says something final is heard.
 * 2. An outcome that the client does not know (TIMEOUT, OUTCOME_UNKNOWN, SESSION_EXPIRED, no answer at all) is
 *    `returnedAt` null and `result` null: it may have taken effect, may do so later, or never.
 * 3. A request that certainly never reached the log is left out.
 */

/** A request for one key. `ifVersion` 0: only if absent. */
export type Operation =
  | { readonly kind: "put"; readonly key: string; readonly value: string }
  | { readonly kind: "put-if-absent"; readonly key: string; readonly value: string }
  | { readonly kind: "cas"; readonly key: string; readonly value: string; readonly ifVersion?: number; readonly ifValue?: string }
  | { readonly kind: "delete"; readonly key: string; readonly ifVersion?: number }
  /** `stale`: answered from what the node has applied; held against the guarantees of a session only. */
  | { readonly kind: "get"; readonly key: string; readonly stale?: boolean };

export type RefusalCode = "ALREADY_EXISTS" | "NOT_FOUND" | "CONFLICT";

/** What the client was told. `index` of a write: its place in the log; of a read: what the node had applied. */
export type OperationResult =
  | { readonly kind: "written"; readonly version: number; readonly index?: number }
  /** `version`: the one that was deleted; 0 when the key was absent and asked to be so. */
  | { readonly kind: "deleted"; readonly version: number; readonly index?: number }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly index?: number }
  | { readonly kind: "found"; readonly value: string; readonly version: number; readonly changedIndex?: number; readonly index?: number }
  | { readonly kind: "absent"; readonly index?: number };

export interface HistoryOperation {
  /** Who asked: the session, or whatever does one thing after the other. */
  readonly client: string;
  /** Who was asked. Where a restart may bring back an older state, a name of that incarnation. */
  readonly node?: string;
  readonly operation: Operation;
  /** Of one clock for the whole history, in any unit. */
  readonly invokedAt: number;
  /** Null: the outcome is unknown. */
  readonly returnedAt: number | null;
  /** Null exactly when `returnedAt` is. */
  readonly result: OperationResult | null;
}

/** Values are cut where they are too long to read. */
const mostCharacters = 24;

/** `put "a"`, `cas "b" if version 2`: without the key. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case "put":
    case "put-if-absent":
      return `${operation.kind} ${valueText(operation.value)}`;
    case "cas": {
      const value = operation.ifValue === undefined ? "" : ` if ${valueText(operation.ifValue)}`;
      return `cas ${valueText(operation.value)}${ifVersionText(operation.ifVersion)}${value}`;
    }
    case "delete":
      return `delete${ifVersionText(operation.ifVersion)}`;
    case "get":
      return operation.stale === true ? "stale get" : "get";
  }
}

/** `version 3`, `"a" at version 2`, `unknown`. */
export function resultText(result: OperationResult | null): string {
  if (result === null) return "unknown";
  switch (result.kind) {
    case "written":
      return `version ${result.version}${atIndex(result.index)}`;
    case "deleted":
      return `deleted version ${result.version}${atIndex(result.index)}`;
    case "refused":
      return `${result.code}${atIndex(result.index)}`;
    case "found": {
      const changed = result.changedIndex === undefined ? "" : ` of index ${result.changedIndex}`;
      return `${valueText(result.value)} at version ${result.version}${changed}`;
    }
    case "absent":
      return "absent";
  }
}

export function valueText(value: string): string {
  return JSON.stringify(value.length <= mostCharacters ? value : `${value.slice(0, mostCharacters - 1)}…`);
}

function ifVersionText(ifVersion: number | undefined): string {
  return ifVersion === undefined ? "" : ` if version ${ifVersion}`;
}

function atIndex(index: number | undefined): string {
  return index === undefined ? "" : ` (index ${index})`;
}
