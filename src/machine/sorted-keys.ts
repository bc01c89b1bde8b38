/**
 * The keys of the tree in order (UTF-16 code units), so that `ls` of a small prefix among a million keys is cheap.
 * Runs of at most 512 keys: finding is two binary searches, inserting moves one run. Only a key that appears or
 * disappears costs this; a put on a present key does not.
 */

const runLimit = 512;

export class SortedKeys {
  /** Each run is sorted and not empty, and ends below the beginning of the next. */
  private runs: string[][] = [];

  /** Takes the place of all keys. `keys` need no order. */
  fill(keys: Iterable<string>): void {
    const sorted = inOrder(keys);
    this.runs = [];
    for (let at = 0; at < sorted.length; at += runLimit / 2) this.runs.push(sorted.slice(at, at + runLimit / 2));
  }

  /** Adds a key that is not there. */
  add(key: string): void {
    const at = Math.max(0, this.runOf(key));
    const run = this.runs[at];
    if (run === undefined) {
      this.runs.push([key]);
      return;
    }
    run.splice(firstNotBelow(run, key), 0, key);
    if (run.length > runLimit) this.runs.splice(at + 1, 0, run.splice(run.length >> 1));
  }

  /** Takes out a key that is there. */
  remove(key: string): void {
    const at = this.runOf(key);
    const run = this.runs[at];
    if (run === undefined) return;
    const place = firstNotBelow(run, key);
    if (run[place] !== key) return;
    run.splice(place, 1);
    if (run.length === 0) this.runs.splice(at, 1);
  }

  /** All keys from `start` on, in order. */
  *from(start: string): Generator<string> {
    const first = Math.max(0, this.runOf(start));
    for (let at = first; at < this.runs.length; at += 1) {
      const run = this.runs[at] ?? [];
      for (let place = at === first ? firstNotBelow(run, start) : 0; place < run.length; place += 1) {
        yield run[place] as string;
      }
    }
  }

  /** The last run that begins at or below `key`; -1 when all begin above. */
  private runOf(key: string): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.runs[middle]?.[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** In order. Rows come from the disk in order, where a million need not be sorted. */
export function inOrder(keys: Iterable<string>): readonly string[] {
  const all = [...keys];
  for (let at = 1; at < all.length; at += 1) if ((all[at] as string) < (all[at - 1] as string)) return all.sort();
  return all;
}

function firstNotBelow(run: readonly string[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
