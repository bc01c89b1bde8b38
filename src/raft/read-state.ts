/** What a node keeps of linearizable reads that are under way (dissertation, 6.4). */

import type { NodeId } from "./message.ts";

/** Who waits for a read index: a request of this node, or a follower that asked for its own requests. */
export type Reader = { readonly kind: "own"; readonly id: number } | { readonly kind: "follower"; readonly node: NodeId; readonly question: number };

/** A round of heartbeats that shall show that this node led after the reads were asked. */
export interface ReadRound {
  readonly round: number;
  /** The commit index when the round began. */
  readonly index: number;
  /** When its first heartbeat left, by this node's clock, rounded down to a millisecond. */
  readonly sentMs: number;
  readonly readers: readonly Reader[];
}

/** A follower's question for a read index, and what it was told. */
export interface ReadQuestion {
  readonly question: number;
  readonly leader: NodeId;
  readonly ids: readonly number[];
  readonly sinceMs: number;
  /** Set by the answer; served when so much is committed here. */
  grant: { readonly term: number; readonly round: number; readonly index: number } | null;
}

export interface Reads {
  /** Leader: at most one round is under way, so that its cost does not grow with the number of readers. */
  open: ReadRound | null;
  /** Leader: readers that came since, or before an entry of the term was committed. */
  queue: Reader[];
  /** Leader: the last round that a quorum confirmed in this term; the lease counts from its sending. */
  confirmed: { readonly round: number; readonly sentMs: number } | null;
  /** Leader: it told somebody to campaign in this term, so that voters need not wait: there is no lease any more. */
  handedOver: boolean;
  /** Follower: at most one question is out. */
  asked: ReadQuestion | null;
  /** Follower: requests that came since. */
  next: number[];
  /** Follower: how often the question that is out was put before; the wait for its answer doubles each time. */
  repeated: number;
  /** Number of the last question. */
  question: number;
  /** Follower: the last round that this node confirmed, and the leader's term. */
  acknowledged: { readonly term: number; readonly round: number };
}

export function noReads(): Reads {
  return {
    open: null,
    queue: [],
    confirmed: null,
    handedOver: false,
    asked: null,
    next: [],
    repeated: 0,
    question: 0,
    acknowledged: { term: 0, round: 0 },
  };
}
