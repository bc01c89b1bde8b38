/** What a simulated node consists of while its daemon runs. */

import type { Replica } from "../replica/replica.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { Attempts } from "./attempts.ts";
import type { Executor } from "./executor.ts";
import type { Leases } from "./leases.ts";
import type { SnapshotPull } from "./snapshot-pull.ts";

/** What lives as long as the process. */
export interface NodeParts {
  readonly replica: Replica;
  readonly trace: TraceWriter;
  readonly executor: Executor;
  readonly attempts: Attempts;
  readonly pull: SnapshotPull;
  /** Null where workers hold no leases. */
  readonly leases: Leases | null;
}
