/** What a simulation is told, and what it gives. */

import type { NodeId } from "../raft/message.ts";
import type { RaftOptions } from "../raft/state.ts";
import type { RowPatience } from "../replica/pending-write.ts";
import type { TraceLine } from "../trace/event.ts";
import type { FaultKind } from "./fault-kinds.ts";
import type { ScheduledFault } from "./faults.ts";
import type { ClientRequest } from "./history.ts";
import type { NodeDisk } from "./node-disk.ts";
import type { PlantedBug } from "./planted-bug.ts";
import type { SimulationParts } from "./simulation-parts.ts";
import type { WorldStats } from "./world.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Nodes that form the cluster; churn brings more. */
  readonly nodes: number;
  /** Virtual seconds with faults; forming the cluster before and the quiet phase after come on top. */
  readonly seconds: number;
  /** `swarm`: the mix that the seed gives. */
  readonly faults: "swarm" | readonly FaultKind[];
  /** Mean times between faults are this often longer; 1 when not said. */
  readonly pace?: number;
  readonly clients?: number;
  /** Mean pause of a client between two requests. */
  readonly thinkMs?: number;
  /** Share of requests that are about VMs. */
  readonly vmShare?: number;
  /** Share of the requests about VMs that are about services and tasks instead; none when not said. */
  readonly programShare?: number;
  readonly raft?: Partial<RaftOptions>;
  readonly rows?: RowPatience;
  readonly planted?: PlantedBug | null;
  /** Workers hold leases, and lose their VMs to others; without it they keep them for ever. */
  readonly leases?: boolean;
  /** Workers have little room, VMs have priorities, and some starts hang; with `leases` only. */
  readonly scarce?: boolean;
  /** What a scenario does at its times, in place of faults by chance. */
  readonly script?: (parts: SimulationParts) => void;
  /** After so much virtual time the run pauses, so that the lines so far can be taken away; never when not said. */
  readonly windowMs?: number;
  /** Opens the disk of a node; in memory when not said. Virtual time waits for the jobs that are handed to `wait`. */
  readonly openDisk?: (name: string, wait: (job: () => Promise<void>) => void) => NodeDisk;
}

export interface SimulationStats extends WorldStats {
  virtualSeconds: number;
  events: number;
  messages: number;
  dropped: number;
  duplicated: number;
  late: number;
  lines: number;
  diskWrites: number;
  acknowledged: number;
  reads: number;
  retries: number;
  givenUp: number;
}

export interface SimulationResult {
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  /** What was done to the cluster, as far as chance decided it. */
  readonly schedule: readonly ScheduledFault[];
  /** The trace of each node that ever was, as far as nobody took it away. */
  readonly lines: readonly { readonly node: NodeId; readonly name: string; readonly lines: readonly TraceLine[] }[];
  readonly stats: SimulationStats;
  /** What clients asked about keys, and were told. */
  readonly requests: readonly ClientRequest[];
  /** What must not have happened; empty when all is well. */
  readonly problems: readonly string[];
  readonly traceHash: string;
}
