/** What is told of several rounds of one measurement. */

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The median of each figure by itself. */
export function medians<Figures extends { readonly [name in keyof Figures]: number }>(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((round) => round[name]))])) as Figures;
}

/** Between which figures the rounds lay. */
export function spreadOf(rounds: readonly { readonly operationsPerSecond: number }[]): { readonly lowest: number; readonly highest: number } {
  const rates = rounds.map(({ operationsPerSecond }) => operationsPerSecond);
  return { lowest: Math.min(...rates), highest: Math.max(...rates) };
}
