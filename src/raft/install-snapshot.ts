/** A follower that lacks trimmed entries fetches the applied rows (section 7; here followers pull). */

import { commitTo, noteRemoval } from "./commit.ts";
import { isMember } from "./configuration.ts";
import type { Snapshot } from "./event.ts";
import type { InstallSnapshotRequest, NodeId } from "./message.ts";
import { follow } from "./role.ts";
import { acknowledgeRound, promiseMs, serveAsked } from "./read.ts";
import { configurationInForce, persist, resetElectionTimer, sendWhenDurable, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

export function handleInstallSnapshotRequest(state: RaftState, message: InstallSnapshotRequest): void {
  const { group, self, currentTerm } = state;
  if (message.term < currentTerm) {
    const { from: to } = message;
    const event = "HandleInstallSnapshotRequest";
    trace(state, { event, from: to, messageTerm: message.term });
    sendWhenDurable(state, {
      kind: "AppendEntriesResponse", group, from: self, to, term: currentTerm, success: false, matchIndex: 0, round: 0,
    });
    return;
  }
  const hardState = follow(state, message.term, message.from);
  state.heardLeaderMs = state.nowMs;
  resetElectionTimer(state);
  trace(state, { event: "HandleInstallSnapshotRequest", from: message.from, messageTerm: message.term });
  if (hardState) persist(state, { hardState });
  acknowledgeRound(state, message.from, message.round);
  acknowledge(state, message.from, state.commitIndex, message.round);
  if (state.fetching || state.commitIndex >= message.lastIncludedIndex) return;
  state.fetching = true;
  state.effects.push({ kind: "fetch-snapshot", from: message.from, atLeastIndex: message.lastIncludedIndex });
}

/**
 * Says that the log up to `matchIndex`, which is committed, is the leader's. It answers a heartbeat too: without it a
 * leader whose followers all fetch snapshots would think that nobody hears it; and when the answer to an installed
 * snapshot was lost, the leader would offer it for ever.
 */
function acknowledge(state: RaftState, leader: NodeId, matchIndex: number, round: number): void {
  const { group, self: from, currentTerm: term } = state;
  const answer = { kind: "AppendEntriesResponse", group, from, to: leader, term, success: true, matchIndex, round } as const;
  sendWhenDurable(state, { ...answer, promiseMs: promiseMs(state) });
}

/**
 * Takes the fetched snapshot in place of the log. A log that already has its last entry keeps what follows, for that
 * may have been acknowledged, and only learns that this much is committed; an older snapshot changes nothing (section
 * 7, receiver's steps 5 and 6).
 */
export function installSnapshot(state: RaftState, snapshot: Snapshot): void {
  state.fetching = false;
  const { index, term: snapshotTerm } = snapshot;
  if (state.role !== "Follower" || state.leader === null) return;
  if (index <= state.commitIndex) return;
  const { leader } = state;
  if (state.log.termAt(index) === snapshotTerm) {
    commitTo(state, index, () => trace(state, { event: "InstallSnapshot", index, snapshotTerm, leader }));
    acknowledge(state, leader, index, 0);
    return serveAsked(state);
  }
  const wasMember = isMember(configurationInForce(state).configuration, state.self);
  state.log.reset(index, snapshotTerm);
  state.commitIndex = index;
  state.rowsDurable = index;
  state.configurations = [{ index: snapshot.configurationIndex, configuration: snapshot.configuration }];
  trace(state, { event: "InstallSnapshot", index, snapshotTerm, leader });
  persist(state, { hardState: false, snapshot });
  state.effects.push({ kind: "configuration", configuration: snapshot.configuration, index: snapshot.configurationIndex });
  acknowledge(state, leader, index, 0);
  serveAsked(state);
  if (wasMember && !isMember(snapshot.configuration, state.self)) noteRemoval(state, snapshot.configurationIndex);
}
