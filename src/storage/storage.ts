/**
 * What a node asks of its disk. One write is one transaction and one fsync for all groups; when its promise fulfils,
 * everything in it survives a power cut. When it rejects, the node must stop: nothing may be written after it.
 */

import type { Entry } from "../entry.ts";
import type { Configuration } from "../raft/configuration.ts";
import type { GroupId, NodeId } from "../raft/message.ts";

/** Term and vote (the paper's figure 2, persistent state). */
export interface HardState {
  readonly currentTerm: number;
  readonly votedFor: NodeId | null;
}

/** How far the stored rows reach, and the configuration in force there. */
export interface AppliedState {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  /** Index of the entry that carried `configuration`. */
  readonly configurationIndex: number;
}

/** A row of the replicated state. The strings are well-formed Unicode: half of a surrogate pair is a broken law. */
export interface Row {
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/** One change of a row; `null` deletes. */
export interface RowWrite {
  readonly table: string;
  readonly key: string;
  readonly value: string | null;
}

/** What one group has to write, in this order: replace, truncate, append, hard state, rows, trim. */
export interface GroupWrite {
  readonly group: GroupId;
  /** Install a snapshot: all log entries and rows of the group go first. `applied` and `rows` of this write, and `stagedSnapshot`, take their place. */
  readonly replace?: boolean;
  /** Rows were staged by `stageSnapshot` under this token; they become the rows of the group. Goes with `replace`. */
  readonly stagedSnapshot?: string;
  /** Entries at this index and above go. */
  readonly truncateFrom?: number;
  /** Consecutive; follow the log's end after `truncateFrom`. Kept packed, one database row a run. */
  readonly entries?: readonly Entry[];
  readonly hardState?: HardState;
  readonly rows?: readonly RowWrite[];
  readonly applied?: AppliedState;
  /** Entries at this index and below may go. Never beyond `applied.index`. */
  readonly trimTo?: number;
}

/** What a group finds after a restart. */
export interface StoredGroup {
  readonly group: GroupId;
  readonly hardState: HardState;
  readonly applied: AppliedState;
  /** Index and term of the entry just before the first of `entries`: (0, 0) for a log never trimmed. */
  readonly logStart: { readonly index: number; readonly term: number };
  /** Consecutive, from `logStart.index + 1`. May begin before `applied.index`. */
  readonly entries: readonly Entry[];
  readonly rows: readonly Row[];
}

/** Takes rows of a group while they are read. */
export type TakeRows = (group: GroupId, rows: readonly Row[]) => void;

/** Who this data directory belongs to. Written once. */
export interface StoredIdentity {
  readonly nodeId: NodeId;
  readonly name: string;
  /** Null until the node was initialised or joined. */
  readonly clusterId: string | null;
  /** Counts starts of the daemon. */
  readonly incarnation: number;
  /** Index of the committed configuration that has this node no more. Ids are never used again, so it cannot come back. */
  readonly removedAt?: number;
  /** Of the cluster, which counts its recoveries from a lost quorum; absent: 1, the first. */
  readonly epoch?: number;
  /** True while a recovery or restoring is under way: no daemon starts on what it may have left half done. */
  readonly unfinished?: true;
}

/** A place between two pages of one snapshot. */
export interface SnapshotMark {
  /** Table and key of the last row that was read from the database before; null: none was. */
  readonly after: readonly [string, string] | null;
  readonly count: number;
  readonly sum: number;
  /** Rows behind `after` that were given out already. */
  readonly skip: number;
}

/** A consistent view of one group for a follower: all pages come from one read transaction. */
export interface SnapshotReader {
  readonly applied: AppliedState;
  /** The next rows, at most about `maxBytes` of them; empty at the end. */
  next(maxBytes: number): Promise<readonly Row[]>;
  /** Where the next page will begin. Not while one is being read. */
  mark(): SnapshotMark;
  /** The next page begins at `mark`. */
  rewind(mark: SnapshotMark): void;
  close(): Promise<void>;
}

export interface StorageStatus {
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** Time of recent fsyncing writes, milliseconds. */
  readonly writeP50Ms: number;
  readonly writeP99Ms: number;
  readonly writes: number;
}

export interface Storage {
  /** Reads the identity, or undefined for a new directory. */
  identity(): Promise<StoredIdentity | undefined>;
  /** Writes the identity durably. */
  setIdentity(identity: StoredIdentity): Promise<void>;
  /**
   * Every group on disk, checksums verified; a damaged one is `UserError DATABASE_DAMAGED`. `take` gets the rows as they come
   * and the answer is without them: a million need not be held twice, nor wait for the last.
   */
  load(take?: TakeRows): Promise<readonly StoredGroup[]>;
  /** One transaction, one fsync. One at a time: the caller waits before it writes again. */
  write(writes: readonly GroupWrite[]): Promise<void>;
  /** Opens a snapshot of what is durable now. */
  openSnapshot(group: GroupId): Promise<SnapshotReader>;
  /** Puts rows of a snapshot that is being received aside. `first` empties the place. Survives nothing by itself. */
  stageSnapshot(group: GroupId, token: string, rows: readonly Row[], first: boolean): Promise<void>;
  status(): StorageStatus;
  close(): Promise<void>;
}
