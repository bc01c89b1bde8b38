/** Verdicts about histories in words for people, and as JSON for programs. */

import { type HistoryOperation, operationText, resultText } from "./history-operation.ts";
import { type Bar, diagram } from "./linear-diagram.ts";
import type { HistoryCounts, KeyViolation, LinearizabilityVerdict } from "./linear-verdict.ts";

/** Of a long order the end is told. */
const mostOfOrder = 12;
const mostUnplaced = 8;

/** The verdict as text of several lines, without a newline at the end. */
export function linearizabilityText(verdict: LinearizabilityVerdict): string {
  switch (verdict.kind) {
    case "linearizable":
      return `Linearizable: ${countsText(verdict)}.`;
    case "undecided":
      return [
        `Undecided: ${countsText(verdict)}; nothing is known to be wrong, but there are too many orders of`,
        ...verdict.undecidedKeys.map(({ key, operations, unknown, bound }) => `  ${key}: ${operations} operations, ${unknown} with an unknown outcome; out of ${bound}`),
      ].join("\n");
    case "violated": {
      const others = [...keysText("the same of", verdict.otherKeys), ...keysText("undecided of", verdict.undecidedKeys.map(({ key }) => key))];
      return [...violationText(verdict.violation), "", `  ${countsText(verdict)}`, ...others].join("\n");
    }
  }
}

/** The verdict as one JSON document: the same data, and `ok`. */
export function linearizabilityJson(verdict: LinearizabilityVerdict): string {
  return JSON.stringify({ ok: verdict.kind === "linearizable", ...verdict }, null, 2);
}

function countsText({ operations, unknown, keys, steps }: HistoryCounts): string {
  return `${plural(operations, "operation")} on ${plural(keys, "key")}, ${unknown} with an unknown outcome, ${steps} tried`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function keysText(what: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > mostUnplaced ? ` and ${keys.length - mostUnplaced} more` : "";
  return [`  ${what} ${keys.slice(0, mostUnplaced).join(", ")}${more}`];
}

function violationText(violation: KeyViolation): string[] {
  const { key, culprit, certain, prefix, holds, unplaced } = violation;
  const skipped = Math.max(0, prefix.length - mostOfOrder);
  const doubt = certain ? "all answers before it can be explained" : "whether the answers before it can be explained was not decided";
  return [
    `Not linearizable: ${key}`,
    `  ${asked(culprit)}, asked at ${Number(culprit.invokedAt.toFixed(3))}, is the first answer that cannot be; ${doubt}.`,
    "",
    `  the longest order that fits${skipped > 0 ? `, without its first ${skipped}` : ""}`,
    ...prefix.slice(skipped).map((operation, at) => `    ${String(skipped + at + 1).padStart(3)}  ${asked(operation)}`),
    `         the key is ${holds}`,
    "",
    "  what has no place behind it",
    ...unplaced.slice(0, mostUnplaced).map(({ operation, why }) => `      ✗  ${asked(operation)}: ${why}`),
    ...(unplaced.length > mostUnplaced ? [`         and ${unplaced.length - mostUnplaced} more`] : []),
    "",
    "  in time",
    ...diagram(barsOf(violation, skipped)).map((line) => `    ${line}`),
  ];
}

/** The end of the order and what has no place in it, by time of invocation. */
function barsOf({ prefix, unplaced }: KeyViolation, skipped: number): Bar[] {
  const placed = prefix.slice(skipped).map((operation, at) => ({ operation, mark: String(skipped + at + 1), label: asked(operation) }));
  const left = unplaced.slice(0, mostUnplaced).map(({ operation }) => ({ operation, mark: "✗", label: asked(operation) }));
  return [...placed, ...left].sort((a, b) => a.operation.invokedAt - b.operation.invokedAt);
}

/** `c1  put "a" → version 1` */
function asked({ client, operation, result }: HistoryOperation): string {
  return `${client}  ${operationText(operation)} → ${resultText(result)}`;
}
