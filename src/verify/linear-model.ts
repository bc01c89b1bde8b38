/**
 * One key of the tree as a sequential object: the judge's own account of what `put`, `put-if-absent`, `cas`, `delete`
 * and `get` mean, which shares no code with the machine. A version counts the writes since the key was absent last.
 *
 * Where answers carry places in the log these are held to as well: later in the order means later in the log.
 */

import type { Operation, OperationResult, RefusalCode } from "./history-operation.ts";

/** Values are numbers here: 0 stands for absent, 1 for all values that no answer and no condition ever names. */
export const absent = 0;
export const unnamed = 1;

export interface KeyState {
  readonly value: number;
  /** 0 when absent. */
  readonly version: number;
  /** Index of the entry that wrote the value; when that is not known, the largest index that it must be above. */
  readonly changedIndex: number;
  readonly changedExactly: boolean;
  /** The largest index that anything in the order so far is known to have. Never goes back. */
  readonly floor: number;
}

export const initialState: KeyState = { value: absent, version: 0, changedIndex: 0, changedExactly: true, floor: 0 };

/** An operation with its values numbered. */
export interface ModelOperation {
  readonly kind: Operation["kind"];
  /** What it writes; `absent` for a delete and a get. */
  readonly value: number;
  readonly ifVersion: number | undefined;
  readonly ifValue: number | undefined;
  /** Null: the outcome is unknown. */
  readonly result: OperationResult | null;
  /** The value that a get found. */
  readonly found: number;
}

/**
 * The state after the operation with its result, or null when the result is impossible here. The same object comes back
 * when nothing has changed. An operation whose outcome is unknown is possible where it has an effect: where it has none,
 * it might as well never have happened.
 */
export function advance(state: KeyState, operation: ModelOperation): KeyState | null {
  const { result } = operation;
  const refusal = refusalOf(operation, state);
  if (result === null) return refusal !== null || operation.kind === "get" ? null : afterWrite(state, operation, undefined);
  switch (result.kind) {
    case "refused":
      return refusal === result.code ? atEntry(state, result.index) : null;
    case "written":
      return refusal === null && operation.value !== absent && result.version === state.version + 1 ? afterWrite(state, operation, result.index) : null;
    case "deleted":
      return refusal === null && operation.kind === "delete" && result.version === state.version ? afterWrite(state, operation, result.index) : null;
    case "absent":
      return state.value === absent ? atRead(state, result.index) : null;
    case "found":
      if (state.value !== operation.found || state.version !== result.version) return null;
      return afterFound(state, result.changedIndex, result.index);
  }
}

/** The code with which the machine must refuse the operation in this state, null when it must accept. */
export function refusalOf(operation: ModelOperation, state: KeyState): RefusalCode | null {
  const { kind, ifVersion, ifValue } = operation;
  const isThere = state.value !== absent;
  switch (kind) {
    case "put":
    case "get":
      return null;
    case "put-if-absent":
      return isThere ? "ALREADY_EXISTS" : null;
    case "cas":
      if (ifVersion !== undefined && ifVersion !== state.version) return "CONFLICT";
      return ifValue !== undefined && ifValue !== state.value ? "CONFLICT" : null;
    case "delete":
      if (ifVersion === undefined) return isThere ? null : "NOT_FOUND";
      return ifVersion === state.version ? null : "CONFLICT";
  }
}

function afterWrite(state: KeyState, operation: ModelOperation, index: number | undefined): KeyState | null {
  if (index !== undefined && index <= state.floor) return null;
  const floor = index ?? state.floor;
  if (operation.kind === "delete") return state.value === absent ? atEntry(state, index) : { ...initialState, floor };
  return { value: operation.value, version: state.version + 1, changedIndex: floor, changedExactly: index !== undefined, floor };
}

/** An entry of the log that changed nothing. No two entries have one index. */
function atEntry(state: KeyState, index: number | undefined): KeyState | null {
  if (index === undefined) return state;
  return index > state.floor ? { ...state, floor: index } : null;
}

/** A read at what a node had applied: all that lies below has happened. */
function atRead(state: KeyState, index: number | undefined): KeyState | null {
  if (index === undefined || index === state.floor) return state;
  return index > state.floor ? { ...state, floor: index } : null;
}

function afterFound(state: KeyState, changedIndex: number | undefined, index: number | undefined): KeyState | null {
  if (changedIndex === undefined) return atRead(state, index);
  if (index !== undefined && changedIndex > index) return null;
  if (state.changedExactly) return changedIndex === state.changedIndex ? atRead(state, index) : null;
  if (changedIndex <= state.changedIndex) return null;
  return atRead({ ...state, changedIndex, changedExactly: true, floor: Math.max(state.floor, changedIndex) }, index);
}
