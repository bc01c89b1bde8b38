/** Records of the tree as answers. */

import { UserError } from "../errors.ts";
import type { KvGetResponse, KvItem, KvListResponse, KvWriteResponse } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { shortened } from "./printable.ts";
import { renderTable } from "./table.ts";

/** One record; its value alone on stdout, as it was written. */
export function kvItem(key: string, { item, freshness }: KvGetResponse): Answer {
  if (item === null) {
    throw new UserError("NOT_FOUND", `there is no key ${JSON.stringify(key)}`, {
      ...(freshness?.nodeId ? { node: freshness.nodeId } : {}),
      next: freshness?.stale ? "A read with --consistent asks for the latest state." : "See what is there with `blixard kv ls`.",
    });
  }
  return { json: { ...item, freshness: freshnessJson(freshness) }, text: () => item.value, notes: freshnessNotes(freshness) };
}

export function kvList({ items, freshness, truncated }: KvListResponse): Answer {
  const more = truncated ? ["there are more: ask for a longer prefix, or for more with --limit"] : [];
  return {
    json: { items, truncated, freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...more],
    text: (paint) =>
      items.length === 0
        ? null
        : renderTable<KvItem>(
            [
              { heading: "KEY", cell: ({ key }) => key },
              { heading: "VALUE", cell: ({ value }) => (value === "" ? '""' : shortened(value, 60)) },
              { heading: "VERSION", cell: ({ version }) => version, right: true },
              { heading: "CHANGED", cell: ({ changedIndex }) => changedIndex, right: true },
            ],
            items,
            paint,
          ),
  };
}

/** What a write answers. */
export function kvWritten(key: string, done: string, { index, version }: KvWriteResponse): Answer {
  return { json: { key, version, index }, text: () => `${key} ${done}, version ${version}, index ${index}` };
}
