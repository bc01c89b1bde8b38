/** How a VM is, as the health check of its owner found it. It is told of a running VM, and of the latest wish only. */

import type { HealthReport } from "./commands.ts";
import { accept, refuse, type Decision } from "./decision.ts";
import { healthOf, runsAsWished } from "./health.ts";
import type { VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { strayReport } from "./vm-report.ts";
import { titleOf } from "../workload-name.ts";

/** Decides a report of health: no wish and no observation changes by it. The same result again is no change. */
export function decideHealth(state: MachineState, report: HealthReport, index: number): Decision {
  const vm = state.vms.get(report.name);
  if (vm === undefined) return noSuchVm(report.name);
  const stray = strayReport(vm, report);
  if (stray !== null) return stray;
  const { name, health } = vm.spec;
  if (health === undefined) return refuse("WRONG_STATE", `${titleOf(name)} has no health check`);
  if (!runsAsWished(vm)) return refuse("WRONG_STATE", `${titleOf(name)} is ${vm.observed}, wanted ${vm.desired}, and has no health now`);
  if (healthOf(vm) === report.health) return accept(answerFor(vm, false));
  const found = { state: report.health, generation: report.generation, detail: report.detail };
  const record: VmRecord = { ...vm, health: found, changedIndex: index };
  return accept(answerFor(record, true), { table: "vm", key: name, record });
}
