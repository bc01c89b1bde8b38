/** The operations on one key, made ready for the search: values numbered, order in time laid out. */

import type { HistoryOperation } from "./history-operation.ts";
import { absent, type ModelOperation, unnamed } from "./linear-model.ts";

export interface KeyOperation extends ModelOperation {
  readonly source: HistoryOperation;
  /** Counted separately among the completed and among the unknown ones, in order of invocation. */
  readonly number: number;
  /** Place in the log, when it is known and belongs to nothing else: that of an answered write. */
  readonly entryIndex: number | undefined;
  /** Unknown ones of one class can stand for each other, the earliest first. */
  readonly unknownClass: number;
  /** The class, once nothing that is left names the value that it writes. */
  readonly forgottenClass: number;
}

export interface KeyHistory {
  readonly key: string;
  /** In order of invocation. */
  readonly operations: readonly KeyOperation[];
  readonly completed: number;
  readonly unknown: number;
  /** Values are numbered below this. */
  readonly values: number;
  /** No delete was asked for, so that versions only grow. */
  readonly growsOnly: boolean;
}

/** Takes the operations on one key. An unknown get tells nothing and had no effect; a stale one promises less. */
export function keyHistory(key: string, sources: readonly HistoryOperation[]): KeyHistory {
  const relevant = sources.filter(({ operation, result }) => operation.kind !== "get" || (result !== null && operation.stale !== true));
  const inOrder = [...relevant].sort((a, b) => a.invokedAt - b.invokedAt);
  const values = numberNamedValues(inOrder);
  const classes = new Map<string, number>();
  let completed = 0;
  let unknown = 0;
  const operations = inOrder.map((source): KeyOperation => {
    const model = modelOperation(source, values);
    const { result } = source;
    const isRead = source.operation.kind === "get";
    return {
      ...model,
      source,
      number: result === null ? unknown++ : completed++,
      entryIndex: result === null || isRead ? undefined : result.index,
      unknownClass: result === null ? classOf(model, classes) : -1,
      forgottenClass: result === null ? classOf({ ...model, value: Math.min(model.value, unnamed) }, classes) : -1,
    };
  });
  return { key, operations, completed, unknown, values: values.size + 2, growsOnly: !inOrder.some(({ operation }) => operation.kind === "delete") };
}

/** Only a value that an answer or a condition names makes a difference. */
function numberNamedValues(sources: readonly HistoryOperation[]): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  const name = (value: string | undefined): void => {
    if (value !== undefined && !values.has(value)) values.set(value, values.size + 2);
  };
  for (const { operation, result } of sources) {
    if (operation.kind === "cas") name(operation.ifValue);
    if (result?.kind === "found") name(result.value);
  }
  return values;
}

function modelOperation({ operation, result }: HistoryOperation, values: ReadonlyMap<string, number>): ModelOperation {
  const numbered = (value: string): number => values.get(value) ?? unnamed;
  return {
    kind: operation.kind,
    value: "value" in operation ? numbered(operation.value) : absent,
    ifVersion: "ifVersion" in operation ? operation.ifVersion : undefined,
    ifValue: "ifValue" in operation && operation.ifValue !== undefined ? numbered(operation.ifValue) : undefined,
    result,
    found: result?.kind === "found" ? numbered(result.value) : absent,
  };
}

function classOf({ kind, value, ifVersion, ifValue }: ModelOperation, classes: Map<string, number>): number {
  const name = `${kind} ${value} ${ifVersion ?? ""} ${ifValue ?? ""}`;
  const found = classes.get(name);
  if (found !== undefined) return found;
  classes.set(name, classes.size);
  return classes.size - 1;
}
