/** The messages of Raft (the paper's figure 2; the dissertation's 4.2.3, 3.10, 9.6 for what was added). */

import type { Entry } from "../entry.ts";

/** UUID of a node; never reused. */
export type NodeId = string;
/** Name of a Raft group: `meta`, `shard-1`, … */
export type GroupId = string;

interface Addressed {
  readonly group: GroupId;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: number;
}

/** "Would you vote for me in `term`?" Changes nothing at the receiver (dissertation, 9.6). */
export interface PreVoteRequest extends Addressed {
  readonly kind: "PreVoteRequest";
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
}

/** `term`: the term that was asked about if granted, else the responder's own. */
export interface PreVoteResponse extends Addressed {
  readonly kind: "PreVoteResponse";
  readonly voteGranted: boolean;
}

export interface RequestVoteRequest extends Addressed {
  readonly kind: "RequestVoteRequest";
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The old leader asked for this election, so a voter that hears it may still vote (dissertation, 3.10, 4.2.3). */
  readonly transfer: boolean;
}

export interface RequestVoteResponse extends Addressed {
  readonly kind: "RequestVoteResponse";
  readonly voteGranted: boolean;
}

export interface AppendEntriesRequest extends Addressed {
  readonly kind: "AppendEntriesRequest";
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly entries: readonly Entry[];
  readonly leaderCommit: number;
  /** The last round that the leader began for reads; echoed, so that it knows that it still led after they came (6.4). */
  readonly round: number;
}

export interface AppendEntriesResponse extends Addressed {
  readonly kind: "AppendEntriesResponse";
  readonly success: boolean;
  /** On success: the follower's durable log equals the leader's up to here. On failure: where to try next. */
  readonly matchIndex: number;
  readonly round: number;
  /** For so long, by its own clock, the sender helps nobody else to lead; 0: no promise. */
  readonly promiseMs?: number;
}

/** The follower needs entries that were trimmed: it shall fetch a snapshot from the sender. Also a heartbeat. */
export interface InstallSnapshotRequest extends Addressed {
  readonly kind: "InstallSnapshotRequest";
  /** The snapshot will reach at least this index. */
  readonly lastIncludedIndex: number;
  readonly round: number;
}

/** A follower asks for an index at which its reads are linearizable (dissertation, 6.4). `question`: never used twice. */
export interface ReadIndexRequest extends Addressed {
  readonly kind: "ReadIndexRequest";
  readonly question: number;
}

/** The leader's answer, when a quorum has confirmed `round`; not `granted`: the sender does not lead. */
export interface ReadIndexResponse extends Addressed {
  readonly kind: "ReadIndexResponse";
  readonly question: number;
  readonly granted: boolean;
  readonly round: number;
  readonly index: number;
}

/** Leadership transfer: campaign now (dissertation, 3.10). */
export interface TimeoutNowRequest extends Addressed {
  readonly kind: "TimeoutNowRequest";
}

/**
 * Tells a node that the committed configuration at `configurationIndex` no longer has it (row M5). With 0 it is a
 * question: "am I still a member?", from a node that does not vote and hears nobody.
 */
export interface RemovedNotice extends Addressed {
  readonly kind: "RemovedNotice";
  readonly configurationIndex: number;
}

export type RaftMessage =
  | PreVoteRequest
  | PreVoteResponse
  | RequestVoteRequest
  | RequestVoteResponse
  | AppendEntriesRequest
  | AppendEntriesResponse
  | InstallSnapshotRequest
  | ReadIndexRequest
  | ReadIndexResponse
  | TimeoutNowRequest
  | RemovedNotice;
