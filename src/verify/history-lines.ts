/** Histories as files: one operation a line, as JSON. */

import { writeFileSync } from "node:fs";
import { TraceFault } from "../trace/fault.ts";
import { LineFile } from "../trace/line-file.ts";
import type { HistoryOperation } from "./history-operation.ts";
import { operationProblem } from "./history-schema.ts";

/** One line, with its newline; for recorders that append. */
export function historyLine(operation: HistoryOperation): string {
  return `${JSON.stringify(operation)}\n`;
}

/** Writes a whole history. */
export function writeHistory(path: string, history: readonly HistoryOperation[]): void {
  writeFileSync(path, history.map(historyLine).join(""));
}

/**
 * Reads a history; every line is held against the schema. A last line that was cut off is refused: the operation in it
 * may be the very write that a later read found, so that the rest would be blamed for what the recorder lost.
 */
export function readHistory(path: string): HistoryOperation[] {
  const file = new LineFile(path);
  try {
    const history: HistoryOperation[] = [];
    for (let line = file.next(); line !== undefined; line = file.next()) history.push(parseOperation(line, path, file.number));
    if (file.tornBytes > 0) throw new TraceFault("TRACE_TORN_TAIL", path, file.number + 1, `the last line was cut off after ${file.tornBytes} bytes`);
    if (history.length === 0) throw new TraceFault("TRACE_EMPTY", path, 0, "the history holds no operation");
    return history;
  } finally {
    file.close();
  }
}

function parseOperation(line: string, path: string, number: number): HistoryOperation {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new TraceFault("TRACE_INVALID", path, number, `this is no JSON: ${(error as Error).message}`);
  }
  const problem = operationProblem(value);
  if (problem !== null) throw new TraceFault("TRACE_INVALID", path, number, problem);
  return value as HistoryOperation;
}
