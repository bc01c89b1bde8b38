/** Operations as bars in time, one a line. */

import type { HistoryOperation } from "./history-operation.ts";

export interface Bar {
  readonly operation: HistoryOperation;
  /** Short text in front. */
  readonly mark: string;
  readonly label: string;
}

const columns = 60;

/** Lines of one width of text and bars. Time is not to scale: what counts is what came before what. */
export function diagram(bars: readonly Bar[]): string[] {
  const times = [...new Set(bars.flatMap(({ operation }) => [operation.invokedAt, operation.returnedAt ?? operation.invokedAt]))].sort((a, b) => a - b);
  const ranks = new Map(times.map((time, rank) => [time, rank]));
  const scale = Math.min(4, columns / Math.max(1, times.length));
  const columnOf = (time: number): number => Math.round((ranks.get(time) ?? 0) * scale);
  const width = columnOf(times.at(-1) ?? 0) + 3;
  const markWidth = Math.max(0, ...bars.map(({ mark }) => mark.length));
  const labelWidth = Math.max(0, ...bars.map(({ label }) => label.length));
  return bars.map(({ operation, mark, label }) => {
    const { invokedAt, returnedAt } = operation;
    const start = columnOf(invokedAt);
    const bar = returnedAt === null ? `├${"─".repeat(Math.max(0, width - start - 2))}…` : `├${"─".repeat(Math.max(0, columnOf(returnedAt) - start - 1))}┤`;
    return `${mark.padStart(markWidth)} ${label.padEnd(labelWidth)}  ${" ".repeat(start)}${bar}`;
  });
}
