/** What clients of simulated clusters under faults were told must be what one copy of the tree could have told them. */

import { describe, expect, test } from "vitest";
import { historyOf } from "../../../src/commands/simulated-history.ts";
import { simulate } from "../../../src/sim/simulate.ts";
import { checkSessionGuarantees } from "../../../src/verify/history-sessions.ts";
import type { HistoryOperation } from "../../../src/verify/history-operation.ts";
import { linearizabilityText } from "../../../src/verify/linear-report.ts";
import { checkLinearizability } from "../../../src/verify/linearizability.ts";

function historyOfSeed(seed: number): HistoryOperation[] {
  const { requests } = simulate({ seed, nodes: 3, seconds: 60, faults: "swarm", pace: 10, clients: 6, thinkMs: 30, vmShare: 0 });
  return historyOf(requests);
}

/** As a client without places in the log would have written it down. */
function withoutIndices(history: readonly HistoryOperation[]): HistoryOperation[] {
  return history.map((operation) => {
    if (operation.result === null) return operation;
    const { index: _index, ...result } = operation.result;
    if (result.kind !== "found") return { ...operation, result };
    const { changedIndex: _changedIndex, ...found } = result;
    return { ...operation, result: found };
  });
}

describe.each([1, 2, 3])("seed %i", (seed) => {
  const history = historyOfSeed(seed);

  test("is linearizable, with and without the places in the log", () => {
    for (const one of [history, withoutIndices(history)]) {
      const verdict = checkLinearizability(one);
      expect(verdict.kind, linearizabilityText(verdict)).toBe("linearizable");
    }
    expect(checkSessionGuarantees(history)).toEqual([]);
    expect(history.length).toBeGreaterThan(100);
    expect(new Set(history.map(({ operation }) => operation.kind)).size).toBe(5);
  });

  test("is linearizable for clients that gave up on one request in ten", () => {
    const impatient = withoutIndices(history).map((operation, at) => (at % 10 === seed ? { ...operation, returnedAt: null, result: null } : operation));
    const verdict = checkLinearizability(impatient);
    expect(verdict.kind, linearizabilityText(verdict)).toBe("linearizable");
  });

  test("is not when a read finds what was overwritten before it was asked", () => {
    const reads = history.filter(({ operation, result }) => operation.kind === "get" && result?.kind === "found");
    const stale = (late: HistoryOperation): HistoryOperation | undefined =>
      reads.find((early) => early.operation.key === late.operation.key && reads.some((between) => isBehind(early, between) && isBehind(between, late)));
    const late = reads.findLast((read) => stale(read) !== undefined);
    expect(late).toBeDefined();
    const wrong = withoutIndices(history.map((operation) => (operation === late ? { ...operation, result: stale(operation)?.result ?? null } : operation)));
    expect(checkLinearizability(wrong)).toMatchObject({ kind: "violated", violation: { key: late?.operation.key } });
  });
});

/** Later in time and with a higher version of the same key. */
function isBehind(early: HistoryOperation, late: HistoryOperation): boolean {
  const isLater = early.operation.key === late.operation.key && early.returnedAt !== null && early.returnedAt < late.invokedAt;
  return isLater && versionOf(early) < versionOf(late);
}

function versionOf({ result }: HistoryOperation): number {
  return result?.kind === "found" ? result.version : 0;
}
