/**
 * What a command comes to, before anything is written. Deciding reads the state and never changes it, so the same code
 * answers at propose and at apply, and a refusal can leave nothing half done.
 */

import type { ErrorCode } from "../errors.ts";
import type { BatchItem } from "./commands.ts";
import type { ImageRecord } from "./image-record.ts";
import type { ReservationRecord } from "./reservation.ts";
import type { ClusterRecord, Happening, KvRecord, LeaseRecord, NodeId, TokenRecord, VmRecord, WorkerRecord } from "./records.ts";

/** One row to write; null deletes it. A decision names each row at most once. */
export type Write =
  /** `formerVersion`: of the record that it replaces or deletes; 0: there was none. */
  | { readonly table: "kv"; readonly key: string; readonly record: KvRecord | null; readonly formerVersion: number }
  | { readonly table: "vm"; readonly key: string; readonly record: VmRecord | null }
  | { readonly table: "worker"; readonly key: NodeId; readonly record: WorkerRecord | null }
  | { readonly table: "image"; readonly key: string; readonly record: ImageRecord | null }
  | { readonly table: "lease"; readonly key: NodeId; readonly record: LeaseRecord }
  /** Follows from the row of the VM: no decision writes it, `apply` does. */
  | { readonly table: "reservation"; readonly key: string; readonly record: ReservationRecord | null }
  | { readonly table: "token"; readonly key: string; readonly record: TokenRecord | null }
  | { readonly table: "cluster"; readonly key: string; readonly record: ClusterRecord }
  /** Whose turn it is by round-robin: the place of a worker in the order of names. */
  | { readonly table: "mark"; readonly key: "turn"; readonly record: number }
  /** What happened, beside what the other rows tell; made by `recordEvent`. */
  | { readonly table: "event"; readonly key: string; readonly record: Happening };

export interface Accepted {
  readonly accepted: true;
  readonly value: unknown;
  readonly writes: readonly Write[];
}

export interface Refused {
  readonly accepted: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly items?: readonly BatchItem[];
}

export type Decision = Accepted | Refused;

/** Where in the log, and when by the leader's clock, a command is decided. */
export interface Moment {
  readonly index: number;
  readonly nowMs: number;
}

export function accept(value: unknown, ...writes: readonly Write[]): Accepted {
  return { accepted: true, value, writes };
}

export function refuse(code: ErrorCode, message: string): Refused {
  return { accepted: false, code, message };
}
