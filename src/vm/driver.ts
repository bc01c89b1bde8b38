/**
 * VM drivers: what the daemon may ask of them. One contract, many makers: every driver passes
 * `test/conformance/vm/driver-contract.ts`. Every method is idempotent and bound by a deadline.
 */

import type { DriverName, VmExit, VmSpec } from "../machine/records.ts";
import type { GuestInput, GuestOutput } from "./guest-agent.ts";

/** One directory per VM under the node's data directory, mode 0700. Its last component is the uuid of the VM. */
export interface RunDir {
  readonly path: string;
}

/** What a worker can offer. `reason` says why it is not available, or what the user should know. */
export interface Probe {
  readonly available: boolean;
  readonly reason?: string;
  readonly version?: string;
  readonly accel: "kvm" | "tcg" | "none";
}

/**
 * Which process a VM is: the only local state of the executor (row P4).
 * A pid alone names nobody, for the kernel gives it away again; pid and start time name one process of this boot, and
 * the uuid on its command line makes it ours.
 */
export interface VmIdentity {
  readonly name: string;
  readonly uuid: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: ticks since boot. */
  readonly startTime: string;
  /** Generation of the record that this process was started for; 0 when the identity had to be recovered from /proc. */
  readonly generation: number;
}

/**
 * `starting`: the process exists, the guest has not said that it is ready. `internal-error`: the accelerator gave up.
 * `unresponsive`: the process exists and does not answer within the deadline.
 */
export type VmStatus = "starting" | "running" | "paused" | "internal-error" | "unresponsive" | "gone";

export interface StopOptions {
  /** How long the guest may take to obey. */
  readonly graceMs: number;
  /** Do not ask the guest: end the VM at once. */
  readonly force: boolean;
}

/** The memory of a VM, that is to go on elsewhere. */
export interface VmMemory {
  /** All of it. The guest runs while the most is sent; when the stream has ended it stands still, until it is resumed. */
  send(signal: AbortSignal): AsyncIterable<Buffer>;
  /** That all of it was sent and the guest stands still, also after a restart of the daemon; how long the last part took. */
  sent(): Promise<{ readonly stillMs: number } | null>;
  /** Takes all of it, in a VM that was started to wait for it. Then the guest stands still, until it is resumed. */
  receive(pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A VM that was started or adopted. */
export interface VmHandle {
  readonly identity: VmIdentity;
  /** The truth about the end. After `close()` nobody looks any more, so it may never settle. */
  readonly ended: Promise<VmExit>;
  /** Resolves when the guest itself has said so on its console; rejects with DRIVER_FAILED at the boot deadline. */
  ready(deadlineMs: number): Promise<void>;
  /** Answers within `deadlineMs`, whatever the VM does. */
  status(deadlineMs: number): Promise<VmStatus>;
  /** Graceful, then forced: always ends in gone. Twice gives the same exit. */
  stop(options: StopOptions): Promise<VmExit>;
  /** Types at the console. Throws `UserError WRONG_STATE` when the guest has none, or is gone. */
  type(data: Buffer): Promise<void>;
  /** Runs a command in the guest; see `GuestAgent.run`. */
  exec(argv: readonly string[], signal: AbortSignal, input?: GuestInput): AsyncIterable<GuestOutput>;
  /** The guest stands still and keeps its memory. Resolves when the driver has confirmed it; twice is once. */
  pause(deadlineMs: number): Promise<void>;
  /** Undoes a pause; a VM that runs is left as it is. */
  resume(deadlineMs: number): Promise<void>;
  /**
   * The VM may run until `untilMs` by `sinceBootMs`; then its watchdog kills it, whatever became of the daemon (row W6).
   * Resolves when a living watchdog will hold it to that. A VM that was never given a lease has no watchdog.
   */
  renew(untilMs: number): Promise<void>;
  /** Not there where the driver cannot move a memory. */
  readonly memory?: VmMemory | undefined;
  /** Lets go of the VM without touching it: the daemon shuts down, the VM runs on. */
  close(): void;
}

/** What was found in a run directory after a restart of the daemon. */
export type Adoption =
  /** The same process as before, same pid. */
  | { readonly kind: "running"; readonly handle: VmHandle }
  /** `generation`: that for which the process was started; 0: not known. */
  | { readonly kind: "ended"; readonly exit: VmExit; readonly generation: number }
  /** No VM was ever started here. */
  | { readonly kind: "absent" }
  /** The identity names a live process that is not this VM. It is never signalled. */
  | { readonly kind: "foreign"; readonly reason: string };

export interface VmDriver {
  readonly name: DriverName;
  probe(): Promise<Probe>;
  /**
   * Returns when the process exists and its identity is on disk. Twice gives one process. With `leaseUntilMs` its
   * watchdog is there before it. One that `waits` runs nothing until it has received its memory.
   */
  start(spec: VmSpec, uuid: string, generation: number, dir: RunDir, leaseUntilMs?: number, waits?: boolean): Promise<VmHandle>;
  adopt(dir: RunDir): Promise<Adoption>;
  /** Deletes sockets, disk and directory; refuses with WRONG_STATE while the VM runs. */
  remove(dir: RunDir): Promise<void>;
}
