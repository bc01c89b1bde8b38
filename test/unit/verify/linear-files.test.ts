import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { historyLine, readHistory, writeHistory } from "../../../src/verify/history-lines.ts";
import { operationProblem } from "../../../src/verify/history-schema.ts";
import { op, put, randomRun, written } from "./linear-history.ts";

const directory = mkdtempSync(join(tmpdir(), "blixard-history-"));
const path = join(directory, "history.jsonl");
afterAll(() => rmSync(directory, { recursive: true }));

test("what is written is read, of every kind", () => {
  const history = randomRun(3, { operations: 300, keys: 3, clients: 5, unknownShare: 0.1, indices: true });
  const kinds = new Set(history.map(({ operation, result }) => `${operation.kind} ${result?.kind}`));
  expect(kinds.size).toBeGreaterThan(12);
  writeHistory(path, history);
  expect(readHistory(path)).toEqual(history);
});

const good = op("c", [1, 2], put("x"), written(1));

test.each([
  ["no object", 7, "the operation must be object"],
  ["a field too few", { ...good, client: undefined }, 'the operation lacks the field "client"'],
  ["a field too many", { ...good, colour: 1 }, 'the operation has the field "colour", which the schema does not know'],
  ["no such operation", { ...good, operation: { kind: "scan", key: "/" } }, '"operation" has the kind "scan", which cannot be there'],
  ["an argument too few", { ...good, operation: { kind: "put", key: "/k" } }, '"operation" lacks the field "value"'],
  ["an answer to another question", { ...good, result: { kind: "found", value: "x", version: 1 } }, '"result" has the kind "found", which cannot be there'],
  ["no such version", { ...good, result: { kind: "written", version: 0 } }, '"result.version" must be >= 1'],
  ["another refusal", { ...good, result: { kind: "refused", code: "NO_LEADER" } }, '"result.code" must be one of ALREADY_EXISTS, NOT_FOUND, CONFLICT'],
  ["an answer without a time", { ...good, returnedAt: null }, "returnedAt and result must both be null (the outcome is unknown) or both be there"],
  ["a time without an answer", { ...good, result: null }, "returnedAt and result must both be null (the outcome is unknown) or both be there"],
  ["time goes back", { ...good, returnedAt: 0 }, "it returned at 0, before it was invoked at 1"],
])("a line is refused: %s", (_what, value, problem) => {
  expect(operationProblem(JSON.parse(JSON.stringify(value)))).toBe(problem);
  writeFileSync(path, historyLine(good) + `${JSON.stringify(value)}\n`);
  expect(() => readHistory(path)).toThrow(`${path}:2: ${problem}`);
});

test("an empty, a torn and a garbled file are refused", () => {
  writeFileSync(path, "");
  expect(() => readHistory(path)).toThrow("the history holds no operation");
  writeHistory(path, [good]);
  appendFileSync(path, historyLine(good).slice(0, 20));
  expect(() => readHistory(path)).toThrow(`${path}:2: the last line was cut off after 20 bytes`);
  writeFileSync(path, "{\n");
  expect(() => readHistory(path)).toThrow(`${path}:1: this is no JSON`);
});
