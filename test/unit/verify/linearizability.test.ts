import { describe, expect, test } from "vitest";
import type { HistoryOperation } from "../../../src/verify/history-operation.ts";
import { linearizabilityJson, linearizabilityText } from "../../../src/verify/linear-report.ts";
import type { LinearizabilityVerdict } from "../../../src/verify/linear-verdict.ts";
import { checkLinearizability } from "../../../src/verify/linearizability.ts";
import { absent, deleted, found, get, key, op, put, refused, remove, written } from "./linear-history.ts";

const cas = (value: string, ifVersion: number) => ({ kind: "cas", key, value, ifVersion }) as const;
const swap = (value: string, ifValue: string) => ({ kind: "cas", key, value, ifValue }) as const;
const create = (value: string) => ({ kind: "put-if-absent", key, value }) as const;

function culpritOf(verdict: LinearizabilityVerdict): HistoryOperation | undefined {
  return verdict.kind === "violated" ? verdict.violation.culprit : undefined;
}

const possible: readonly (readonly [string, readonly HistoryOperation[]])[] = [
  ["nothing", []],
  ["one after the other", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 4], get(), found("x", 1)), op("a", [5, 6], remove(), deleted(1)), op("a", [7, 8], get(), absent)]],
  ["a read beside a write finds the old", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 9], put("y"), written(2)), op("b", [4, 5], get(), found("x", 1))]],
  ["a read beside a write finds the new", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 9], put("y"), written(2)), op("b", [4, 5], get(), found("y", 2))]],
  ["writes side by side, against the order of asking", [op("a", [1, 9], put("x"), written(2)), op("b", [2, 8], put("y"), written(1)), op("c", [10, 11], get(), found("x", 2))]],
  ["a version begins anew behind a delete", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 4], remove(1), deleted(1)), op("a", [5, 6], create("y"), written(1))]],
  ["a delete that asks for absence, of an absent key", [op("a", [1, 2], remove(0), deleted(0)), op("a", [3, 4], get(), absent)]],
  ["refusals", [op("a", [1, 2], remove(), refused("NOT_FOUND")), op("a", [3, 4], put("x"), written(1)), op("b", [5, 6], create("y"), refused("ALREADY_EXISTS")), op("b", [7, 8], cas("z", 0), refused("CONFLICT")), op("b", [9, 10], remove(7), refused("CONFLICT")), op("b", [11, 12], swap("z", "y"), refused("CONFLICT"))]],
  ["a lost write that happened at once", [op("a", [1, null], put("x"), null), op("b", [2, 3], get(), found("x", 1))]],
  ["a lost write that happens late", [op("a", [1, null], put("x"), null), op("b", [2, 3], get(), absent), op("b", [4, 5], get(), found("x", 1))]],
  ["a lost write that never happens", [op("a", [1, null], put("x"), null), op("b", [2, 3], put("y"), written(1)), op("b", [4, 5], put("z"), written(2))]],
  ["a lost write that shows in a version only", [op("a", [1, null], put("x"), null), op("b", [2, 3], put("y"), written(2))]],
  ["a lost delete", [op("a", [1, 2], put("x"), written(1)), op("a", [3, null], remove(), null), op("b", [4, 5], put("y"), written(1))]],
  ["invoked as the other returns", [op("a", [1, 2], put("x"), written(1)), op("b", [2, 3], get(), absent)]],
  ["a stale get promises nothing here", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 4], { kind: "get", key, stale: true }, absent)]],
  ["indices in order", [op("a", [1, 9], put("x"), written(2, 7)), op("b", [1, 9], put("y"), written(1, 5)), op("c", [1, 9], get(), { kind: "found", value: "y", version: 1, changedIndex: 5, index: 6 })]],
];

const impossible: readonly (readonly [string, readonly HistoryOperation[], culprit: number])[] = [
  ["a stale read behind an acknowledged write", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 4], put("y"), written(2)), op("b", [5, 6], get(), found("x", 1))], 2],
  ["a read goes back behind another's", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 20], put("y"), written(2)), op("b", [5, 6], get(), found("y", 2)), op("c", [7, 8], get(), found("x", 1))], 3],
  ["a lost acknowledged write", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 4], get(), absent)], 1],
  ["a lost acknowledged write shows in a version", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 4], put("y"), written(1))], 1],
  ["a write applied twice", [op("a", [1, 4], put("x"), written(2)), op("b", [5, 6], get(), found("x", 2))], 0],
  ["a write applied again behind another", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 4], put("y"), written(2)), op("c", [5, 6], get(), found("x", 3))], 2],
  ["a lost write applied twice", [op("a", [1, null], put("x"), null), op("b", [2, 3], get(), found("x", 1)), op("b", [4, 5], get(), found("x", 2))], 2],
  ["a swap with two winners", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 6], cas("y", 1), written(2)), op("c", [4, 7], cas("z", 1), written(2))], 2],
  ["a swap by value with two winners", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 6], swap("y", "x"), written(2)), op("c", [4, 7], swap("z", "x"), written(3))], 2],
  ["two create it", [op("a", [1, 5], create("x"), written(1)), op("b", [2, 6], create("y"), written(1))], 1],
  ["a refused write is found", [op("a", [1, 2], put("x"), written(1)), op("b", [3, 4], create("y"), refused("ALREADY_EXISTS")), op("c", [5, 6], get(), found("y", 2))], 2],
  ["a refusal without ground", [op("a", [1, 2], create("x"), refused("ALREADY_EXISTS"))], 0],
  ["a put refused", [op("a", [1, 2], put("x"), refused("CONFLICT"))], 0],
  ["the wrong refusal", [op("a", [1, 2], remove(), refused("CONFLICT"))], 0],
  ["found before anybody asked", [op("b", [1, 2], get(), found("x", 1)), op("a", [3, 4], put("x"), written(1))], 0],
  ["a lost write that would have to be undone", [op("a", [1, null], put("x"), null), op("b", [2, 3], get(), found("x", 1)), op("b", [4, 5], get(), absent)], 2],
  ["a lost swap whose condition never held", [op("a", [1, null], cas("x", 4), null), op("b", [2, 3], get(), found("x", 1))], 1],
  ["the right version of another value", [op("a", [1, 2], put("x"), written(1)), op("a", [3, 4], get(), found("y", 1))], 1],
  ["later in time, earlier in the log", [op("a", [1, 2], put("x"), written(1, 9)), op("a", [3, 4], put("y"), written(2, 8))], 1],
  ["two writes at one index", [op("a", [1, 5], put("x"), written(1, 9)), op("b", [1, 6], put("y"), written(2, 9))], 1],
  ["a read of what the node had not applied", [op("a", [1, 2], put("x"), written(1, 9)), op("b", [3, 4], get(), { kind: "found", value: "x", version: 1, index: 8 })], 1],
  ["a record of another index", [op("a", [1, 2], put("x"), written(1, 9)), op("b", [3, 4], get(), { kind: "found", value: "x", version: 1, changedIndex: 7 })], 1],
];

describe("linearizable", () => {
  test.each(possible)("%s", (_what, history) => {
    expect(checkLinearizability(history)).toMatchObject({ kind: "linearizable", operations: history.length });
  });
});

describe("not linearizable", () => {
  test.each(impossible)("%s", (_what, history, culprit) => {
    const verdict = checkLinearizability(history);
    expect(verdict).toMatchObject({ kind: "violated", violation: { key, certain: true } });
    expect(culpritOf(verdict)).toBe(history[culprit]);
  });
});

test("each key is judged by itself, and the one that went wrong first is explained", () => {
  const history = [
    op("a", [1, 2], put("x", "/late"), written(1)),
    op("a", [3, 4], put("x", "/early"), written(1)),
    op("a", [5, 6], put("x", "/good"), written(1)),
    op("b", [7, 8], get("/early"), absent),
    op("b", [9, 10], get("/late"), absent),
  ];
  expect(checkLinearizability(history)).toMatchObject({ kind: "violated", keys: 3, violation: { key: "/early" }, otherKeys: ["/late"] });
});

test("a violation tells the longest order, what has no place, and draws it", () => {
  const history = [
    op("c1", [1, 2], put("a"), written(1)),
    op("c1", [3, 6], put("b"), written(2)),
    op("c2", [4, 5], get(), found("b", 2)),
    op("c2", [7, 8], get(), found("a", 1)),
    op("c3", [9, 10], get(), found("b", 2)),
  ];
  const verdict = checkLinearizability(history);
  expect(linearizabilityText(verdict)).toBe(
    [
      "Not linearizable: /k",
      '  c2  get → "a" at version 1, asked at 7, is the first answer that cannot be; all answers before it can be explained.',
      "",
      "  the longest order that fits",
      '      1  c1  put "a" → version 1',
      '      2  c1  put "b" → version 2',
      '      3  c2  get → "b" at version 2',
      '         the key is "b" at version 2',
      "",
      "  what has no place behind it",
      '      ✗  c2  get → "a" at version 1: the key is "b" at version 2 by then',
      "",
      "  in time",
      '    1 c1  put "a" → version 1     ├───┤',
      '    2 c1  put "b" → version 2             ├───────────┤',
      '    3 c2  get → "b" at version 2              ├───┤',
      '    ✗ c2  get → "a" at version 1                          ├───┤',
      "",
      "  5 operations on 1 key, 0 with an unknown outcome, 3 tried",
    ].join("\n"),
  );
  const json = JSON.parse(linearizabilityJson(verdict)) as { ok: boolean; violation: { prefix: unknown[]; unplaced: unknown[] } };
  expect(json.ok).toBe(false);
  expect(json.violation.prefix).toEqual(history.slice(0, 3));
  expect(json.violation.unplaced).toEqual([{ operation: history[3], why: 'the key is "b" at version 2 by then' }]);
});

test("other verdicts in words", () => {
  const fine = [op("a", [1, 2], put("x"), written(1)), op("a", [3, null], put("y"), null)];
  expect(linearizabilityText(checkLinearizability(fine))).toBe("Linearizable: 2 operations on 1 key, 1 with an unknown outcome, 1 tried.");
  const lost = [op("a", [1, 2], put("x"), written(1)), op("a", [3, null], put("y"), null), op("b", [4, 5], get(), found("y", 1))];
  expect(linearizabilityText(checkLinearizability(lost, { stepsBound: 0 }))).toMatch(/^Undecided: 3 operations .*\n {2}\/k: 3 operations, 1 with an unknown outcome; out of steps$/);
});

test("a malformed history is our mistake, not a verdict", () => {
  expect(() => checkLinearizability([op("a", [1, null], put("x"), written(1))])).toThrow("an operation has a result exactly when it has returned");
  expect(() => checkLinearizability([op("a", [2, 1], put("x"), written(1))])).toThrow("an operation returns after it is invoked");
});
