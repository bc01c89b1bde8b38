/** Planted bugs of snapshots: what is sent, what is installed, what becomes of log, vote and configuration. */

import { configurationInForce } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { Row } from "../storage/storage.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** What a node sends of its rows. */
function sending(change: (rows: readonly Row[]) => readonly Row[]): Required<Pick<PlantedBug, "equip">> {
  return {
    equip(node) {
      const serve = node.serveSnapshot.bind(node);
      node.serveSnapshot = (atLeastIndex, clock, done) =>
        serve(atLeastIndex, clock, (snapshot, servedAt) => done({ ...snapshot, rows: change(snapshot.rows) }, servedAt));
    },
  };
}

/** The text with one digit of it another. */
export function flipped(text: string): string {
  const at = text.search(/[0-8](?=[^0-9]*$)/);
  return at < 0 ? text : `${text.slice(0, at)}${Number(text[at]) + 1}${text.slice(at + 1)}`;
}

export const plantedSnapshots: readonly (() => PlantedBug)[] = [
  () => ({
    name: "snapshot-index-off-by-one",
    caughtBy: ["InstallSnapshot", "ApplySnapshot"],
    before: (_raft, event) =>
      event.kind === "snapshot-fetched" ? { ...event, snapshot: { ...event.snapshot, index: event.snapshot.index + 1 } } : event,
  }),
  () => ({
    name: "snapshot-under-the-current-term",
    caughtBy: ["InstallSnapshot"],
    before: (raft, event) =>
      event.kind === "snapshot-fetched" ? { ...event, snapshot: { ...event.snapshot, term: raft.currentTerm } } : event,
  }),
  () => {
    let last: RaftState | null = null;
    return {
      name: "vote-lost-with-a-snapshot",
      caughtBy: ["Restart"],
      before(raft, event) {
        last = raft;
        return event;
      },
      write(taken) {
        if (taken.write.replace !== true || last === null) return taken;
        return { ...taken, write: { ...taken.write, hardState: { currentTerm: last.currentTerm, votedFor: null } } };
      },
    };
  },
  () => ({
    name: "snapshot-without-configuration",
    caughtBy: ["InstallSnapshot", "Apply", "BecomePreCandidate", "HandlePreVoteRequest"],
    before(raft, event) {
      if (event.kind !== "snapshot-fetched") return event;
      const { configuration, index: configurationIndex } = configurationInForce(raft);
      return { ...event, snapshot: { ...event.snapshot, configuration, configurationIndex } };
    },
  }),
  () => ({ name: "sessions-missing-from-snapshot", caughtBy: ["ApplySnapshot"], ...sending((rows) => rows.filter(({ table }) => table !== "session")) }),
  () => ({
    name: "damaged-row-of-a-snapshot-accepted",
    caughtBy: ["ApplySnapshot"],
    ...sending((rows) => rows.map((row, at) => (at === rows.length - 1 ? { ...row, value: flipped(row.value) } : row))),
  }),
];
