/** How old an answer may be, told with every read (row R3). */

import type { Freshness } from "../transport/messages.generated.ts";

/** For people, on stderr. */
export function freshnessNotes(freshness: Freshness | null): readonly string[] {
  if (freshness === null) return [];
  const { nodeId, appliedIndex, stale } = freshness;
  const where = `answered by node ${nodeId || "unknown"} at applied index ${appliedIndex}`;
  return [stale ? `${where}, stale: it may lag behind the leader (--consistent asks for the latest)` : `${where}, consistent`];
}

/** For programs. */
export function freshnessJson(freshness: Freshness | null): unknown {
  return freshness === null ? null : { nodeId: freshness.nodeId || null, appliedIndex: freshness.appliedIndex, stale: freshness.stale };
}
