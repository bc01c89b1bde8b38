/** What clients and operators ask of nodes, and how one attempt ends: the same words that the daemon uses. */

import type { Envelope, Reply } from "../machine/commands.ts";
import type { ConfigurationChange, Refusal } from "../raft/event.ts";
import type { NodeId } from "../raft/message.ts";

export type Question =
  | { readonly kind: "submit"; readonly envelope: Envelope }
  | { readonly kind: "read-index" }
  | { readonly kind: "change"; readonly change: ConfigurationChange }
  | { readonly kind: "transfer"; readonly to: NodeId | null }
  | { readonly kind: "renew-lease"; readonly node: NodeId; readonly epoch: number };

export type Attempt =
  | { readonly kind: "replied"; readonly reply: Reply }
  | { readonly kind: "changed"; readonly index: number }
  | { readonly kind: "readable"; readonly index: number }
  | { readonly kind: "transferred"; readonly leader: NodeId }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "renewed"; readonly granted: boolean }
  | { readonly kind: "lost"; readonly replaced: boolean };
