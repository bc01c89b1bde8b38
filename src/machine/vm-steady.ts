/** A VM that was started again by its policy, and has run steadily since, has its starts counted anew. */

import type { SteadyReport } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import type { VmRecord } from "./records.ts";
import { steadyAfterMs } from "./restart-policy.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { strayReport } from "./vm-report.ts";
import { titleOf } from "../workload-name.ts";

/** Decides what the owner says of it; how long it has run is the owner's to say, for nobody else sees it. */
export function decideSteady(state: MachineState, report: SteadyReport, index: number): Decision {
  const vm = state.vms.get(report.name);
  if (vm === undefined) return noSuchVm(report.name);
  const stray = strayReport(vm, report);
  if (stray !== null) return stray;
  if (vm.attempts === undefined) return accept(answerFor(vm, false));
  if (steadyAfterMs(vm) === null) return refuse("WRONG_STATE", `${titleOf(report.name)} is ${vm.observed}, wanted ${vm.desired}, and is not steady`);
  const { attempts: _, ...kept } = vm;
  const record: VmRecord = { ...kept, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: report.name, record });
}
