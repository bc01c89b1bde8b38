import { expect, test } from "vitest";
import type { HistoryOperation, OperationResult } from "../../../src/verify/history-operation.ts";
import { checkSessionGuarantees } from "../../../src/verify/history-sessions.ts";
import { absent, found, get, key, op, put, randomRun, remove, written } from "./linear-history.ts";

const stale = { kind: "get", key, stale: true } as const;
const at = (node: string, operation: HistoryOperation): HistoryOperation => ({ ...operation, node });
const foundAt = (value: string, version: number, changedIndex: number, index: number): OperationResult => ({ kind: "found", value, version, changedIndex, index });

test("reads of one client at one node never go back", () => {
  const history = [
    at("n1", op("w", [1, 2], put("x"), written(1))),
    at("n1", op("w", [3, 4], put("y"), written(2))),
    at("n2", op("r", [5, 6], stale, found("y", 2))),
    at("n2", op("r", [7, 8], stale, found("x", 1))),
  ];
  expect(checkSessionGuarantees(history)).toMatchObject([{ guarantee: "monotonic-reads", client: "r", key, earlier: history[2], later: history[3] }]);
  expect(checkSessionGuarantees(history)[0]?.what).toBe('/k: r\'s stale get → "x" at version 1 at n2 goes back behind its stale get → "y" at version 2');
});

test("another node may be behind, and another client may have seen more", () => {
  const history = [
    at("n1", op("a", [1, 2], put("x"), written(1))),
    at("n2", op("a", [3, 4], stale, absent)),
    at("n1", op("b", [5, 6], stale, absent)),
  ];
  expect(checkSessionGuarantees(history)).toEqual([]);
});

test("a node has what it acknowledged", () => {
  const history = [at("n1", op("a", [1, 2], put("x"), written(1))), at("n1", op("a", [3, 4], stale, absent))];
  expect(checkSessionGuarantees(history)).toMatchObject([{ guarantee: "read-your-writes", earlier: history[0], later: history[1] }]);
});

test("reads that overlap may come in any order", () => {
  const history = [
    op("w", [0, 1], put("x"), written(1)),
    op("w", [1, 2], put("y"), written(2)),
    op("r", [3, 6], stale, found("y", 2)),
    op("r", [4, 7], stale, found("x", 1)),
  ];
  expect(checkSessionGuarantees(history)).toEqual([]);
});

test("behind a delete versions tell nothing, indices do", () => {
  const first = [op("w", [1, 2], put("x"), written(1)), op("w", [3, 4], put("y"), written(2)), op("w", [5, 6], remove(), { kind: "deleted", version: 2 }), op("w", [7, 8], put("z"), written(1))];
  const plain = [...first, op("r", [9, 10], stale, found("y", 2)), op("r", [11, 12], stale, found("z", 1))];
  expect(checkSessionGuarantees(plain)).toEqual([]);
  const indexed = [...first, op("r", [9, 10], stale, foundAt("z", 1, 8, 9)), op("r", [11, 12], stale, foundAt("y", 2, 6, 9))];
  expect(checkSessionGuarantees(indexed)).toMatchObject([{ guarantee: "monotonic-reads" }]);
  const behind = [...first, op("r", [9, 10], stale, foundAt("z", 1, 8, 9)), op("r", [11, 12], stale, { kind: "absent", index: 7 })];
  expect(checkSessionGuarantees(behind)).toMatchObject([{ guarantee: "monotonic-reads" }]);
});

test("a value that nobody had asked to write", () => {
  const history = [op("r", [1, 2], stale, found("x", 1)), op("w", [3, 4], put("x"), written(1)), op("r", [5, 6], get(), found("x", 1))];
  expect(checkSessionGuarantees(history)).toMatchObject([{ guarantee: "reads-of-writes", earlier: null, later: history[0] }]);
});

test("what one object told keeps all guarantees", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const options = { operations: 200, keys: 3, clients: 4, unknownShare: 0.1, indices: seed % 2 === 0, deletes: seed % 3 === 0 };
    expect(checkSessionGuarantees(randomRun(seed, options)), `seed ${seed}`).toEqual([]);
  }
});
