/** The state of one member of one group, and the words that every handler uses to change it. */

import type { Entry } from "../entry.ts";
import { payloadOf } from "../entry.ts";
import { present } from "../assert.ts";
import type { Configuration } from "./configuration.ts";
import { isVoter } from "./configuration.ts";
import type { Effect, Role, Snapshot } from "./event.ts";
import { RaftLog } from "./log.ts";
import type { GroupId, NodeId, RaftMessage } from "./message.ts";
import { newPreferenceWatch } from "./preferred-leader.ts";
import type { PreferenceWatch } from "./preferred-leader.ts";
import type { Random } from "./random.ts";
import { noReads } from "./read-state.ts";
import type { Reads } from "./read-state.ts";
import type { RaftStep } from "./trace-event.ts";

/** Times in milliseconds. Law: heartbeat × 2 ≤ election timeout. */
export interface RaftOptions {
  readonly heartbeatMs: number;
  /** An election starts after this much silence, plus up to as much again by chance. */
  readonly electionTimeoutMs: number;
  /** Entries of one AppendEntries, at most about this many bytes. */
  readonly maxAppendBytes: number;
  readonly maxAppendEntries: number;
  /** Bytes and messages sent to one follower and not yet acknowledged. */
  readonly maxInflightBytes: number;
  readonly maxInflightMessages: number;
  /** Entries appended and not yet committed; more proposals are refused. */
  readonly maxUncommittedBytes: number;
  /** A learner may be promoted when it lacks at most this many entries. */
  readonly maxPromoteLag: number;
  /** Entries kept behind the applied rows, so that a follower shortly away needs no snapshot. */
  readonly keepEntries: number;
  /** The same in bytes: what is more than either goes. */
  readonly keepBytes: number;
  /**
   * How far the clocks of two nodes may run apart, in millionths of the time that passes; null: nothing is known, hence no
   * leases.
   */
  readonly clockDriftPpm: number | null;
}

export const defaultRaftOptions: RaftOptions = {
  heartbeatMs: 50,
  electionTimeoutMs: 300,
  maxAppendBytes: 1024 * 1024,
  maxAppendEntries: 4096,
  maxInflightBytes: 8 * 1024 * 1024,
  maxInflightMessages: 256,
  maxUncommittedBytes: 64 * 1024 * 1024,
  maxPromoteLag: 256,
  keepEntries: 4096,
  keepBytes: 8 * 1024 * 1024,
  clockDriftPpm: null,
};

/** What tells heartbeats apart. An offer of a snapshot stands for one at the index -1. */
export interface Heartbeat {
  readonly from: NodeId;
  readonly term: number;
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly leaderCommit: number;
}

/** What a leader knows of one other member. */
export interface Progress {
  matchIndex: number;
  nextIndex: number;
  /** `probe`: one message at a time until one fits. `replicate`: stream. `snapshot`: what it needs was trimmed. */
  mode: "probe" | "replicate" | "snapshot";
  /** What it fetches reaches this index at least; 0: it was offered nothing. */
  offeredIndex: number;
  /** Unacknowledged messages with entries: last index and bytes of each. */
  inflight: { lastIndex: number; bytes: number }[];
  inflightBytes: number;
  /** A probe is out; the next goes with the heartbeat. */
  probing: boolean;
  heardMs: number;
  /** The highest commit index that was sent to it. */
  sentCommit: number;
  /** The last heartbeat to it that has a line in the trace; one that is the same again has none. */
  toldHeartbeat: Heartbeat | null;
  /** The highest round of heartbeats that it acknowledged, and how long it then helps nobody else to lead. */
  round: number;
  promiseMs: number;
}

/** A change of term, vote or log that is on its way to disk, and the messages that must wait for it. */
export interface PendingWrite {
  readonly sequence: number;
  readonly term: number;
  readonly lastIndex: number;
  readonly messages: RaftMessage[];
}

/** A configuration and the index of its entry; the latest in the log is in force (dissertation, 4.1). */
export interface PlacedConfiguration {
  readonly index: number;
  readonly configuration: Configuration;
}

export interface RaftState {
  readonly group: GroupId;
  readonly self: NodeId;
  readonly options: RaftOptions;
  readonly random: Random;
  nowMs: number;
  currentTerm: number;
  votedFor: NodeId | null;
  role: Role;
  leader: NodeId | null;
  readonly log: RaftLog;
  commitIndex: number;
  /** Ascending by index; never empty; the last one is in force. */
  configurations: PlacedConfiguration[];
  /** Votes or pre-votes granted in this campaign, our own included once it is durable. */
  votes: Set<NodeId>;
  progress: Map<NodeId, Progress>;
  electionDeadlineMs: number;
  heartbeatDeadlineMs: number;
  quorumDeadlineMs: number;
  /** When a leader was last heard, or this node started. */
  heardLeaderMs: number;
  nextSequence: number;
  pending: PendingWrite[];
  durableTerm: number;
  durableIndex: number;
  uncommittedBytes: number;
  /** Index of the first entry of the term that this leader leads. */
  termStartIndex: number;
  /** The last round of heartbeats that this leader began for reads. */
  round: number;
  reads: Reads;
  transfer: { id: number; to: NodeId; deadlineMs: number; sent: boolean } | null;
  /** About the voter that shall lead whenever it can. */
  readonly preference: PreferenceWatch;
  fetching: boolean;
  /** The last heartbeat that has a line in this node's trace. */
  toldHeartbeat: Heartbeat | null;
  rowsDurable: number;
  effects: Effect[];
}

/** What a restart finds on disk. */
export interface RestoredState {
  readonly currentTerm: number;
  readonly votedFor: NodeId | null;
  readonly startIndex: number;
  readonly startTerm: number;
  readonly entries: readonly Entry[];
  /** The applied rows, and the configuration in force there. */
  readonly applied: Snapshot;
}

export const emptyRestoredState: RestoredState = {
  currentTerm: 0,
  votedFor: null,
  startIndex: 0,
  startTerm: 0,
  entries: [],
  applied: { index: 0, term: 0, configuration: { voters: [], learners: [] }, configurationIndex: 0 },
};

/** Reads the configuration that a configuration entry carries. */
export function configurationOf(entry: Entry): Configuration {
  return JSON.parse(new TextDecoder().decode(payloadOf(entry))) as Configuration;
}

/** The state of a member that starts. The first `tick` sets its clock; it traces `Restart`. */
export function restoreRaft(
  group: GroupId,
  self: NodeId,
  options: RaftOptions,
  random: Random,
  stored: RestoredState,
  nowMs: number,
): RaftState {
  const log = new RaftLog(stored.startIndex, stored.startTerm, stored.entries);
  const { applied } = stored;
  const configurations = [{ index: applied.configurationIndex, configuration: applied.configuration }];
  for (const entry of stored.entries) {
    if (entry.kind !== "configuration" || entry.index <= applied.configurationIndex) continue;
    configurations.push({ index: entry.index, configuration: configurationOf(entry) });
  }
  const state: RaftState = {
    group,
    self,
    options,
    random,
    nowMs,
    currentTerm: stored.currentTerm,
    votedFor: stored.votedFor,
    role: "Follower",
    leader: null,
    log,
    commitIndex: applied.index,
    configurations,
    votes: new Set(),
    progress: new Map(),
    electionDeadlineMs: 0,
    heartbeatDeadlineMs: 0,
    quorumDeadlineMs: 0,
    // It may have heard a leader, and promised it time, just before.
    heardLeaderMs: nowMs,
    nextSequence: 1,
    pending: [],
    durableTerm: stored.currentTerm,
    durableIndex: log.lastIndex,
    uncommittedBytes: 0,
    termStartIndex: 0,
    round: 0,
    reads: noReads(),
    transfer: null,
    preference: newPreferenceWatch(),
    fetching: false,
    toldHeartbeat: null,
    rowsDurable: applied.index,
    effects: [],
  };
  resetElectionTimer(state);
  const { electionTimeoutMs } = options;
  trace(state, { event: "Restart", votedFor: state.votedFor, lastLogTerm: log.lastTerm, electionTimeoutMs, localMs: Math.ceil(nowMs) });
  state.effects.push({ kind: "configuration", configuration: configurationInForce(state).configuration, index: configurationInForce(state).index });
  return state;
}

/** The latest configuration in the log, committed or not. */
export function configurationInForce(state: RaftState): PlacedConfiguration {
  return present(state.configurations.at(-1), "there is always a configuration");
}

/** The latest configuration that is committed. */
export function committedConfiguration(state: RaftState): PlacedConfiguration {
  const found = state.configurations.findLast((placed) => placed.index <= state.commitIndex);
  return present(found ?? state.configurations[0], "there is always a configuration");
}

export function trace(state: RaftState, step: RaftStep): void {
  const { currentTerm: term, role, commitIndex } = state;
  state.effects.push({ kind: "trace", event: { ...step, term, role, lastLogIndex: state.log.lastIndex, commitIndex } });
}

export function send(state: RaftState, message: RaftMessage): void {
  state.effects.push({ kind: "send", message });
}

/** Sends when everything that the node has decided so far is durable: at once, or with the last pending write. */
export function sendWhenDurable(state: RaftState, message: RaftMessage): void {
  const last = state.pending.at(-1);
  if (last === undefined) send(state, message);
  else last.messages.push(message);
}

/** What a step changed on disk. */
export interface DurableChange {
  readonly hardState: boolean;
  readonly truncateFrom?: number;
  readonly entries?: readonly Entry[];
  readonly snapshot?: Snapshot;
}

/** Puts the change on its way to disk. Messages given to `sendWhenDurable` afterwards wait for it. */
export function persist(state: RaftState, change: DurableChange): void {
  const sequence = state.nextSequence++;
  state.pending.push({ sequence, term: state.currentTerm, lastIndex: state.log.lastIndex, messages: [] });
  state.effects.push({
    kind: "persist",
    sequence,
    hardState: change.hardState ? { currentTerm: state.currentTerm, votedFor: state.votedFor } : null,
    truncateFrom: change.truncateFrom ?? null,
    entries: change.entries ?? [],
    snapshot: change.snapshot ?? null,
  });
}

/** Waits for between one and two election timeouts (the paper's 5.2: randomised, so that votes seldom split). */
export function resetElectionTimer(state: RaftState): void {
  state.electionDeadlineMs = state.nowMs + state.options.electionTimeoutMs * (1 + state.random.next());
}

/**
 * True when this node may campaign: it votes in the configuration in force, or did so before a change that is not
 * committed. "A server that is not part of its own latest configuration should still start new elections, as it might
 * still be needed until the Cnew entry is committed" (dissertation, 4.2.2): a leader of two that removed itself has an
 * entry that the other lacks, so it votes for nobody else. Its own vote counts only by the configuration in force.
 */
export function mayCampaign(state: RaftState): boolean {
  const { configuration, index } = configurationInForce(state);
  if (isVoter(configuration, state.self)) return true;
  return index > state.commitIndex && isVoter(committedConfiguration(state).configuration, state.self);
}

export function announceRole(state: RaftState): void {
  state.effects.push({ kind: "role", role: state.role, term: state.currentTerm, leader: state.leader });
}
