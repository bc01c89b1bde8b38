/** Whose data directory it is. */

import { assert } from "../assert.ts";
import { UserError } from "../errors.ts";
import type { StoredIdentity } from "./storage.ts";

/** What a caller knows of the node that it wants to start. */
export interface ExpectedIdentity {
  readonly nodeId?: string;
  readonly name?: string;
  readonly clusterId?: string | null;
}

/**
 * Refuses the data directory of another node or cluster: a node that ran with the log and the vote of another could vote
 * twice in a term. What `expected` leaves out is not compared; a node without cluster may become part of any.
 */
export function refuseForeign(directory: string, stored: StoredIdentity, expected: ExpectedIdentity): void {
  const differs = (what: string, found: string, wanted: string): never => {
    throw new UserError("DATA_DIR_FOREIGN", `The data directory ${directory} belongs to ${what} ${found}, not to ${wanted}.`, {
      node: stored.name,
      next: "Name the data directory of this node, or an empty one for a new node.",
    });
  };
  if (expected.name !== undefined && expected.name !== stored.name) differs("node", stored.name, expected.name);
  if (expected.nodeId !== undefined && expected.nodeId !== stored.nodeId) differs("node", stored.nodeId, expected.nodeId);
  if (expected.clusterId === undefined || stored.clusterId === null || expected.clusterId === stored.clusterId) return;
  differs("cluster", stored.clusterId, expected.clusterId ?? "no cluster");
}

/** The identity is written once; later only the cluster is filled in, the name may change, and starts are counted. */
export function checkIdentityChange(directory: string, stored: StoredIdentity | null, next: StoredIdentity): void {
  if (stored === null) return;
  refuseForeign(directory, stored, { nodeId: next.nodeId, clusterId: next.clusterId });
  assert(next.incarnation >= stored.incarnation, "the count of starts never goes back");
}
