/** A backup: every applied row of the group from one read transaction (row O7). */

import { UserError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import type { BackupChunk, BackupRequest } from "../transport/messages.generated.ts";
import type { CallContext } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import { readAs, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";
import { version } from "./concrete.ts";
import type { BackupHead } from "./backup-head.ts";

export interface BackupParts extends ServiceParts {
  readonly storage: Storage;
}

const pageBytes = 256 * 1024;

/** Rows reach the disk a little after they were applied; the backup has all that was applied when it was asked for. */
export async function* backUp(parts: BackupParts, { read }: BackupRequest, context: CallContext): AsyncIterable<Init<BackupChunk>> {
  await readAs(parts, read, context);
  const { replica, storage } = parts;
  const { group } = replica.raft;
  const wanted = replica.appliedIndex;
  const deadline = Date.now() + timeoutOf(context);
  let reader = await storage.openSnapshot(group);
  try {
    while (reader.applied.index < wanted) {
      await reader.close();
      if (Date.now() >= deadline || context.signal.aborted) {
        throw new UserError("TIMEOUT", `the rows on disk reach index ${reader.applied.index}, not ${wanted}`, { group, next: "Try again." });
      }
      await parts.requests.nextChange(100);
      reader = await storage.openSnapshot(group);
    }
    const { index, term, configuration } = reader.applied;
    const head: BackupHead = { format: 1, version, clusterId: parts.clusterId(), epoch: parts.epoch(), group, node: replica.raft.self, index, term, configuration, timeMs: Date.now() };
    yield { head: Buffer.from(JSON.stringify(head)) };
    for (;;) {
      const rows = await reader.next(pageBytes);
      yield { rows: Buffer.from(JSON.stringify(rows.map(({ table, key, value }) => [table, key, value]))), last: rows.length === 0 };
      if (rows.length === 0) return;
    }
  } finally {
    await reader.close();
  }
}
