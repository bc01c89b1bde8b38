/**
 * Is what clients were told what one copy of the tree could have told them? Each key is judged by itself: a history is
 * linearizable if it is so for each object (Herlihy and Wing 1990, theorem 1).
 */

import { assert } from "../assert.ts";
import type { HistoryOperation } from "./history-operation.ts";
import { type KeyHistory, keyHistory } from "./linear-key-history.ts";
import { type SearchBounds, type SearchOutcome, searchOrder } from "./linear-search.ts";
import type { HistoryCounts, KeyViolation, LinearizabilityVerdict, UndecidedKey } from "./linear-verdict.ts";
import { explainViolation } from "./linear-violation.ts";

/** About two seconds and 256 MiB for a key that cannot be decided. */
export const defaultBounds: SearchBounds = { stepsBound: 4_000_000, memoryBound: 256 * 1024 * 1024 };

/** A bug can spoil every key; that many are looked into for the one that was spoiled first. */
const keysExplained = 4;

interface JudgedKey {
  readonly history: KeyHistory;
  readonly outcome: SearchOutcome;
}

/** Judges a history. The bounds are for each key. Stale reads are no part of it, see `history-sessions.ts`. */
export function checkLinearizability(history: readonly HistoryOperation[], bounds: Partial<SearchBounds> = {}): LinearizabilityVerdict {
  const within = { ...defaultBounds, ...bounds };
  const judged = byKey(history).map(([key, operations]): JudgedKey => {
    const ready = keyHistory(key, operations);
    return { history: ready, outcome: searchOrder(ready, within) };
  });
  const counts: HistoryCounts = {
    operations: history.length,
    unknown: history.filter(({ result }) => result === null).length,
    keys: judged.length,
    steps: judged.reduce((sum, { outcome }) => sum + outcome.steps, 0),
  };
  const violated = judged.filter(({ outcome }) => outcome.kind === "violated");
  const undecidedKeys = judged.filter(({ outcome }) => outcome.kind === "undecided").map(undecidedKey);
  const violation = earliest(violated, within);
  if (violation !== undefined) {
    const otherKeys = violated.map(({ history: { key } }) => key).filter((key) => key !== violation.key);
    return { kind: "violated", violation, otherKeys, undecidedKeys, ...counts };
  }
  if (undecidedKeys.length > 0) return { kind: "undecided", undecidedKeys, ...counts };
  return { kind: "linearizable", ...counts };
}

/** Keys in the order in which they come up. */
function byKey(history: readonly HistoryOperation[]): [string, HistoryOperation[]][] {
  const keys = new Map<string, HistoryOperation[]>();
  for (const operation of history) {
    assert((operation.returnedAt === null) === (operation.result === null), "an operation has a result exactly when it has returned");
    assert(operation.returnedAt === null || operation.returnedAt >= operation.invokedAt, "an operation returns after it is invoked");
    const { key } = operation.operation;
    const operations = keys.get(key);
    if (operations === undefined) keys.set(key, [operation]);
    else operations.push(operation);
  }
  return [...keys];
}

function earliest(violated: readonly JudgedKey[], bounds: SearchBounds): KeyViolation | undefined {
  const violations = violated.slice(0, keysExplained).map(({ history }) => explainViolation(history, bounds));
  return violations.sort((a, b) => (a.culprit.returnedAt ?? 0) - (b.culprit.returnedAt ?? 0))[0];
}

function undecidedKey({ history, outcome }: JudgedKey): UndecidedKey {
  return { key: history.key, bound: outcome.bound ?? "steps", operations: history.operations.length, unknown: history.unknown };
}
