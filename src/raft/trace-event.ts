/**
 * The lines that the core writes: one per step that `spec/Raft.tla` knows, under the name of the spec's action. The
 * daemon adds node, incarnation, sequence and logical clock.
 */

import type { Entry } from "../entry.ts";
import type { Configuration } from "./configuration.ts";
import type { Role } from "./event.ts";
import type { NodeId } from "./message.ts";

/** The state after the step, as far as each line repeats it. */
export interface TracedState {
  readonly term: number;
  readonly role: Role;
  readonly lastLogIndex: number;
  readonly commitIndex: number;
}

interface FromMessage {
  readonly from: NodeId;
  /** Term of the message. */
  readonly messageTerm: number;
}

export type RaftStep =
  | { readonly event: "Bootstrap"; readonly voters: readonly NodeId[] }
  | { readonly event: "Restart"; readonly votedFor: NodeId | null; readonly lastLogTerm: number; readonly electionTimeoutMs: number; readonly localMs: number }
  | { readonly event: "BecomePreCandidate" }
  | { readonly event: "Timeout" }
  | { readonly event: "BecomeLeader" }
  | { readonly event: "StepDown"; readonly reason: string }
  /** `localMs`: now, by this node's clock; `heardMs`: when it heard a leader last. */
  | ({
      readonly event: "HandlePreVoteRequest";
      readonly lastLogIndexAsked: number;
      readonly lastLogTermAsked: number;
      readonly localMs: number;
      readonly heardMs: number;
      readonly granted: boolean;
    } & FromMessage)
  | ({ readonly event: "HandlePreVoteResponse"; readonly granted: boolean } & FromMessage)
  | ({
      readonly event: "HandleRequestVoteRequest";
      readonly lastLogIndexAsked: number;
      readonly lastLogTermAsked: number;
      readonly transfer: boolean;
      readonly localMs: number;
      readonly heardMs: number;
      readonly granted: boolean;
    } & FromMessage)
  | ({ readonly event: "HandleRequestVoteResponse"; readonly granted: boolean } & FromMessage)
  | { readonly event: "ClientRequest"; readonly entries: readonly Entry[] }
  | { readonly event: "ChangeConfiguration" | "EnterJoint"; readonly configuration: Configuration }
  | { readonly event: "LeaveJoint" }
  | {
      readonly event: "AppendEntries";
      readonly to: NodeId;
      readonly prevLogIndex: number;
      readonly prevLogTerm: number;
      readonly entries: readonly Entry[];
      readonly leaderCommit: number;
    }
  | ({
      readonly event: "HandleAppendEntriesRequest";
      readonly prevLogIndex: number;
      readonly prevLogTerm: number;
      readonly entries: readonly Entry[];
      readonly leaderCommit: number;
      readonly success: boolean;
      readonly matchIndex: number;
    } & FromMessage)
  | ({ readonly event: "HandleAppendEntriesResponse"; readonly success: boolean; readonly matchIndex: number } & FromMessage)
  | { readonly event: "AdvanceCommitIndex" }
  | { readonly event: "Persist"; readonly count: number }
  /** `sentMs`: when the round's heartbeats left, by this node's clock. */
  | { readonly event: "ReadIndex"; readonly round: number; readonly sentMs: number }
  | { readonly event: "AcknowledgeRound"; readonly from: NodeId; readonly round: number; readonly promiseMs: number; readonly localMs: number }
  | { readonly event: "ServeRead"; readonly round: number; readonly index: number }
  | { readonly event: "ServeLeaseRead"; readonly round: number; readonly localMs: number; readonly driftPpm: number }
  | { readonly event: "AskReadIndex"; readonly to: NodeId }
  | ({ readonly event: "ServeForwardedRead"; readonly round: number; readonly index: number } & FromMessage)
  | { readonly event: "TransferLeadership"; readonly to: NodeId }
  | ({ readonly event: "HandleTimeoutNowRequest" } & FromMessage)
  | { readonly event: "OfferSnapshot"; readonly to: NodeId }
  | { readonly event: "InstallSnapshot"; readonly index: number; readonly snapshotTerm: number; readonly leader: NodeId }
  | ({ readonly event: "HandleInstallSnapshotRequest" } & FromMessage)
  | { readonly event: "Removed"; readonly configurationIndex: number };

export type RaftTrace = RaftStep & TracedState;
