/** What the daemon asks of its network towards peers. Messages may be lost, never damaged; nothing here blocks. */

import type { Member } from "../raft/configuration.ts";
import type { GroupId, NodeId, RaftMessage } from "../raft/message.ts";
import type { AppliedState, Row } from "../storage/storage.ts";

/** What a daemon does with what its peers send. */
export interface PeerHandlers {
  /** A Raft message with the sender's logical clock. `from` of the message equals the peer that the stream belongs to. */
  message(message: RaftMessage, clock: number): void;
  /** A request that another daemon forwarded; resolves to the JSON body of the answer. */
  forward(group: GroupId, body: Uint8Array, from: NodeId, timeoutMs: number): Promise<Uint8Array>;
  /** A peer wants a snapshot, or the rest of one that broke off. Yields pages; the first of a snapshot carries `applied`. */
  snapshot(group: GroupId, atLeastIndex: number, resume: SnapshotResume | null): AsyncIterable<SnapshotPage>;
  /** The stream to a peer came up or broke. */
  peerChanged(peer: NodeId, connected: boolean): void;
}

/** To go on with a snapshot: its name, and how many of its pages have come. */
export interface SnapshotResume {
  readonly snapshot: string;
  readonly received: number;
}

export interface SnapshotPage {
  readonly applied: AppliedState | null;
  readonly rows: readonly Row[];
  readonly last: boolean;
  /** The sender's logical clock, with the first page: what the snapshot rests on comes before what is done with it. */
  readonly clock?: number;
  /** What the sender calls the snapshot; one without a name cannot be gone on with. */
  readonly snapshot?: string;
  /** Counts the pages of a named snapshot from 1. */
  readonly number?: number;
}

export interface PeerTransport {
  /** Replaces the known members: streams to others are closed, missing ones dialled. */
  setMembers(members: readonly Member[]): void;
  /** Queues a message; drops it when the peer is unknown, unreachable or its queue is full. Never throws. */
  send(message: RaftMessage, clock: number): void;
  /** Sends to the peer and waits for the answer; rejects with UNREACHABLE (never sent) or OUTCOME_UNKNOWN. */
  forward(peer: NodeId, group: GroupId, body: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /**
   * Pulls a snapshot from a peer over its own channel. When the channel breaks it goes on with the same snapshot; where the
   * peer has that no more a new one begins, by a page with `applied`.
   */
  pullSnapshot(peer: NodeId, group: GroupId, atLeastIndex: number): AsyncIterable<SnapshotPage>;
  connected(peer: NodeId): boolean;
  close(): Promise<void>;
}
