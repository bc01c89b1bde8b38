/** Which node this is: row M7. */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Storage, StoredIdentity } from "../storage/storage.ts";
import type { DaemonConfig } from "./config.ts";

/** Who this directory belongs to; a new one gets an id that is never used again. */
export async function identify(storage: Storage, config: DaemonConfig): Promise<StoredIdentity> {
  const stored = await storage.identity();
  if (stored !== undefined && stored.name !== config.name) {
    throw new UserError("DATA_DIR_FOREIGN", `${config.dataDir} belongs to node ${stored.name} (${stored.nodeId}), not to ${config.name}`, {
      next: `Start with --id ${stored.name}, or with another --data-dir.`,
    });
  }
  const before = stored ?? { nodeId: randomUUID(), name: config.name, clusterId: null, incarnation: 0 };
  const identity = { ...before, incarnation: before.incarnation + 1 };
  await storage.setIdentity(identity);
  return identity;
}
