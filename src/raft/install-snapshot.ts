/** A follower that lacks trimmed entries fetches the applied rows (section 7; here followers pull). */

import type { Snapshot } from "./event.ts";
import type { InstallSnapshotRequest } from "./message.ts";
import { follow } from "./role.ts";
import { persist, resetElectionTimer, sendWhenDurable, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

export function handleInstallSnapshotRequest(state: RaftState, message: InstallSnapshotRequest): void {
  const { group, self, currentTerm } = state;
  if (message.term < currentTerm) {
    const { from: to, round } = message;
    const event = "HandleInstallSnapshotRequest";
    trace(state, { event, from: to, messageTerm: message.term });
    sendWhenDurable(state, {
      kind: "AppendEntriesResponse", group, from: self, to, term: currentTerm, success: false, matchIndex: 0, round,
    });
    return;
  }
  const hardState = follow(state, message.term, message.from);
  state.heardLeaderMs = state.nowMs;
  resetElectionTimer(state);
  trace(state, { event: "HandleInstallSnapshotRequest", from: message.from, messageTerm: message.term });
  if (hardState) persist(state, { hardState });
  if (state.fetching) return;
  state.fetching = true;
  state.effects.push({ kind: "fetch-snapshot", from: message.from, atLeastIndex: message.lastIncludedIndex });
}

/**
 * Takes the fetched snapshot in place of the log. A log that already has its last entry keeps what follows, for that
 * may have been acknowledged; an older snapshot changes nothing (section 7, receiver's steps 5 and 6).
 */
export function installSnapshot(state: RaftState, snapshot: Snapshot): void {
  state.fetching = false;
  const { index, term: snapshotTerm } = snapshot;
  if (state.role !== "Follower" || state.leader === null) return;
  if (index <= state.commitIndex || state.log.termAt(index) === snapshotTerm) return;
  state.log.reset(index, snapshotTerm);
  state.commitIndex = index;
  state.rowsDurable = index;
  state.configurations = [{ index: snapshot.configurationIndex, configuration: snapshot.configuration }];
  const leader = state.leader;
  trace(state, { event: "InstallSnapshot", index, snapshotTerm, leader });
  persist(state, { hardState: false, snapshot });
  state.effects.push({ kind: "configuration", configuration: snapshot.configuration, index: snapshot.configurationIndex });
  const { group, self: from, currentTerm: term } = state;
  sendWhenDurable(state, { kind: "AppendEntriesResponse", group, from, to: leader, term, success: true, matchIndex: index, round: 0 });
}
