import { expect, test } from "vitest";
import type { HistoryOperation } from "../../../src/verify/history-operation.ts";
import { checkLinearizability } from "../../../src/verify/linearizability.ts";
import { found, get, hasOrder, key, mutate, op, put, randomRun, type RunOptions } from "./linear-history.ts";

const shapes: readonly (readonly [string, RunOptions])[] = [
  ["one key", { operations: 60, keys: 1, clients: 5 }],
  ["one key, many clients", { operations: 80, keys: 1, clients: 15 }],
  ["one key, lost answers", { operations: 60, keys: 1, clients: 6, unknownShare: 0.15 }],
  ["some keys, lost answers", { operations: 120, keys: 4, clients: 8, unknownShare: 0.1 }],
  ["no deletes", { operations: 80, keys: 1, clients: 8, unknownShare: 0.1, deletes: false }],
  ["indices", { operations: 80, keys: 2, clients: 8, indices: true }],
  ["indices, lost answers", { operations: 80, keys: 2, clients: 8, unknownShare: 0.15, indices: true }],
];

test.each(shapes)("what one object told is linearizable: %s", (_what, options) => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const verdict = checkLinearizability(randomRun(seed, options));
    expect(verdict.kind, `seed ${seed}`).toBe("linearizable");
  }
});

test.each([
  ["sharp versions", { operations: 60, keys: 1, clients: 3 }, 0.9],
  ["with indices", { operations: 60, keys: 2, clients: 6, indices: true }, 0.9],
  ["with lost answers", { operations: 60, keys: 1, clients: 4, unknownShare: 0.05 }, 0.6],
] as const)("one changed answer is mostly noticed: %s", (what, options, least) => {
  let violated = 0;
  const runs = 200;
  for (let seed = 1; seed <= runs; seed += 1) {
    const verdict = checkLinearizability(mutate(randomRun(seed, options), seed));
    expect(verdict.kind, `seed ${seed}`).not.toBe("undecided");
    if (verdict.kind === "violated") violated += 1;
  }
  expect(violated / runs, what).toBeGreaterThan(least);
});

/** Several operations write the same value. */
function withFewValues(history: readonly HistoryOperation[], count: number): HistoryOperation[] {
  const text = JSON.stringify(history).replaceAll(/"v(\d+)"/g, (_all, number: string) => `"v${Number(number) % count}"`);
  return JSON.parse(text) as HistoryOperation[];
}

test("agrees with trying every order", () => {
  const counts = { linearizable: 0, violated: 0 };
  for (let seed = 1; seed <= 4_000; seed += 1) {
    const single = randomRun(seed, { operations: 7, keys: 1, clients: 4, unknownShare: 0.3, deletes: seed % 2 === 0 });
    const run = seed % 5 < 3 ? single : withFewValues(single, seed % 5);
    const history = seed % 3 === 0 ? run : mutate(mutate(run, seed), seed + 1);
    const kind = hasOrder(history) ? "linearizable" : "violated";
    expect(checkLinearizability(history).kind, `seed ${seed}`).toBe(kind);
    counts[kind] += 1;
  }
  expect(Math.min(counts.linearizable, counts.violated)).toBeGreaterThan(1_000);
});

test("the first impossible answer is the one without which the history has an order", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const history = mutate(randomRun(seed, { operations: 30, keys: 1, clients: 4, unknownShare: 0.1 }), seed);
    const verdict = checkLinearizability(history);
    if (verdict.kind !== "violated") continue;
    const { culprit, certain } = verdict.violation;
    expect(certain).toBe(true);
    const end = culprit.returnedAt ?? 0;
    const before = history
      .filter(({ invokedAt }) => invokedAt <= end)
      .map((operation): HistoryOperation => (operation.returnedAt !== null && operation.returnedAt < end ? operation : { ...operation, returnedAt: null, result: null }));
    expect(checkLinearizability(before).kind, `seed ${seed}`).toBe("linearizable");
  }
});

/** Time of the processor, so that what else runs on the machine does not count. */
function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test("10,000 operations of 20 clients on 100 keys within 2 s", () => {
  const history = randomRun(1, { operations: 10_100, keys: 100, clients: 20, unknownShare: 0.02 });
  expect(history.length).toBeGreaterThan(9_000);
  const before = process.cpuUsage();
  const verdict = checkLinearizability(history);
  expect(verdict.kind).toBe("linearizable");
  expect(cpuMs(before)).toBeLessThan(2_000);
});

test("a long history of one key does not grow dear", () => {
  const history = randomRun(2, { operations: 30_000, keys: 1, clients: 10, unknownShare: 0.002, deletes: false });
  const verdict = checkLinearizability(history);
  expect(verdict.kind).toBe("linearizable");
  expect(verdict.steps).toBeLessThan(history.length * 100);
});

/** Every value is named by a condition, so that no two writes are alike, and no order leads to the version that was found. */
function hopeless(count: number): HistoryOperation[] {
  const history: HistoryOperation[] = [];
  for (let number = 0; number < count; number += 1) {
    history.push(op(`p${number}`, [number, null], put(`v${number}`), null));
    history.push(op(`s${number}`, [number, null], { kind: "cas", key, value: "w", ifValue: `v${number}` }, null));
  }
  return [...history, op("r", [count + 1, count + 2], get(), found("v1", 1_000))];
}

test("60 lost writes side by side that no answer settles: undecided, not a hang", () => {
  const history = [...hopeless(60), op("x", [1, 2], put("x", "/other"), { kind: "written", version: 1 })];
  const before = process.cpuUsage();
  const verdict = checkLinearizability(history, { stepsBound: 500_000 });
  expect(verdict).toMatchObject({ kind: "undecided", undecidedKeys: [{ key, bound: "steps", operations: 121, unknown: 120 }] });
  expect(cpuMs(before)).toBeLessThan(5_000);
});

test("memory is bounded too", () => {
  const verdict = checkLinearizability(hopeless(60), { memoryBound: 1_000_000 });
  expect(verdict).toMatchObject({ kind: "undecided", undecidedKeys: [{ bound: "memory" }] });
});

test("a violated key counts more than an undecided one", () => {
  const broken = op("x", [1, 2], put("x", "/other"), { kind: "written", version: 2 });
  const verdict = checkLinearizability([...hopeless(60), broken], { stepsBound: 10_000 });
  expect(verdict).toMatchObject({ kind: "violated", violation: { key: "/other" }, undecidedKeys: [{ key }] });
});

test("60 lost writes side by side of which nobody names the value are all alike", () => {
  const history = Array.from({ length: 60 }, (_, number) => op(`p${number}`, [number, null], put(`v${number}`), null));
  const settled = [...history, op("w", [70, 71], put("last"), { kind: "written", version: 41 })];
  expect(checkLinearizability(settled)).toMatchObject({ kind: "linearizable" });
  const tooMany = [...history, op("w", [70, 71], put("last"), { kind: "written", version: 62 })];
  expect(checkLinearizability(tooMany)).toMatchObject({ kind: "violated" });
});
