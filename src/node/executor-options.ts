/** What an executor is told. */

import type { DriverName, NodeId } from "../machine/records.ts";
import type { MachineState } from "../machine/state.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { VmDriver } from "../vm/driver.ts";
import type { RunDirectories } from "./concrete.ts";
import type { LocalImages } from "./local-images.ts";
import type { Log } from "./log.ts";
import type { Requests } from "./requests.ts";

export interface ExecutorOptions {
  readonly self: NodeId;
  readonly group: string;
  readonly drivers: ReadonlyMap<DriverName, VmDriver>;
  readonly runs: RunDirectories;
  readonly images: Pick<LocalImages, "recordOf" | "ensure">;
  readonly machine: () => MachineState;
  readonly requests: Requests;
  readonly trace: TraceWriter;
  readonly log: Log;
  /** Where a member is dialled, if it is known. */
  readonly addressOf: (node: NodeId) => string | null;
  readonly bootDeadlineMs: number;
  readonly stopGraceMs: number;
  /** This worker holds its lease: it may start VMs. */
  readonly mayRun: () => boolean;
}
