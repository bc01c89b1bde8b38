/** What differs from driver to driver. What they share is in `local-driver.ts` and `supervised-vm.ts`. */

import type { DriverName, VmSpec } from "../machine/records.ts";
import type { Probe, RunDir, VmIdentity, VmMemory } from "./driver.ts";
import type { Evidence, Testimony } from "./vm-exit.ts";

/** A program and its arguments; never a shell line. It runs with the run directory as its current directory. */
export interface VmCommand {
  readonly file: string;
  /** Must hold `-uuid UUID` and `-name NAME`, by which identity is checked, unless the environment holds them. */
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** File of the run directory that its stdout and stderr are appended to; default: driver.log. */
  readonly stdout?: string;
  /** File to be read on stdin, if any. */
  readonly stdin?: string;
}

/** A line to a running VM. All of it is best effort and bound by deadlines: the truth is /proc and the testimony. */
export interface VmControl {
  /** Asks the guest to shut down; `again` on every second try, which may use another way. */
  askToStop(again: boolean, deadlineMs: number): Promise<void>;
  /** Asks the VM process to end without asking the guest, so that it may still flush its disk. */
  quit(deadlineMs: number): Promise<void>;
  status(deadlineMs: number): Promise<"running" | "paused" | "internal-error" | "unresponsive">;
  /** The guest is to stand still, or to go on; whether it does is told by `status`. */
  pause(deadlineMs: number): Promise<void>;
  resume(deadlineMs: number): Promise<void>;
  /** Where a memory can be moved. */
  readonly memory?: VmMemory;
  close(): void;
}

export interface Mechanism {
  readonly name: DriverName;
  /** Socket of the guest's serial line in the run directory, if it has one. */
  readonly consoleSocket?: string;
  probe(): Promise<Probe>;
  /** Refuses what cannot run here, lays out what the VM needs in `dir`, and gives the command. `waits`: for its memory. */
  prepare(spec: VmSpec, uuid: string, dir: RunDir, waits?: boolean): Promise<VmCommand>;
  /** `hint` is called when the line breaks: the VM may have ended. */
  control(identity: VmIdentity, dir: RunDir, hint: () => void): VmControl;
  /** What the VM left behind about its end. `asked` is what the driver had asked of it, `waited` what `wait` said. */
  testimony(dir: RunDir, asked: "stop" | "kill" | null, waited: Evidence["waited"]): Promise<Testimony>;
  /** Gives back what `prepare` took of the machine outside of `dir`; twice is once. Default: nothing. */
  release?(dir: RunDir): Promise<void>;
  /** The line by which the guest says that it is up; null when none will come. Default: that of our own guests. */
  readyLine?(dir: RunDir): Promise<string | null>;
  /** Where no line tells: a function that says whether it is up. Null: the line does. */
  isUp?(dir: RunDir): (() => Promise<boolean>) | null;
  /** Ends what the VM's process may have left running, now that it is gone. */
  sweep?(dir: RunDir): Promise<void>;
}
