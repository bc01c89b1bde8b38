/** Tables for people: headings in capitals, columns two spaces apart, nothing drawn. */

import type { Paint, Tone } from "./paint.ts";
import { printable } from "./printable.ts";

export type Cell = string | number | null | { readonly text: string; readonly tone: Tone };

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => Cell;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

interface Shown {
  readonly text: string;
  readonly tone: Tone | null;
}

/** One line a row. A cell of null shows as `-`. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string {
  const headings = columns.map(({ heading }): Shown => ({ text: heading, tone: "heading" }));
  const cells = rows.map((row) => columns.map(({ cell }) => show(cell(row))));
  const widths = columns.map((_, place) => Math.max(...[headings, ...cells].map((line) => width(line[place]?.text ?? ""))));
  const lines = [headings, ...cells].map((line) =>
    line
      .map(({ text, tone }, place) => {
        const padding = " ".repeat((widths[place] ?? 0) - width(text));
        const painted = tone === null ? text : paint(tone, text);
        return columns[place]?.right === true ? padding + painted : painted + padding;
      })
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}

/** Pairs of a word and what it is, one a line; those of null are left out. */
export function renderFields(fields: readonly (readonly [string, Cell])[], paint: Paint): string {
  const known = fields.filter(([, cell]) => cell !== null);
  const longest = Math.max(0, ...known.map(([word]) => width(word)));
  return known
    .map(([word, cell]) => {
      const { text, tone } = show(cell);
      return `${paint("quiet", word)}${" ".repeat(longest - width(word))}  ${tone === null ? text : paint(tone, text)}`;
    })
    .join("\n");
}

function show(cell: Cell): Shown {
  if (cell === null || cell === "") return { text: "-", tone: null };
  if (typeof cell === "object") return { text: printable(cell.text), tone: cell.tone };
  return { text: printable(String(cell)), tone: null };
}

function width(text: string): number {
  return [...text].length;
}
