/** What goes into the door, and what comes out of it. */

import type { ErrorCode } from "../errors.ts";
import type { Entry } from "../entry.ts";
import type { Configuration, Member } from "./configuration.ts";
import type { GroupId, NodeId, RaftMessage } from "./message.ts";
import type { RaftTrace } from "./trace-event.ts";

/** One command that a client wants in the log. `id` is the caller's, for the answer. */
export interface Proposal {
  readonly id: number;
  readonly kind: "command" | "vm";
  readonly payload: Uint8Array;
}

export type ConfigurationChange =
  | { readonly kind: "add-learner"; readonly member: Member }
  | { readonly kind: "promote"; readonly id: NodeId }
  | { readonly kind: "remove"; readonly id: NodeId }
  /** Several at once, by a joint configuration: `leaving` go, the learners in `entering` vote. */
  | { readonly kind: "replace"; readonly leaving: readonly NodeId[]; readonly entering: readonly NodeId[] }
  /** Who shall lead whenever it can; null: nobody in particular. */
  | { readonly kind: "prefer"; readonly id: NodeId | null };

export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
}

/** Everything that can happen to the core. Time comes with each `step`; `timeMs` is wall time, for entries only. */
export type RaftEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "receive"; readonly message: RaftMessage }
  | { readonly kind: "bootstrap"; readonly member: Member; readonly timeMs: number }
  | { readonly kind: "propose"; readonly proposals: readonly Proposal[]; readonly timeMs: number }
  | { readonly kind: "change"; readonly id: number; readonly change: ConfigurationChange; readonly timeMs: number }
  | { readonly kind: "read"; readonly ids: readonly number[] }
  | { readonly kind: "transfer"; readonly id: number; readonly to: NodeId | null }
  /** A write has been under way for longer than is allowed. */
  | { readonly kind: "disk-stalled" }
  /** Every persist effect up to this sequence is on disk. */
  | { readonly kind: "persisted"; readonly sequence: number }
  /** Rows up to this index are on disk, so the log behind it may go. */
  | { readonly kind: "rows-durable"; readonly index: number }
  /** A snapshot that `fetch-snapshot` asked for is complete. */
  | { readonly kind: "snapshot-fetched"; readonly snapshot: Snapshot }
  | { readonly kind: "snapshot-failed" };

/** What must become durable, together. */
export interface PersistEffect {
  readonly kind: "persist";
  readonly sequence: number;
  readonly hardState: { readonly currentTerm: number; readonly votedFor: NodeId | null } | null;
  readonly truncateFrom: number | null;
  readonly entries: readonly Entry[];
  /** The fetched snapshot takes the place of log and rows. */
  readonly snapshot: Snapshot | null;
}

/** A refusal, with what the client should know. `leader`: a hint. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly leader: NodeId | null;
}

/** What the core wants done, in the order in which the world must see it. */
export type Effect =
  | { readonly kind: "trace"; readonly event: RaftTrace }
  | PersistEffect
  | { readonly kind: "send"; readonly message: RaftMessage }
  /** These entries are committed: apply them in order. */
  | { readonly kind: "apply"; readonly entries: readonly Entry[] }
  /** The proposal stands in the log at (index, term); its fate comes with `apply` at that index. */
  | { readonly kind: "accepted"; readonly id: number; readonly index: number; readonly term: number }
  | { readonly kind: "refused"; readonly id: number; readonly refusal: Refusal }
  /** The read may be answered once `index` is applied. */
  | { readonly kind: "read-ready"; readonly id: number; readonly index: number }
  | { readonly kind: "transferred"; readonly id: number; readonly leader: NodeId }
  /** Role, term or known leader changed. */
  | { readonly kind: "role"; readonly role: Role; readonly term: number; readonly leader: NodeId | null }
  /** Connect to these members from now on. */
  | { readonly kind: "configuration"; readonly configuration: Configuration; readonly index: number }
  | { readonly kind: "fetch-snapshot"; readonly from: NodeId; readonly atLeastIndex: number }
  /** Entries up to here are needed by nobody. */
  | { readonly kind: "trim"; readonly index: number }
  /** The committed configuration has this node no more: stop. */
  | { readonly kind: "removed"; readonly configurationIndex: number };

/** Roles of the paper's figure 4, and the pre-candidate of the dissertation's 9.6. */
export type Role = "Follower" | "PreCandidate" | "Candidate" | "Leader";

export type { GroupId, NodeId };
