/** Reservations as answers. */

import type { ReservationListResponse, ReservationView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { formatMebibytes } from "./size.ts";

/** The columns of `reservation list`. */
export const reservationListing: Listing<ReservationView> = {
  what: "reservation",
  columns: {
    vm: { cell: ({ vm }) => vm },
    node: { cell: ({ nodeName, nodeId }) => nodeName || nodeId },
    state: { cell: ({ state }) => state },
    generation: { cell: ({ generation }) => generation, right: true },
    cpus: { cell: ({ cpus }) => cpus, right: true },
    memory: { cell: ({ memoryMib }) => formatMebibytes(memoryMib), right: true },
    within: { cell: ({ ttlMs }) => (ttlMs === 0 ? null : `${ttlMs / 1000} s`), right: true },
    until: { cell: ({ deadlineMs }) => (deadlineMs === 0 ? null : new Date(deadlineMs).toISOString()) },
    since: { cell: ({ sinceIndex }) => sinceIndex, right: true },
    uuid: { cell: ({ uuid }) => uuid },
  },
  usual: () => ["vm", "node", "state", "generation", "cpus", "memory", "until"],
  filters: ["vm", "node", "state"],
};

/** A program gets whole reservations, whatever the columns. */
export function reservationList({ reservations, freshness }: ReservationListResponse, choice: Choice = {}): Answer {
  const shown = chosenRows(reservationListing, reservations, choice);
  const none = reservations.length === 0 ? "no VM takes room" : "no reservation fits the filters";
  return {
    json: { reservations: shown, freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? [none] : [])],
    text: (paint) => renderListing(reservationListing, shown, choice, paint),
  };
}
