/**
 * Every command that can stand in the log. They travel as JSON text in an envelope that names the client's session,
 * so that a retried request is applied once (rows P6, R6; Ongaro's dissertation, 6.3).
 */

import type { ErrorCode } from "../errors.ts";
import type { ImageCommand } from "./image-record.ts";
import type { HealthFound, Name, NodeId, VmExit, VmObserved, VmSpec, DriverName } from "./records.ts";

/** One operation on the tree (row S1). `ifVersion` 0 means: only if absent. */
export type KvOperation =
  | { readonly kind: "kv-put"; readonly key: string; readonly value: string }
  | { readonly kind: "kv-put-if-absent"; readonly key: string; readonly value: string }
  | { readonly kind: "kv-cas"; readonly key: string; readonly value: string; readonly ifVersion?: number; readonly ifValue?: string }
  | { readonly kind: "kv-delete"; readonly key: string; readonly ifVersion?: number };

export type VmCommand =
  | { readonly kind: "vm-create"; readonly spec: VmSpec; readonly uuid: string; readonly start: boolean; readonly node?: NodeId }
  /** `again`: by the restart policy, if this generation is still what ended. */
  | { readonly kind: "vm-start"; readonly name: Name; readonly again?: StartAgain }
  /** `graceMs`: how long the guest may take to obey; then it is forced. */
  | { readonly kind: "vm-stop"; readonly name: Name; readonly force: boolean; readonly graceMs?: number }
  | { readonly kind: "vm-pause"; readonly name: Name }
  | { readonly kind: "vm-resume"; readonly name: Name }
  /** Ends the process as a stop does, and starts another. */
  | { readonly kind: "vm-restart"; readonly name: Name; readonly force: boolean; readonly graceMs?: number }
  | { readonly kind: "vm-delete"; readonly name: Name }
  /** The VM is to move; `to`: where, if not where the scheduler likes. */
  | { readonly kind: "vm-migrate"; readonly name: Name; readonly to?: NodeId }
  /** A VM that is to move, and has ended where it was, gets its new owner. */
  | { readonly kind: "vm-switch"; readonly name: Name; readonly uuid: string; readonly generation: number }
  /** A task whose attempt has failed, or that waited for a place, gets a worker for the next. */
  | { readonly kind: "vm-retry"; readonly name: Name; readonly uuid: string; readonly generation: number }
  /** The VM is to move with its memory. */
  | { readonly kind: "vm-carry"; readonly name: Name; readonly to?: NodeId }
  /** The target of the move that began at entry `move` has all of the memory. */
  | { readonly kind: "vm-hand-over"; readonly name: Name; readonly uuid: string; readonly node: NodeId; readonly generation: number; readonly move: number }
  /** That move is given up. */
  | { readonly kind: "vm-keep"; readonly name: Name; readonly uuid: string; readonly move: number; readonly reason: string }
  /** Its start was not confirmed in time: it is ended where it is, and placed anew. */
  | { readonly kind: "vm-rollback"; readonly name: Name; readonly uuid: string; readonly generation: number }
  /** It makes way for the VM `by`, which has a higher priority and waits. */
  | { readonly kind: "vm-preempt"; readonly name: Name; readonly uuid: string; readonly generation: number; readonly by: Name }
  /** A VM that waits for room gets it. */
  | { readonly kind: "vm-admit"; readonly name: Name; readonly uuid: string; readonly generation: number }
  /** The VM leaves a worker whose lease has expired. */
  | { readonly kind: "vm-reassign"; readonly name: Name; readonly uuid: string; readonly from: NodeId; readonly generation: number }
  | {
      readonly kind: "vm-report";
      readonly name: Name;
      readonly uuid: string;
      readonly node: NodeId;
      readonly generation: number;
      /** `gone`: the driver deleted it; the record goes (row P7). */
      readonly observed: Exclude<VmObserved, "pending"> | "gone";
      readonly exit: VmExit | null;
      readonly failure: string | null;
      /** Of a task that ended: the end of what it wrote. */
      readonly output?: string;
    };

/** The owner's health check of a VM came to another result. It changes nothing that the specification tracks. */
export interface HealthReport {
  readonly kind: "health-report";
  readonly name: Name;
  readonly uuid: string;
  readonly node: NodeId;
  readonly generation: number;
  readonly health: HealthFound["state"];
  /** Why it is unhealthy, for people. */
  readonly detail: string;
}

/** It has run for so long that its policy counts its starts anew. It changes nothing that the specification tracks. */
export interface SteadyReport {
  readonly kind: "steady-report";
  readonly name: Name;
  readonly uuid: string;
  readonly node: NodeId;
  readonly generation: number;
}

export interface StartAgain {
  readonly uuid: string;
  readonly generation: number;
  /** Counts from 1. */
  readonly attempt: number;
}

export type WorkerCommand =
  | {
      readonly kind: "worker-register";
      readonly node: NodeId;
      readonly name: Name;
      readonly cpus: number;
      readonly memoryMib: number;
      readonly diskMib: number;
      readonly drivers: readonly DriverName[];
      /** Absent: as they were. */
      readonly labels?: readonly string[];
      /** Absent: none. */
      readonly bridges?: readonly string[];
    }
  /** `drained` is said by the leader, once no VM is left. */
  | { readonly kind: "worker-admin"; readonly node: NodeId; readonly admin: "active" | "draining" | "drained" }
  | { readonly kind: "worker-remove"; readonly node: NodeId };

/** `epoch`: of the lease that is replaced (0: none), or that expired. */
export type LeaseCommand =
  | { readonly kind: "lease-acquire"; readonly node: NodeId; readonly epoch: number; readonly leaseMs: number; readonly killBudgetMs: number }
  /** `asserted`: the operator who says that the machine is off. */
  | { readonly kind: "lease-expire"; readonly node: NodeId; readonly epoch: number; readonly asserted?: string };

export type ClusterCommand =
  | { readonly kind: "cluster-init"; readonly clusterId: string }
  | { readonly kind: "token-create"; readonly tokenId: string; readonly sha256: string; readonly name: Name; readonly ttlMs: number }
  | { readonly kind: "token-use"; readonly tokenId: string; readonly sha256: string; readonly name: Name; readonly node: NodeId };

/** `batch` applies its operations atomically: all or none, with a result per item (row S2). */
export type BatchCommand = { readonly kind: "kv-batch"; readonly operations: readonly KvOperation[] };

export type Command = KvOperation | BatchCommand | VmCommand | HealthReport | SteadyReport | WorkerCommand | LeaseCommand | ClusterCommand | ImageCommand;

/** A command with its client session. */
export interface Envelope {
  /** UUID of the client's session. */
  readonly client: string;
  /** Counts from 1 within the session; the same number is the same request. */
  readonly sequence: number;
  /** Every sequence below this one was answered, so its reply may be forgotten. */
  readonly acknowledged: number;
  /**
   * Applied index that the client had heard of when it opened its session. With it, a session that was displaced by
   * newer ones is told from a new one, so that not even its unanswered requests are applied twice.
   */
  readonly opened?: number;
  readonly command: Command;
}

/** `value` of an accepted `kv-put`, `kv-put-if-absent`, `kv-cas`. */
export interface KvWritten {
  readonly version: number;
}

/** `value` of an accepted `kv-delete`: the version that was deleted. */
export interface KvDeleted {
  readonly version: number;
}

/** Result of one operation of a batch. `withheld`: nothing is wrong with it, but another operation was refused. */
export type BatchItem =
  | { readonly outcome: "written"; readonly version: number }
  | { readonly outcome: "deleted"; readonly version: number }
  | { readonly outcome: "withheld" }
  | { readonly outcome: "refused"; readonly code: ErrorCode; readonly message: string };

/** `value` of an accepted `kv-batch`. */
export interface BatchWritten {
  readonly items: readonly BatchItem[];
}

/** `value` of an accepted `vm-create`. */
export interface VmCreated {
  readonly uuid: string;
  readonly node: NodeId;
  readonly score: number;
  readonly generation: number;
}

/** `value` of an accepted command about a VM but `vm-create`. `changed` is false for a repetition. */
export interface VmAnswered {
  readonly uuid: string;
  readonly node: NodeId;
  readonly generation: number;
  readonly changed: boolean;
}

/** `value` of an accepted `worker-register`, `worker-remove`. */
export interface WorkerAnswered {
  readonly changed: boolean;
}

/** `value` of an accepted `lease-acquire`, `lease-expire`. */
export interface LeaseGranted {
  readonly epoch: number;
}

/** `value` of an accepted `cluster-init`, `token-use`. */
export interface ClusterAnswered {
  readonly clusterId: string;
}

/** `value` of an accepted `token-create`. */
export interface TokenCreated {
  readonly tokenId: string;
  readonly expiresAtMs: number;
}

/** What `apply` answers. A refusal is a reply, not an exception. */
export type Reply = Acceptance | Refusal;

export interface Acceptance {
  readonly ok: true;
  readonly index: number;
  /** One of the interfaces above, by the command's kind. */
  readonly value: unknown;
}

export interface Refusal {
  readonly ok: false;
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Of a refused `kv-batch`: each operation's result. */
  readonly items?: readonly BatchItem[];
}
