/** Reservations as answers. */

import type { ReservationListResponse, ReservationView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import type { Paint } from "./paint.ts";
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

/** Lines for people: the reservations on the worker `node`, under a heading; of none there are none. */
export function renderRoomTaken(node: string, reservations: readonly ReservationView[], paint: Paint): readonly string[] {
  const here = { ...reservationListing.columns, state: { cell: ({ state, toId }: ReservationView) => (toId === node ? `${state}, comes here` : state) } };
  const table = renderListing({ ...reservationListing, columns: here }, reservations, { columns: ["vm", "state", "cpus", "memory", "until"] }, paint);
  return table === null ? [] : [paint("quiet", "room taken"), ...table.split("\n").map((line) => `  ${line}`)];
}
