/** The word that a mistyped one was likely meant to be. */

const furthest = 3;

/** The candidate with the fewest edits, at most three; null when none is near. */
export function nearest(text: string, candidates: readonly string[]): string | null {
  let best: { readonly candidate: string; readonly edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = distance(text, candidate);
    if (edits <= furthest && edits < (best?.edits ?? furthest + 1)) best = { candidate, edits };
  }
  return best?.candidate ?? null;
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (const [line, character] of [...one].entries()) {
    const next = [line + 1];
    for (let place = 0; place < other.length; place += 1) {
      const replaced = (row[place] ?? 0) + (other[place] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
