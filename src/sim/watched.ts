/** What watchers were told at different nodes is the same, as far as both nodes still tell it (row S3). */

import type { EntryChanges, KeyHistory } from "../machine/history.ts";

/** The first entry after which two nodes tell other changes, or undefined. */
export function toldOtherwise(one: KeyHistory, other: KeyHistory): number | undefined {
  const since = Math.max(one.floor, other.floor);
  const until = Math.min(one.reached, other.reached);
  if (since >= until) return undefined;
  const ours = changesBetween(one, since, until);
  const theirs = changesBetween(other, since, until);
  for (const [at, entry] of ours.entries()) {
    if (JSON.stringify(entry) !== JSON.stringify(theirs[at])) return entry.index;
  }
  return theirs[ours.length]?.index;
}

function changesBetween(history: KeyHistory, since: number, until: number): readonly EntryChanges[] {
  return history.after(since, "", Number.MAX_SAFE_INTEGER, Infinity).entries.filter(({ index }) => index <= until);
}
