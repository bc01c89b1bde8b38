/** What a simulated node asks of its disk. Answers come by callback, before virtual time goes on, whoever gives them. */

import type { AppliedState, GroupWrite, Row, StoredGroup } from "../storage/storage.ts";

/** What becomes of a write that is cut off. `torn`: a part of it reached the disk, which a restart must undo. */
export const writeFates = ["kept", "lost", "torn"] as const;
export type WriteFate = (typeof writeFates)[number];

/** A snapshot as it is sent: one consistent view of what is durable. */
export interface SnapshotOnDisk {
  readonly applied: AppliedState;
  readonly rows: readonly Row[];
}

/** What a restart finds. `damaged`: a checksum does not hold; the node must not start. */
export type FoundOnDisk =
  | { readonly kind: "found"; readonly stored: StoredGroup | undefined }
  | { readonly kind: "damaged"; readonly what: string };

export interface NodeDisk {
  /** Transactions that became durable. */
  readonly writes: number;
  load(then: (found: FoundOnDisk) => void): void;
  /** `then`: the transaction is durable. */
  commit(write: GroupWrite, then: () => void): void;
  /** The process or the power ends; `write` is under way, if any. What was staged is gone. */
  crash(write: GroupWrite | null, fate: WriteFate): void;
  /** The disk tells an error for `write`. Storage stops the node; a planted bug may go on. */
  fail(write: GroupWrite, fate: WriteFate): void;
  /** Undefined: there is nothing to send, or it is damaged. */
  readSnapshot(then: (snapshot: SnapshotOnDisk | undefined) => void): void;
  /** Puts rows of a snapshot aside; a crash loses them. */
  stage(token: string, rows: readonly Row[], then: () => void): void;
  /** One bit of what is stored turns, while the node is down. `lot` in [0, 1) says which. */
  flipBit(lot: number): void;
  /** Everything on it is gone. */
  wipe(): void;
}
