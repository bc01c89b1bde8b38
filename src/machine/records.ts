/** The rows of the replicated state, and the words that describe them. Data only; the rules are in the other files. */

import type { Member } from "../raft/configuration.ts";
import type { Migration, Placement } from "./placement-record.ts";

export type { Migration, Placement, Rejection, Victim } from "./placement-record.ts";

/**
 * `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`, checked by `isName` at every entry; of a workload also with its kind before it
 * (`workload-name.ts`), checked by `isWorkloadName`.
 */
export type Name = string & { readonly brand: "Name" };

/** UUID of a node; never reused. */
export type NodeId = string;

export type DriverName = "qemu" | "process" | "runner";

/** What a user asks for, of a VM, a service or a task. No field of it ever becomes part of a shell line or an unescaped QEMU argument. */
export interface VmSpec {
  readonly name: Name;
  readonly driver: DriverName;
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  /** Name of an image of the catalogue; `default` is the built-in test guest. */
  readonly image: Name;
  /** Content that the name stood for when the VM was made: it boots this and nothing else. */
  readonly imageDigest?: string;
  /** Of a service or a task: what runs in place of a guest. */
  readonly run?: Program;
  /** Of a task: how long an attempt may take, by the clock of the worker that runs it. */
  readonly timeoutMs?: number;
  /** Absent: QEMU's own, which leads nowhere but through published ports. */
  readonly network?: VmNetwork;
  /** Ports of its worker that lead to the guest. */
  readonly publish?: readonly PublishedPort[];
  /** Absent: never. */
  readonly restart?: RestartPolicy;
  /** How long the guest may take to say that it is ready; absent: as long as its worker thinks right. */
  readonly bootDeadlineMs?: number;
  /** Absent: nobody asks how it is. */
  readonly health?: HealthCheck;
  /** `app=db`, by which others want to be near it or apart from it. Sorted. */
  readonly labels?: readonly string[];
  /** Absent: the worker with the most free memory. */
  readonly place?: PlacementWish;
  /** Absent: 0. */
  readonly priority?: number;
  /** Where there is no room, VMs of lower priority make way (`preemption.ts`). */
  readonly preempt?: boolean;
  /** How long a start may stay unconfirmed until it is taken back; absent: see `startWithinMs` in `reservation.ts`. */
  readonly startWithinMs?: number;
}

/** A program of the worker, in a session of its own; never a shell line. */
export interface Program {
  /** The program, looked up in PATH if it has no slash, and its arguments. */
  readonly argv: readonly string[];
  /** `KEY=VALUE`, beside PATH and LANG. */
  readonly env?: readonly string[];
  /** Absolute; absent: a directory of its own, which goes with it. */
  readonly cwd?: string;
}

/** How its worker finds out whether a running VM does its work. */
export interface HealthCheck {
  readonly probe: HealthProbe;
  /** From the end of one look to the next. */
  readonly intervalMs: number;
  /** A look that takes longer has failed. */
  readonly timeoutMs: number;
  /** So many looks in a row have to fail before it is unhealthy; one that succeeds makes it healthy. */
  readonly threshold: number;
}

export type HealthProbe =
  /** The driver says that the guest is up. */
  | { readonly kind: "process" }
  /** The guest has written this on its console. */
  | { readonly kind: "console"; readonly text: string }
  /** This port of the guest can be connected to. */
  | { readonly kind: "tcp"; readonly port: number }
  /** A GET is answered with a status from 200 to 399. */
  | { readonly kind: "http"; readonly port: number; readonly path: string }
  /** The command exits with 0 in the guest. */
  | { readonly kind: "exec"; readonly argv: readonly string[] };

/** What was found, of one generation; of another it says nothing. */
export interface HealthFound {
  readonly state: "healthy" | "unhealthy";
  readonly generation: number;
  /** Why it is unhealthy, for people. */
  readonly detail: string;
}

/** How a VM wants to be placed, whenever it is: at create, by a move, after its worker failed. */
export interface PlacementWish {
  readonly strategy: "most-available" | "bin-pack" | "round-robin" | "spread" | "locality";
  /** `spread`: the key of a label of workers (`zone`). `locality`: the label that they should have (`zone=a`). */
  readonly label?: string;
  /** Labels of VMs of which each must be on its worker. */
  readonly near?: readonly string[];
  /** Labels of VMs of which none may be on its worker. */
  readonly apart?: readonly string[];
  /** Like `near` and `apart`, where it can be had. */
  readonly preferNear?: readonly string[];
  readonly preferApart?: readonly string[];
}

/** A bridge of the worker, on which the VM has an end of its own. */
export interface VmNetwork {
  readonly bridge: string;
  /** `10.0.0.5/24`: told to the guest, which may take it or ask for another. */
  readonly address?: string;
  readonly gateway?: string;
}

/** A port of the worker that leads to one of the guest, over the user-mode network of QEMU. */
export interface PublishedPort {
  readonly protocol: "tcp" | "udp";
  /** IPv4 address of the worker to listen on; 0.0.0.0: all of them. */
  readonly address: string;
  readonly port: number;
  readonly guestPort: number;
}

/** What becomes of a VM that ended by itself while it should run. */
export interface RestartPolicy {
  /** `on-failure`: not when the guest powered itself off. */
  readonly when: "never" | "on-failure" | "always";
  /** Starts after the last one that somebody asked for; 0: no end. */
  readonly limit: number;
  /** Wait before the first; it doubles each time. */
  readonly backoffMs: number;
}

/** What the operators want of a VM. `deleted`: the driver must be reached before the record goes (row P7). */
export type VmDesired = "running" | "paused" | "stopped" | "deleted";

/** What the executor of the owner last reported (row S5). `pending`: created, nothing was reported yet. */
export type VmObserved = "pending" | "starting" | "running" | "paused" | "stopped" | "failed";

/** How a VM ended, told truthfully by the driver. `how` uses QEMU's words where they exist. */
export interface VmExit {
  /** `exited`: a program ended by itself, with `code` or by `signal`. `timed-out`: it was ended, as it took too long. */
  readonly how: "exited" | "timed-out" | "guest-shutdown" | "guest-reset" | "host-stop" | "host-kill" | "signal" | "boot-timeout" | "lease-expired" | "crash" | "unknown";
  readonly code: number | null;
  readonly signal: string | null;
}

export interface VmRecord {
  readonly spec: VmSpec;
  /** New for every create, so that a name used again is another VM. */
  readonly uuid: string;
  /** The worker that must run it: the only node whose executor may touch it. `""`: nobody has this task. */
  readonly owner: NodeId;
  readonly placement: Placement;
  readonly desired: VmDesired;
  /** True when the stop that is wanted must not wait for the guest. A later `vm-stop` with force sets it. */
  readonly forceStop: boolean;
  /** How long the guest may take to obey the stop that is wanted; absent: as long as its worker thinks right. */
  readonly graceMs?: number;
  /** A process that was started for an older generation has to end before the VM may count as running: a restart. */
  readonly freshFrom?: number;
  /** It is to move to another worker (`migration.ts`): which, if one was named; and whether it runs again there. */
  readonly migration?: Migration;
  /** The generation that goes on with a process that came with its memory (`carry.ts`). */
  readonly carriedTo?: number;
  /** It is wanted to run and has no room: nobody starts it until an entry gives it a place (`waiting.ts`). */
  readonly waiting?: { readonly sinceIndex: number; readonly reason: string };
  /** Starts in a row that were taken back, since nobody confirmed them. */
  readonly rollbacks?: number;
  /** Counts changes of `desired` and retries of a start that ended; a report about an older generation is refused. */
  readonly generation: number;
  readonly observed: VmObserved;
  /** Generation that `observed` speaks of. Below `generation`: the executor has not answered the latest wish yet. */
  readonly observedGeneration: number;
  readonly exit: VmExit | null;
  /** Why it failed, for people. */
  readonly failure: string | null;
  /** How often it was started again by its policy since somebody asked for a start. */
  readonly attempts?: number;
  /** Of a task: the end of what its last attempt wrote. */
  readonly output?: string;
  /** What its health check last found; read it by `healthOf`. */
  readonly health?: HealthFound;
  readonly createdIndex: number;
  readonly changedIndex: number;
}

export interface WorkerRecord {
  readonly node: NodeId;
  readonly name: Name;
  readonly admin: "active" | "draining" | "drained";
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
  readonly drivers: readonly DriverName[];
  /** `zone=a`: where it stands, for strategies. Sorted. */
  readonly labels?: readonly string[];
  /** Bridges that it had when it registered. Sorted. */
  readonly bridges?: readonly string[];
  readonly registeredIndex: number;
}

/** The right of a worker to run VMs (row W6). */
export interface LeaseRecord {
  readonly node: NodeId;
  /** Index of the entry that granted it. */
  readonly epoch: number;
  /** False once an entry has called it expired. */
  readonly held: boolean;
  /** How long, by its own clock, the worker takes a renewal to last. */
  readonly leaseMs: number;
  /** How long it then needs at most until nothing runs. */
  readonly killBudgetMs: number;
}

/** A member of the cluster as its first entry or its join described it. Voters are told by the Raft configuration. */
export type NodeRecord = Member;

/** Somebody who was a member. Its id is never used again (row M7). */
export interface FormerRecord {
  readonly node: NodeId;
  /** Index of the entry by which it was a member no more. */
  readonly removedIndex: number;
}

/** A leaf of the tree (row S1). `version` starts at 1 and counts the puts since the key was last absent. */
export interface KvRecord {
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly createdIndex: number;
  readonly changedIndex: number;
}

/** Who the cluster is: written by entry 1 (row P2). */
export interface ClusterRecord {
  readonly clusterId: string;
  readonly createdIndex: number;
}

/** A hashed join token. The secret itself is never stored. */
export interface TokenRecord {
  readonly tokenId: string;
  readonly sha256: string;
  readonly name: Name;
  /** Leader's time in milliseconds since the epoch. */
  readonly expiresAtMs: number;
  readonly usedBy: NodeId | null;
}

/** What an event is about. */
export type EventKind = "image" | "cluster" | "member" | "leader" | "token" | "worker" | "vm" | "service" | "task";

/** Something that an entry made happen. */
export interface Happening {
  readonly kind: EventKind;
  /** One word, or words joined by `-`: `created`, `stop-asked`. */
  readonly what: string;
  /** Name of what it happened to. */
  readonly subject: string;
  /** The node concerned, if there is one. */
  readonly node: NodeId | null;
  /** Details for people; may be empty. */
  readonly text: string;
}

export interface EventRecord extends Happening {
  /** Index of the entry. */
  readonly index: number;
  /** Counts from 0 among the events of one entry. */
  readonly place: number;
  /** The leader's time, milliseconds since the epoch. */
  readonly timeMs: number;
}

/** What a node owes the world (row P4), a query over the applied state. */
export type Debt =
  | { readonly kind: "start"; readonly vm: VmRecord }
  | { readonly kind: "pause"; readonly vm: VmRecord }
  | { readonly kind: "stop"; readonly vm: VmRecord }
  | { readonly kind: "delete"; readonly vm: VmRecord };
