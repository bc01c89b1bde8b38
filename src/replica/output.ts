/** What a replica tells its shell to do, and when it may do the rest later. */

import type { Reply } from "../machine/commands.ts";
import type { Configuration } from "../raft/configuration.ts";
import type { RaftEvent, Refusal, Role } from "../raft/event.ts";
import type { NodeId, RaftMessage } from "../raft/message.ts";

/** What a shell must do, in the order in which it came. Messages leave only after the trace was flushed. */
export type Output =
  | { readonly kind: "send"; readonly message: RaftMessage; readonly clock: number }
  /** The command of proposal `id` was applied. */
  | { readonly kind: "replied"; readonly id: number; readonly reply: Reply }
  /** A configuration change is committed. */
  | { readonly kind: "changed"; readonly id: number; readonly index: number }
  /** It was never in the log: safe to try elsewhere. */
  | { readonly kind: "refused"; readonly id: number; readonly refusal: Refusal }
  /** It was in the log and another entry took its place there, or a snapshot covered it. */
  | { readonly kind: "lost"; readonly id: number; readonly replaced: boolean }
  /** A consistent read may be answered from the machine now. */
  | { readonly kind: "readable"; readonly id: number; readonly index: number }
  | { readonly kind: "transferred"; readonly id: number; readonly leader: NodeId }
  | { readonly kind: "role"; readonly role: Role; readonly term: number; readonly leader: NodeId | null }
  | { readonly kind: "configuration"; readonly configuration: Configuration; readonly index: number }
  | { readonly kind: "fetch-snapshot"; readonly from: NodeId; readonly atLeastIndex: number }
  | { readonly kind: "applied"; readonly index: number; readonly vmsChanged: boolean }
  | { readonly kind: "removed"; readonly configurationIndex: number };

/** At other events everything that is committed is applied first, for what they lead to may rest on it. */
export function mayApplyLater(event: RaftEvent): boolean {
  if (event.kind === "receive") return event.message.kind === "AppendEntriesRequest";
  return event.kind === "tick" || event.kind === "persisted" || event.kind === "rows-durable";
}
