/** The figures of a directory, and the charts that are drawn from them. */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NamedChart, chartsOf } from "./growth-charts.ts";
import type { Figures } from "./growth-axes.ts";

/** The charts of all figures in `directory`. */
export function chartsIn(directory: string): readonly NamedChart[] {
  const files = readdirSync(directory).filter((name) => name.endsWith(".json")).sort();
  return files.flatMap((name) => chartsOf(JSON.parse(readFileSync(join(directory, name), "utf8")) as Figures<unknown>));
}

/** Draws them, each into a file beside the figures. */
export function drawFigures(directory: string): void {
  for (const { name, svg } of chartsIn(directory)) writeFileSync(join(directory, `${name}.svg`), svg);
}
