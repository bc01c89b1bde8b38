/** What a daemon tells the transport towards peers, and what it is told beside messages. */

import type { NodeId } from "../raft/message.ts";
import type { Security } from "./credentials.ts";
import type { DialLimits } from "./dialler.ts";
import type { PeerHandlers } from "./transport.ts";

/** Every bound and every wait. */
export interface PeerLimits extends DialLimits {
  /** Messages and bytes that may wait for one peer. */
  readonly queueCount: number;
  readonly queueBytes: number;
  /** Forwarded requests to one peer, and from one peer, that may be unanswered. */
  readonly forwardsInFlight: number;
  /** The longest silence within a snapshot. */
  readonly snapshotSilenceMs: number;
}

export const defaultPeerLimits: PeerLimits = {
  connectTimeoutMs: 2000,
  firstBackoffMs: 50,
  maxBackoffMs: 500,
  queueCount: 4096,
  queueBytes: 16 * 1024 * 1024,
  forwardsInFlight: 1024,
  snapshotSilenceMs: 10_000,
};

/** What is worth a line in the log. A trouble that repeats is told once. */
export type PeerEvent =
  /** Someone greeted who does not belong here. */
  | { readonly kind: "refused-peer"; readonly peer: NodeId; readonly address: string; readonly reason: string }
  /** The peer does not want to talk to this node. */
  | { readonly kind: "refused-by-peer"; readonly peer: NodeId; readonly reason: string }
  | { readonly kind: "unreachable"; readonly peer: NodeId; readonly reason: string }
  /** The peer sent what no peer sends; its stream was closed. */
  | { readonly kind: "malformed"; readonly peer: NodeId; readonly reason: string }
  /** A snapshot that broke off goes on behind so many pages. */
  | { readonly kind: "snapshot-resumed"; readonly peer: NodeId; readonly received: number; readonly reason: string }
  /** A handler of ours threw something other than a `UserError`. */
  | { readonly kind: "failed"; readonly peer: NodeId; readonly error: unknown };

export interface PeerTransportOptions {
  /** `address`: where this node listens, as others dial it. */
  readonly self: { readonly id: NodeId; readonly address: string; readonly incarnation: number };
  /** Empty while this node belongs to no cluster: then it neither dials nor lets anyone in. */
  readonly clusterId: () => string;
  /** Of the cluster; members of another one are refused on both sides. Default: always 1, the first. */
  readonly epoch?: () => number;
  readonly security: Security;
  readonly handlers: PeerHandlers;
  readonly limits?: Partial<PeerLimits>;
  readonly report?: (event: PeerEvent) => void;
}
