/** What is said of planted bugs: a line for each, and a last line that counts. */

import { renderTable } from "../../src/cli/table.ts";
import type { Column } from "../../src/cli/table.ts";
import { plantedAreas } from "../../src/sim/planted-bugs.ts";
import type { Search } from "./planted-search.ts";

const areaOf = new Map(Object.entries(plantedAreas).flatMap(([area, bugs]) => bugs.map((make) => [make().name, area])));

const columns: readonly Column<Search>[] = [
  { heading: "AREA", cell: ({ name }) => areaOf.get(name) ?? "" },
  { heading: "MISTAKE", cell: ({ name }) => name },
  { heading: "CAUGHT BY", cell: ({ caught }) => caught?.by ?? "NOT CAUGHT" },
  { heading: "SEED", cell: ({ caught }) => caught?.seed ?? null, right: true },
  { heading: "SEEDS", cell: ({ seeds }) => seeds, right: true },
  { heading: "CPU S", cell: ({ cpuSeconds }) => cpuSeconds.toFixed(1), right: true },
  { heading: "STOPPED BESIDES BY", cell: ({ caught }) => brief(caught?.besides?.includes("broken law") ? caught.besides : "", 60) },
  { heading: "WHAT IT SAYS", cell: ({ caught, instead }) => brief(caught?.detail ?? instead ?? "nothing was noticed", 110) },
];

function brief(text: string, most: number): string {
  const line = text.replace(/\s+/g, " ").replace(/broken law: /, "").replace(/ \(src\/[^)]*\)/, "");
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

export function tableOf(searches: readonly Search[]): string {
  return renderTable(columns, searches, (_tone, text) => text);
}

/** The last line. */
export function countOf(searches: readonly Search[]): string {
  return `${searches.filter(({ caught }) => caught !== undefined).length} of ${searches.length} caught`;
}
