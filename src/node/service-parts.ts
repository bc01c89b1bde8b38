/** What every service of the daemon needs, and the few things that they all do. */

import { UserError } from "../errors.ts";
import type { Command, Envelope } from "../machine/commands.ts";
import type { Replica } from "../replica/replica.ts";
import type { Freshness, Read, RequestId } from "../transport/messages.generated.ts";
import type { CallContext } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { Attempts } from "./attempts.ts";
import type { Followers } from "./followers.ts";
import type { Requests } from "./requests.ts";
import { freshness } from "./views.ts";

export interface ServiceParts {
  readonly replica: Replica;
  readonly requests: Requests;
  readonly attempts: Attempts;
  readonly clusterId: () => string;
  /** Of the cluster; grows with each recovery from a lost quorum. */
  readonly epoch: () => number;
  readonly followers: Followers;
}

/** The answer must reach the client before it gives up. */
const answerReserveMs = 50;

/** How long the daemon may work on a call. */
export function timeoutOf(context: CallContext): number {
  return Math.max(1, context.deadlineMs - Math.min(answerReserveMs, context.deadlineMs / 10));
}

/** Puts a command into its client's session. */
export function envelopeOf(request: RequestId | null, command: Command): Envelope {
  if (request === null || request.client === "" || request.sequence < 1) {
    throw new UserError("INVALID_ARGUMENT", "the request has no id, so it could not be repeated safely", {
      next: "Send `request` with a client id and a sequence from 1 on.",
    });
  }
  const { client, sequence, acknowledged, opened } = request;
  return { client, sequence, acknowledged: Math.max(1, acknowledged), ...(opened === null ? {} : { opened }), command };
}

/** Refuses work on a node that belongs to no cluster. */
export function requireCluster(parts: ServiceParts): void {
  if (parts.clusterId() !== "") return;
  throw new UserError("NOT_INITIALIZED", "this node belongs to no cluster yet", {
    node: parts.replica.raft.self,
    next: "Run `blixard cluster init` on the first node, `blixard cluster join` on every other.",
  });
}

/** Waits, for a consistent read, until this node has all that was committed; tells how fresh the answer is. */
export async function readAs(parts: ServiceParts, read: Read | null, context: CallContext): Promise<Init<Freshness>> {
  requireCluster(parts);
  const consistent = read?.consistent ?? false;
  if (consistent) await parts.requests.linearize(timeoutOf(context));
  return freshness(parts.replica, consistent);
}
