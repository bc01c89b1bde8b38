/** `vm list`: the VMs in a table whose columns, and whose rows, the user may choose. */

import { UserError } from "../errors.ts";
import type { VmListResponse, VmView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { nearest } from "./nearest.ts";
import { formatMebibytes } from "./size.ts";
import { type Cell, type Column, renderTable } from "./table.ts";
import { exitText, healthCell, observedCell, vmJson } from "./vm-view.ts";

/** Every column by its name, in the order in which all of them are shown. */
const columns: Readonly<Record<string, Omit<Column<VmView>, "heading">>> = {
  name: { cell: ({ name }) => name },
  observed: { cell: ({ observed }) => observedCell(observed) },
  health: { cell: (vm) => healthCell(vm, true) },
  desired: { cell: ({ desired }) => desired },
  owner: { cell: ({ ownerName, ownerId }) => ownerName || ownerId },
  driver: { cell: ({ driver }) => driver },
  cpus: { cell: ({ cpus }) => cpus, right: true },
  memory: { cell: ({ memoryMib }) => formatMebibytes(memoryMib), right: true },
  disk: { cell: ({ diskMib }) => (diskMib === 0 ? null : formatMebibytes(diskMib)), right: true },
  image: { cell: ({ image }) => image },
  pid: { cell: ({ pid }) => pid || null, right: true },
  ended: { cell: ({ exit }) => exitText(exit) },
  failure: { cell: ({ failure }) => failure || null },
  generation: { cell: ({ generation }) => generation, right: true },
  uuid: { cell: ({ uuid }) => uuid },
};

const usual = ["name", "observed", "desired", "owner", "driver", "cpus", "memory", "image", "pid"];
export const columnNames = Object.keys(columns);
/** What a filter can look at, as it stands in the table. */
const filterNames = ["name", "observed", "health", "desired", "owner", "driver", "image"] as const;

export interface VmFilter {
  readonly field: string;
  readonly values: readonly string[];
}

/** `name,pid`: columns in the order given; `all`: every one. Throws `UserError INVALID_ARGUMENT`. */
export function parseColumns(text: string): readonly string[] {
  if (text === "all") return columnNames;
  return text.split(",").map((word) => known(word.trim(), columnNames, "column"));
}

/** `observed=running,paused`: any of the values. */
export function parseFilter(text: string): VmFilter {
  const at = text.indexOf("=");
  const values = text.slice(at + 1).split(",");
  if (at < 1 || values.includes("")) {
    throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} is no filter`, { next: "Write FIELD=VALUE[,VALUE], for example observed=running." });
  }
  return { field: known(text.slice(0, at), filterNames, "field to filter by"), values };
}

/** Rows must fit every filter. A program gets whole VMs, whatever the columns. */
export function vmList({ vms, freshness }: VmListResponse, { chosen, filters = [] }: { readonly chosen?: readonly string[]; readonly filters?: readonly VmFilter[] } = {}): Answer {
  const shown = vms.filter((vm) => filters.every(({ field, values }) => values.includes(plain(columns[field]?.cell(vm) ?? null))));
  const none = vms.length === 0 ? "there is no VM yet: `blixard vm create NAME`" : "no VM fits the filters";
  return {
    json: { vms: shown.map(vmJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => (shown.length === 0 ? null : renderTable((chosen ?? usualFor(shown)).flatMap(columnOf), shown, paint)),
  };
}

/** Health is shown where somebody asks for it. */
function usualFor(vms: readonly VmView[]): readonly string[] {
  return vms.some((vm) => healthCell(vm) !== null) ? usual.toSpliced(2, 0, "health") : usual;
}

function columnOf(name: string): readonly Column<VmView>[] {
  const column = columns[name];
  return column === undefined ? [] : [{ ...column, heading: name.toUpperCase() }];
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
