/** Lists whose columns, and whose rows, the user may choose. */

import { Flags } from "@oclif/core";
import { UserError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import type { Paint } from "./paint.ts";
import { type Cell, type Column, renderTable } from "./table.ts";

interface ListedColumn<Row> extends Omit<Column<Row>, "heading"> {
  /** What a filter compares, where the cell says more than that. */
  readonly filterBy?: (row: Row) => string;
}

export interface Listing<Row> {
  /** What a row is called: `VM`. */
  readonly what: string;
  /** Every column by its name, in the order in which all of them are shown. */
  readonly columns: Readonly<Record<string, ListedColumn<Row>>>;
  /** Those that are shown when none are chosen. */
  readonly usual: (rows: readonly Row[]) => readonly string[];
  /** Those that a filter can look at. */
  readonly filters: readonly string[];
}

export interface Filter {
  readonly field: string;
  readonly values: readonly string[];
}

/** What the flags of `listingFlags` come to. */
export interface Choice {
  readonly columns?: readonly string[] | undefined;
  readonly filter?: readonly Filter[];
}

/** `name,pid`: columns in the order given; `all`: every one. Throws `UserError INVALID_ARGUMENT`. */
export function parseColumns<Row>({ columns }: Listing<Row>, text: string): readonly string[] {
  const names = Object.keys(columns);
  return text === "all" ? names : text.split(",").map((word) => known(word.trim(), names, "column"));
}

/** `observed=running,paused`: any of the values. */
export function parseFilter<Row>({ filters }: Listing<Row>, text: string): Filter {
  const at = text.indexOf("=");
  const values = text.slice(at + 1).split(",");
  if (at < 1 || values.includes("")) {
    throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} is no filter`, { next: `Write FIELD=VALUE[,VALUE], for example ${filters[0]}=a.` });
  }
  return { field: known(text.slice(0, at), filters, "field to filter by"), values };
}

/** The flags of a command that lists. */
export function listingFlags<Row>(listing: Listing<Row>) {
  return {
    columns: Flags.custom<readonly string[]>({ parse: async (text) => parseColumns(listing, text) })({
      description: `Columns to show, in this order, or all: ${Object.keys(listing.columns).join(", ")}.`,
      helpValue: "NAME,NAME",
    }),
    filter: Flags.custom<Filter>({ parse: async (text) => parseFilter(listing, text) })({
      description: `Only rows with one of these values, by ${listing.filters.join(", ")}; may be given again: then all must fit.`,
      helpValue: "FIELD=VALUE,VALUE",
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  };
}

/** The rows that fit every filter. */
export function chosenRows<Row>({ columns }: Listing<Row>, rows: readonly Row[], { filter = [] }: Choice): readonly Row[] {
  const valuesOf = (field: string, row: Row): readonly string[] => plain(columns[field]?.filterBy?.(row) ?? columns[field]?.cell(row) ?? null).split(/, ?/);
  return rows.filter((row) => filter.every(({ field, values }) => valuesOf(field, row).some((value) => values.includes(value))));
}

/** The table of `rows`, all of which are shown; null: there is none. */
export function renderListing<Row>(listing: Listing<Row>, rows: readonly Row[], { columns: chosen }: Choice, paint: Paint): string | null {
  if (rows.length === 0) return null;
  const columns = (chosen ?? listing.usual(rows)).flatMap((name): Column<Row>[] => {
    const column = listing.columns[name];
    return column === undefined ? [] : [{ ...column, heading: name.toUpperCase() }];
  });
  return renderTable(columns, rows, paint);
}

function plain(cell: Cell): string {
  return typeof cell === "object" ? (cell?.text ?? "") : String(cell);
}

function known(word: string, words: readonly string[], what: string): string {
  if (words.includes(word)) return word;
  const guess = nearest(word, words);
  throw new UserError("INVALID_ARGUMENT", `there is no ${what} ${JSON.stringify(word.slice(0, 40))}`, {
    next: `${guess === null ? "" : `Did you mean ${guess}? `}There are: ${words.join(", ")}.`,
  });
}
