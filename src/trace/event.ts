/**
 * The lines of a trace. Each line is one JSON object: one step of one group on one node, under the name of the spec's
 * action. `trace.schema.json` says the same for tools; a test holds the two together.
 */

import type { Role } from "../raft/event.ts";
import type { TracedRoomChange, TracedSize, TracedVmCommand } from "./traced-command.ts";

export type { TracedRoomChange, TracedSize, TracedVmCommand } from "./traced-command.ts";

/** What every line carries. Lines of one node have consecutive `seq` and growing `clock`, across restarts too. */
export interface TraceStamp {
  /** Raft group, or `node` for the header. */
  readonly group: string;
  /** UUID of the node. */
  readonly node: string;
  /** Counts starts of the daemon. */
  readonly incarnation: number;
  /** Counts the node's lines from 1. */
  readonly seq: number;
  /** Lamport's logical clock: a line that could know of another has the larger clock. */
  readonly clock: number;
}

/** Members by id. `outgoing` is there in a joint configuration only: who voted before the change. */
export interface TracedConfiguration {
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly outgoing?: readonly string[];
}

/** Entries as a trace tells them, runs of ordinary commands joined. `count` 1 for all other kinds. */
export type TracedEntries =
  | { readonly kind: "command"; readonly term: number; readonly count: number }
  | { readonly kind: "noop"; readonly term: number; readonly count: 1 }
  | ({ readonly kind: "configuration"; readonly term: number; readonly count: 1 } & TracedConfiguration)
  | { readonly kind: "vm"; readonly term: number; readonly count: 1; readonly command: TracedVmCommand };

/** A VM in the replicated state. */
export interface TracedVm {
  readonly uuid: string;
  readonly owner: string;
  readonly desired: string;
  readonly observed: string;
  readonly generation: number;
  readonly move?: TracedMove;
}

/**
 * What an applied entry did to a VM. `absent` stands for both desired and observed where there is no record. `uuid`,
 * `owner` and `generation` as after the step; of a VM that goes, its last.
 */
export interface TracedVmChange {
  /** Index of the entry. */
  readonly index: number;
  readonly vm: string;
  readonly uuid: string;
  readonly owner: string;
  readonly generation: number;
  readonly fromDesired: string;
  readonly fromObserved: string;
  readonly toDesired: string;
  readonly toObserved: string;
  /** The move that is under way after the step; not there when none is. */
  readonly move?: TracedMove;
}

/**
 * A VM is to move. `index`: of the entry that began it; `to`: the worker that was asked for, or `""`; `restart`: it runs again
 * there; `live`: with its memory, and then `to` is the worker that was chosen.
 */
export interface TracedMove {
  readonly index: number;
  readonly to: string;
  readonly restart: boolean;
  readonly live: boolean;
  /** For which VM it makes way; not there when for none. */
  readonly by?: string;
}

/** The lease of a worker in the replicated state. `epoch`: index of the entry that granted it. */
export interface TracedLease {
  readonly node: string;
  readonly epoch: number;
  readonly held: boolean;
}

/** First line of every file. */
export interface TraceHeader extends TraceStamp {
  readonly event: "Header";
  readonly schema: 1;
  readonly name: string;
  readonly cluster: string;
  readonly version: string;
  /** Wall clock, for people only. */
  readonly timeMs: number;
}

/** State of consensus after the step. */
export interface TracedConsensus {
  readonly term: number;
  readonly role: Role;
  readonly lastLogIndex: number;
  readonly commitIndex: number;
}

interface Received {
  readonly from: string;
  readonly messageTerm: number;
}

/**
 * The cluster is founded anew, in another epoch, on what one node has: the first line of a run. `formerTerm`: term of the
 * last entry that was kept. `seen`: the generation that `observed` speaks of.
 */
export interface TracedRecovery {
  readonly event: "Recover";
  readonly epoch: number;
  readonly formerTerm: number;
  readonly digest: string;
  readonly vms: readonly (TracedVm & { readonly vm: string; readonly seen: number; readonly size?: TracedSize; readonly room?: string })[];
  readonly leases?: readonly TracedLease[];
  readonly offers?: readonly { readonly node: string; readonly cpus: number; readonly memoryMib: number }[];
}

/**
 * The steps of `spec/Raft.tla`. `Bootstrap`, `ChangeConfiguration` and `EnterJoint` list voters and learners by id, as
 * they are after the change.
 */
export type TracedRaftStep =
  | { readonly event: "Bootstrap"; readonly voters: readonly string[] }
  | TracedRecovery
  | { readonly event: "Restart"; readonly votedFor: string; readonly lastLogTerm: number; readonly electionTimeoutMs: number; readonly localMs: number }
  | { readonly event: "BecomePreCandidate" | "Timeout" | "BecomeLeader" | "AdvanceCommitIndex" | "LeaveJoint" }
  | { readonly event: "StepDown"; readonly reason: string }
  | ({
      readonly event: "HandlePreVoteRequest";
      readonly lastLogIndexAsked: number;
      readonly lastLogTermAsked: number;
      /** By this node's clock: now, and when it heard a leader last, or started. */
      readonly localMs: number;
      readonly heardMs: number;
      readonly granted: boolean;
    } & Received)
  | ({
      readonly event: "HandleRequestVoteRequest";
      readonly lastLogIndexAsked: number;
      readonly lastLogTermAsked: number;
      readonly transfer: boolean;
      readonly localMs: number;
      readonly heardMs: number;
      readonly granted: boolean;
    } & Received)
  | ({ readonly event: "HandlePreVoteResponse" | "HandleRequestVoteResponse"; readonly granted: boolean } & Received)
  | { readonly event: "ClientRequest"; readonly entries: readonly TracedEntries[] }
  | { readonly event: "ChangeConfiguration" | "EnterJoint"; readonly voters: readonly string[]; readonly learners: readonly string[] }
  | {
      readonly event: "AppendEntries";
      readonly to: string;
      readonly prevLogIndex: number;
      readonly prevLogTerm: number;
      readonly entries: readonly TracedEntries[];
      readonly leaderCommit: number;
    }
  | ({
      readonly event: "HandleAppendEntriesRequest";
      readonly prevLogIndex: number;
      readonly prevLogTerm: number;
      readonly entries: readonly TracedEntries[];
      readonly leaderCommit: number;
      readonly success: boolean;
      readonly matchIndex: number;
    } & Received)
  | ({ readonly event: "HandleAppendEntriesResponse"; readonly success: boolean; readonly matchIndex: number } & Received)
  | { readonly event: "Persist"; readonly count: number }
  | { readonly event: "TransferLeadership" | "OfferSnapshot" | "AskReadIndex"; readonly to: string }
  | { readonly event: "ReadIndex"; readonly round: number; readonly sentMs: number }
  | { readonly event: "AcknowledgeRound"; readonly from: string; readonly round: number; readonly promiseMs: number; readonly localMs: number }
  | { readonly event: "ServeRead"; readonly round: number; readonly index: number }
  | { readonly event: "ServeLeaseRead"; readonly round: number; readonly localMs: number; readonly driftPpm: number }
  | ({ readonly event: "ServeForwardedRead"; readonly round: number; readonly index: number } & Received)
  | ({ readonly event: "HandleTimeoutNowRequest" | "HandleInstallSnapshotRequest" } & Received)
  | { readonly event: "InstallSnapshot"; readonly index: number; readonly snapshotTerm: number; readonly leader: string }
  | { readonly event: "Removed"; readonly configurationIndex: number };

/** The steps of `spec/Cluster.tla`: what is applied, and what the executor does with VMs. */
export type TracedClusterStep =
  | {
      readonly event: "Apply";
      /** Index of the last entry applied by this step. */
      readonly index: number;
      /** Digest of the replicated state at some indices: every 64th, and where a VM changed. */
      readonly digests: readonly { readonly index: number; readonly digest: string }[];
      readonly vmChanges: readonly TracedVmChange[];
      /** What lease entries did; not there when they did nothing. */
      readonly leaseChanges?: readonly (TracedLease & { readonly index: number })[];
      /** What became of reservations and offers; not there when nothing did. */
      readonly roomChanges?: readonly TracedRoomChange[];
      /** Configuration entries among what was applied, as the daemon now reports them. */
      readonly configurations: readonly ({ readonly index: number } & TracedConfiguration)[];
    }
  /** A snapshot's rows took the place of the replicated state. `vms`: every VM record in it. */
  | {
      readonly event: "ApplySnapshot";
      readonly index: number;
      readonly digest: string;
      readonly vms: readonly (TracedVm & { readonly vm: string })[];
      /** Every lease; not there when there is none. */
      readonly leases?: readonly TracedLease[];
    }
  /** Rows read back at a restart, same form. */
  | {
      readonly event: "RestoreRows";
      readonly index: number;
      readonly digest: string;
      readonly vms: readonly (TracedVm & { readonly vm: string })[];
      readonly leases?: readonly TracedLease[];
    }
  /** The executor is about to start a process for the VM. `atMs`: when, of a task, by the machine's clock since its boot. */
  | { readonly event: "LaunchVm"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly atMs?: number }
  /** The attempt at a task has taken too long, by the same clock, and is about to be ended. */
  | { readonly event: "TimeOutTask"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly atMs: number }
  /** The driver confirmed that the process runs and the guest is ready. */
  | { readonly event: "VmReady"; readonly vm: string; readonly uuid: string; readonly generation: number }
  /** A daemon found the VM's process running after its own restart. */
  | { readonly event: "AdoptVm"; readonly vm: string; readonly uuid: string; readonly generation: number }
  /** The driver confirmed that the guest stands still. */
  | { readonly event: "PauseVm"; readonly vm: string; readonly uuid: string; readonly generation: number }
  /** The executor asks the VM to end. */
  | { readonly event: "StopVm"; readonly vm: string; readonly uuid: string; readonly generation: number }
  /** The process is gone; `how` as the driver tells it. */
  | { readonly event: "VmEnded"; readonly vm: string; readonly uuid: string; readonly how: string }
  /** The executor submits what it saw. */
  | {
      readonly event: "ReportVm";
      readonly vm: string;
      readonly uuid: string;
      readonly generation: number;
      readonly observed: string;
      /** Of a task that is told to have timed out; not there otherwise. */
      readonly timedOut?: true;
    }
  /** The target of the move that began at entry `move` is about to start a process that waits for the memory of the VM. */
  | { readonly event: "AwaitVm"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly move: number }
  /** The source has sent all of the memory; the guest stands still. */
  | { readonly event: "SuspendVm"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly move: number }
  /** The target has all of the memory; the guest stands still there too. */
  | { readonly event: "ReceiveVm"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly move: number }
  /** The target asks to become the owner. */
  | { readonly event: "AskHandOver"; readonly vm: string; readonly uuid: string; readonly generation: number; readonly move: number }
  /** The guest is about to go on, after a move with memory: at its new owner, or where it stays. */
  | { readonly event: "ContinueVm"; readonly vm: string; readonly uuid: string; readonly generation: number }
  /** The worker asks for a lease in place of that with this epoch (0: it has none); nothing runs there. */
  | { readonly event: "AskLease"; readonly epoch: number }
  /** The worker holds its lease, by the first renewal that was acknowledged. Further renewals have no line. */
  | { readonly event: "HoldLease"; readonly epoch: number }
  /** The worker could not renew in time by its own clock, and nothing runs there any more. */
  | { readonly event: "LoseLease"; readonly epoch: number }
  /** The leader is about to propose that a start is taken back, which it has seen unconfirmed for so long. */
  | {
      readonly event: "LapseReservation";
      readonly vm: string;
      readonly uuid: string;
      readonly generation: number;
      readonly waitedMs: number;
      readonly ttlMs: number;
    }
  /** The leader is about to propose that the lease of a worker has expired, for these reasons, by its own clock. */
  | {
      readonly event: "ExpireLease";
      readonly worker: string;
      readonly epoch: number;
      /** Since it last acknowledged a renewal, or began to lead. */
      readonly silentMs: number;
      readonly failoverAfterMs: number;
      readonly leaseMs: number;
      readonly killBudgetMs: number;
      readonly driftPermille: number;
      /** Who said that the machine is off; `""`: nobody. */
      readonly asserted: string;
    };

export type TraceEvent = (TracedRaftStep & TracedConsensus) | TracedClusterStep;
export type TraceLine = TraceHeader | (TraceStamp & TraceEvent);
