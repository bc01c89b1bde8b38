/** Histories for tests: made by hand in one line each, or by chance from a run of the sequential object. */

import type { HistoryOperation, Operation, OperationResult } from "../../../src/verify/history-operation.ts";

export const key = "/k";

type Timed = readonly [invokedAt: number, returnedAt: number | null];

/** One operation of `client`, in the interval `[from, to]`; `to` null: unknown. */
export function op(client: string, [invokedAt, returnedAt]: Timed, operation: Operation, result: OperationResult | null): HistoryOperation {
  return { client, operation, invokedAt, returnedAt, result };
}

export const put = (value: string, at = key): Operation => ({ kind: "put", key: at, value });
export const get = (at = key): Operation => ({ kind: "get", key: at });
export const remove = (ifVersion?: number): Operation => ({ kind: "delete", key, ...(ifVersion !== undefined && { ifVersion }) });
export const written = (version: number, index?: number): OperationResult => ({ kind: "written", version, ...(index !== undefined && { index }) });
export const deleted = (version: number): OperationResult => ({ kind: "deleted", version });
export const found = (value: string, version: number): OperationResult => ({ kind: "found", value, version });
export const refused = (code: "ALREADY_EXISTS" | "NOT_FOUND" | "CONFLICT"): OperationResult => ({ kind: "refused", code });
export const absent: OperationResult = { kind: "absent" };

/** Chance from a seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RunOptions {
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Share of operations whose answer is lost. */
  readonly unknownShare?: number;
  /** Answers carry their place in the log. */
  readonly indices?: boolean;
  readonly deletes?: boolean;
}

export interface Cell {
  readonly value: string;
  readonly version: number;
  readonly changedIndex: number;
}

/**
 * Runs operations one after the other, each at an instant; its interval is spread around that instant, as wide as the
 * client's other operations allow. So the history has an order, and the checker must find one.
 */
export function randomRun(seed: number, options: RunOptions): HistoryOperation[] {
  const random = chance(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const cells = new Map<string, Cell>();
  const free = new Map<string, number>();
  const history: HistoryOperation[] = [];
  for (let number = 1; number <= options.operations; number += 1) {
    // As in a real client, what was lost ends the session: its operation may stay under way for ever.
    const client = `c${below(options.clients)}`;
    const at = number * 10;
    const from = Math.max(free.get(client) ?? 0, at - random() * options.clients * 20);
    const to = at + random() * 10;
    if (from > at) continue;
    const operation = randomOperation(`/k${below(options.keys)}`, `v${number}`, cells, below, options);
    const isLost = random() < (options.unknownShare ?? 0);
    const happens = !isLost || random() < 0.5;
    const result = happens ? perform(cells, operation, number, options.indices ?? false) : null;
    free.set(client, to + 0.001);
    history.push({ client, operation, invokedAt: from, returnedAt: isLost ? null : to, result: isLost ? null : result });
  }
  // A recorder writes in any order.
  return history.sort((a, b) => (a.returnedAt ?? 0) - (b.returnedAt ?? 0));
}

function randomOperation(at: string, value: string, cells: ReadonlyMap<string, Cell>, below: (count: number) => number, options: RunOptions): Operation {
  const version = Math.max(0, (cells.get(at)?.version ?? 0) - below(2));
  switch (below(options.deletes === false ? 6 : 7)) {
    case 0:
    case 1:
      return put(value, at);
    case 2:
      return { kind: "put-if-absent", key: at, value };
    case 3:
      return { kind: "cas", key: at, value, ifVersion: version };
    case 4:
      return { kind: "cas", key: at, value, ifValue: cells.get(at)?.value ?? "none" };
    case 5:
      return get(at);
    default:
      return below(2) === 0 ? { kind: "delete", key: at } : { kind: "delete", key: at, ifVersion: version };
  }
}

/** The sequential object, once more and independently of the model of the judge. */
export function perform(cells: Map<string, Cell>, operation: Operation, index: number, indices: boolean): OperationResult {
  const cell = cells.get(operation.key);
  const place = indices ? { index } : {};
  if (operation.kind === "get") {
    if (cell === undefined) return { kind: "absent", ...place };
    return { kind: "found", value: cell.value, version: cell.version, ...(indices && { changedIndex: cell.changedIndex }), ...place };
  }
  const version = cell?.version ?? 0;
  if ("ifVersion" in operation && operation.ifVersion !== version) return { kind: "refused", code: "CONFLICT", ...place };
  if ("ifValue" in operation && operation.ifValue !== cell?.value) return { kind: "refused", code: "CONFLICT", ...place };
  if (operation.kind === "put-if-absent" && cell !== undefined) return { kind: "refused", code: "ALREADY_EXISTS", ...place };
  if (operation.kind === "delete") {
    if (cell === undefined && operation.ifVersion === undefined) return { kind: "refused", code: "NOT_FOUND", ...place };
    cells.delete(operation.key);
    return { kind: "deleted", version, ...place };
  }
  cells.set(operation.key, { value: operation.value, version: version + 1, changedIndex: index });
  return { kind: "written", version: version + 1, ...place };
}

/** The history with one answer changed into another that its kind of operation can have. Not every such change shows. */
export function mutate(history: readonly HistoryOperation[], seed: number): HistoryOperation[] {
  const random = chance(seed);
  const answered = history.flatMap(({ result }, at) => (result === null ? [] : [at]));
  const chosen = answered[Math.floor(random() * answered.length)];
  return history.map((operation, at) => {
    const { result } = operation;
    if (at !== chosen || result === null) return operation;
    return { ...operation, result: otherResult(operation.operation, result, random) };
  });
}

function otherResult(operation: Operation, result: OperationResult, random: () => number): OperationResult {
  switch (result.kind) {
    case "written":
    case "deleted":
    case "found":
      return { ...result, version: random() < 0.5 || result.version < 2 ? result.version + 1 : result.version - 1 };
    case "refused":
      return operation.kind === "delete" ? deleted(1) : written(1);
    case "absent":
      return found("v1", 1);
  }
}

/** Whether there is an order, found out by trying all of them. For a handful of operations on one key. */
export function hasOrder(history: readonly HistoryOperation[]): boolean {
  return canFinish(history, new Map());
}

function canFinish(left: readonly HistoryOperation[], cells: ReadonlyMap<string, Cell>): boolean {
  if (left.every(({ result }) => result === null)) return true;
  return left.some((next) => {
    if (left.some(({ returnedAt }) => returnedAt !== null && returnedAt < next.invokedAt)) return false;
    const after = new Map(cells);
    const result = perform(after, next.operation, 0, false);
    if (next.result !== null && JSON.stringify(result) !== JSON.stringify(next.result)) return false;
    return canFinish(left.filter((other) => other !== next), after);
  });
}
