import type { TraceLine } from "./event.ts";
import { TraceFault } from "./fault.ts";
import { lineProblem } from "./schema.ts";

/**
 * Reads one line. With `schema` false only what order needs is checked (a JSON object with a stamp), for readers that
 * trust the file.
 */
export function parseLine(text: string, path: string, number: number, schema: boolean): TraceLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TraceFault("TRACE_INVALID", path, number, `this is no JSON: ${(error as Error).message}`);
  }
  const problem = schema ? lineProblem(value) : stampProblem(value);
  if (problem !== null) throw new TraceFault("TRACE_INVALID", path, number, problem);
  return value as TraceLine;
}

function stampProblem(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "the line must be object";
  const line = value as Partial<TraceLine>;
  const stamped =
    typeof line.event === "string" &&
    typeof line.group === "string" &&
    typeof line.node === "string" &&
    Number.isSafeInteger(line.incarnation) &&
    Number.isSafeInteger(line.seq) &&
    Number.isSafeInteger(line.clock);
  return stamped ? null : "the line lacks a part of its stamp: event, group, node, incarnation, seq, clock";
}
