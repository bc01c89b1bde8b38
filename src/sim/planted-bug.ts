/**
 * Places at which a simulation can be made to go wrong on purpose, to show that the judge notices. Nothing of the
 * product knows of them: a planted bug sits around the core, between it and disk, network, trace and executor.
 */

import type { apply } from "../machine/apply.ts";
import type { RaftEvent } from "../raft/event.ts";
import type { RaftState } from "../raft/state.ts";
import type { Output, Replica } from "../replica/replica.ts";
import type { TakenWrite } from "../replica/pending-write.ts";
import type { GroupWrite, StoredGroup } from "../storage/storage.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { Chance } from "./chance.ts";
import type { Process } from "./host.ts";
import type { SimulatedNode } from "./node.ts";

export interface PlantedBug {
  readonly name: string;
  /** What must notice it: actions or invariants of the specification. */
  readonly caughtBy: readonly string[];
  /** Changes what a restart finds. */
  readonly restore?: (stored: StoredGroup) => StoredGroup;
  /** Changes the state, or the event, before the core takes a step. */
  readonly before?: (raft: RaftState, event: RaftEvent, chance: Chance) => RaftEvent;
  /** Changes what came out of a step. `event` as it came in. */
  readonly after?: (replica: Replica, outputs: readonly Output[], event: RaftEvent, step: PlantedStep) => readonly Output[];
  /** Changes what goes to disk. */
  readonly write?: (taken: TakenWrite) => TakenWrite;
  /** Changes the trace. */
  readonly retell?: (event: TraceEvent) => TraceEvent;
  /** The node goes on when its disk tells an error, as if the write were durable. */
  readonly ignoresDiskErrors?: boolean;
  /** A lost power takes so many of the last writes along that were acknowledged. */
  readonly unsyncedWrites?: number;
  /** What is damaged on disk is believed. */
  readonly trustsDamage?: boolean;
  /** Several transactions make up one write; of a torn one the first is on disk. */
  readonly transactions?: (write: GroupWrite) => readonly GroupWrite[];
  /** A node that lost its disk comes back under its old id. */
  readonly reusesIdentity?: boolean;
  /** Takes hold of the parts of a node before it starts: its disk, its trace, its processes, its doors. */
  readonly equip?: (node: SimulatedNode) => void;
  /** What a node applies in place of the machine's own function. */
  readonly apply?: (node: SimulatedNode) => typeof apply;
  /** VMs run on although the lease of their worker is over: neither daemon nor watchdog ends them. */
  readonly outlivesLease?: boolean;
  /** The executor starts VMs whoever owns them. */
  readonly launchesForeign?: boolean;
  /** The executor says that a VM, or a service, runs before the guest is up. */
  readonly reportsEarly?: boolean | "service";
  /** A daemon launches an attempt at a task again that ended while it was away, or without its lease. */
  readonly launchesAttemptsAgain?: boolean;
  /** How long an attempt at a task has run, as its executor takes it. */
  readonly attemptAgeMs?: (node: SimulatedNode, process: Process) => number;
  /** A restarted daemon starts a VM anew although its process still runs. */
  readonly forgetsProcesses?: boolean;
}

export interface PlantedStep {
  /** Gives the core another event within the same turn. */
  readonly handle: (event: RaftEvent) => readonly Output[];
  /** The node's logical clock. */
  readonly clock: number;
}
