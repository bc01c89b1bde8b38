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

/** More than this of other work on the machine, in processors, and a round counts only if none is better. */
const quietCpus = 0.25;
const mostTries = 2;

/**
 * Measures until so many rounds were undisturbed by other work on the machine, twice as many at most; returns the least
 * disturbed of them.
 */
export async function quietRounds<Figures extends { readonly otherCpus: number }>(rounds: number, measure: () => Promise<Figures>): Promise<readonly Figures[]> {
  const measured: Figures[] = [];
  while (measured.length < rounds * mostTries && measured.filter(({ otherCpus }) => otherCpus <= quietCpus).length < rounds) measured.push(await measure());
  return measured.sort((a, b) => a.otherCpus - b.otherCpus).slice(0, rounds);
}
