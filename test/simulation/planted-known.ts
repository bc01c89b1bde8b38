/** The seed that is known to show each planted bug, and what noticed it. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Search } from "./planted-search.ts";

const path = fileURLToPath(new URL("./planted-seeds.json", import.meta.url));

export interface Known {
  readonly seed: number;
  readonly by: string;
}

export function knownSeeds(): Readonly<Record<string, Known>> {
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, Known>;
}

/** Notes the seeds that were found; the others stay. */
export function recordSeeds(searches: readonly Search[], names: readonly string[]): void {
  const known = { ...knownSeeds() } as Record<string, Known>;
  for (const { name, caught } of searches) if (caught !== undefined) known[name] = { seed: caught.seed, by: caught.by };
  const lines = names.flatMap((name) => (known[name] === undefined ? [] : [`  ${JSON.stringify(name)}: ${JSON.stringify(known[name]).replaceAll(/([:,])/g, "$1 ")}`]));
  writeFileSync(path, `{\n${lines.join(",\n")}\n}\n`);
}
