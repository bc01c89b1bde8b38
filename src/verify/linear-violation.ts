/** Finds the first answer that makes the history of a key impossible. */

import { present } from "../assert.ts";
import type { HistoryOperation } from "./history-operation.ts";
import { type KeyHistory, keyHistory } from "./linear-key-history.ts";
import { holdingText, reasonsOf } from "./linear-reason.ts";
import { longestOrder, type SearchBounds, type SearchOutcome, searchOrder } from "./linear-search.ts";
import type { KeyViolation } from "./linear-verdict.ts";

/** An explanation may be less than perfect, but must not take longer than the verdict. */
const stepsOfSearch = 500_000;
const stepsOfOrder = 200_000;

/**
 * Explains a key that is known to have no order. A history cut at an instant, what is under way then being unknown, has
 * an order if the whole has one; so the first cut that has none is found by halving.
 */
export function explainViolation(whole: KeyHistory, bounds: SearchBounds): KeyViolation {
  const answered = whole.operations.filter(({ result }) => result !== null).map(({ source }) => source);
  answered.sort((a, b) => (a.returnedAt ?? 0) - (b.returnedAt ?? 0));
  const sources = whole.operations.map(({ source }) => source);
  let possible = 0;
  let impossible = answered.length;
  let certain = true;
  let history = whole;
  while (impossible - possible > 1) {
    const middle = Math.floor((possible + impossible) / 2);
    const cut = keyHistory(whole.key, cutAfter(sources, answered.slice(0, middle)));
    const result = searchOrder(cut, { ...bounds, stepsBound: stepsOfSearch });
    if (result.kind === "violated") {
      impossible = middle;
      history = cut;
      continue;
    }
    possible = middle;
    certain &&= result.kind === "linearizable";
  }
  const culprit = present(answered[impossible - 1], "a history without answers is linearizable");
  return { key: whole.key, operations: sources.length, culprit, certain, ...leftOver(history, longestOrder(history, { ...bounds, stepsBound: stepsOfOrder })) };
}

/** The history as it was known when the last of `answered` had just returned. */
function cutAfter(sources: readonly HistoryOperation[], answered: readonly HistoryOperation[]): HistoryOperation[] {
  const known = new Set(answered);
  const end = answered.at(-1)?.returnedAt ?? Number.NEGATIVE_INFINITY;
  return sources
    .filter((source) => source.invokedAt <= end)
    .map((source) => (known.has(source) ? source : { ...source, returnedAt: null, result: null }));
}

function leftOver(history: KeyHistory, { order, state }: SearchOutcome): Pick<KeyViolation, "prefix" | "holds" | "unplaced"> {
  const placed = new Set(order);
  const left = history.operations.filter((operation) => !placed.has(operation) && operation.result !== null);
  const holds = holdingText(order, state);
  const reasons = reasonsOf(left, state, holds);
  return {
    prefix: order.map(({ source }) => source),
    holds,
    unplaced: left.map(({ source }, at) => ({ operation: source, why: reasons[at] ?? "" })),
  };
}
