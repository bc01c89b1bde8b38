/** Which node this is: row M7. */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Storage, StoredIdentity } from "../storage/storage.ts";
import type { DaemonConfig } from "./config.ts";

/** Why a node that was removed does not start, and what its operator can do. */
function removedError({ nodeId, name, clusterId, removedAt }: StoredIdentity): UserError {
  const message = `node ${name} was removed from the cluster ${clusterId ?? ""} by its configuration ${removedAt}; its id is not used again`;
  const next = "To take part again, start it with an empty --data-dir, make a token with `blixard cluster token`, and join.";
  return new UserError("REMOVED", message, { node: nodeId, next });
}

/** Who this directory belongs to; a new one gets an id that is never used again. */
export async function identify(storage: Storage, config: DaemonConfig): Promise<StoredIdentity> {
  const stored = await storage.identity();
  if (stored !== undefined && stored.name !== config.name) {
    throw new UserError("DATA_DIR_FOREIGN", `${config.dataDir} belongs to node ${stored.name} (${stored.nodeId}), not to ${config.name}`, {
      next: `Start with --id ${stored.name}, or with another --data-dir.`,
    });
  }
  if (stored?.unfinished === true) {
    throw new UserError("WRONG_STATE", `a recovery of ${config.dataDir} was interrupted`, {
      node: stored.nodeId,
      next: "Run `blixard cluster recover` on it again; after an interrupted `cluster restore`, restore into another directory.",
    });
  }
  if (stored?.removedAt !== undefined) throw removedError(stored);
  const before = stored ?? { nodeId: randomUUID(), name: config.name, clusterId: null, incarnation: 0 };
  const identity = { ...before, incarnation: before.incarnation + 1 };
  await storage.setIdentity(identity);
  return identity;
}
