/** What the executor of the owner observed: the only way to `running` (row S5), and the only way out (row P7). */

import type { VmCommand } from "./commands.ts";
import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import type { VmDesired, VmExit, VmRecord } from "./records.ts";
import type { MachineState } from "./state.ts";
import { answerFor, noSuchVm } from "./vm.ts";
import { titleOf } from "../workload-name.ts";

export type VmReport = Extract<VmCommand, { kind: "vm-report" }>;
type Reported = VmReport["observed"];

/**
 * The closed table: what may follow, by what is wanted and what was last observed of the same generation. `fresh`: the
 * executor has not answered this generation yet. A VM that ended stays ended until a new generation asks for it, so a
 * late `running` cannot raise it from the dead.
 */
const mayFollow: Readonly<Record<VmDesired, Readonly<Record<"fresh" | VmRecord["observed"], readonly Reported[]>>>> = {
  running: {
    fresh: ["starting", "running", "stopped", "failed"],
    pending: [],
    starting: ["starting", "running", "stopped", "failed"],
    running: ["running", "stopped", "failed"],
    paused: [],
    stopped: ["stopped"],
    failed: ["failed"],
  },
  paused: {
    fresh: ["paused", "stopped", "failed"],
    pending: [],
    starting: [],
    running: [],
    paused: ["paused", "stopped", "failed"],
    stopped: ["stopped"],
    failed: ["failed"],
  },
  stopped: {
    fresh: ["stopped", "failed"],
    pending: ["stopped", "failed"],
    starting: [],
    running: [],
    paused: [],
    stopped: ["stopped"],
    failed: ["stopped", "failed"],
  },
  deleted: {
    fresh: ["stopped", "failed", "gone"],
    pending: [],
    starting: [],
    running: [],
    paused: [],
    stopped: ["stopped", "failed", "gone"],
    failed: ["stopped", "failed", "gone"],
  },
};

/** Decides a report. One about another VM of the same name, from another node or of an older wish changes nothing. */
export function decideReport(state: MachineState, report: VmReport, index: number): Decision {
  const vm = state.vms.get(report.name);
  if (vm === undefined) return noSuchVm(report.name);
  const refused = strayReport(vm, report) ?? wrongStep(vm, report);
  if (refused !== null) return refused;
  if (report.observed === "gone") return accept(answerFor(vm, true), { table: "vm", key: vm.spec.name, record: null });
  if (isRepetition(vm, report)) return accept(answerFor(vm, false));
  const { output: _, rollbacks, ...kept } = vm;
  // What has ended has no memory to move.
  const { migration, ...settled } = kept;
  const isOver = report.observed === "stopped" || report.observed === "failed";
  const record: VmRecord = {
    ...(migration?.live === true && isOver ? settled : kept),
    ...(report.output === undefined ? {} : { output: report.output }),
    ...(rollbacks === undefined || report.observed === "running" ? {} : { rollbacks }),
    observed: report.observed,
    observedGeneration: report.generation,
    exit: copyOf(report.exit),
    failure: report.failure,
    changedIndex: index,
  };
  return accept(answerFor(record, true), { table: "vm", key: vm.spec.name, record });
}

/** A report about another VM of the same name, from another node or of an older wish. */
export function strayReport(vm: VmRecord, report: Pick<VmReport, "uuid" | "node" | "generation">): Refused | null {
  const { name } = vm.spec;
  if (report.uuid !== vm.uuid) return refuse("CONFLICT", `${titleOf(name)} has the uuid ${vm.uuid}; the report is about ${report.uuid}`);
  if (report.node !== vm.owner) return refuse("CONFLICT", `${titleOf(name)} belongs to node ${vm.owner}, not to ${report.node}`);
  if (report.generation === vm.generation) return null;
  return refuse("CONFLICT", `${titleOf(name)} is at generation ${vm.generation}; the report is about ${report.generation}`);
}

function wrongStep(vm: VmRecord, report: VmReport): Refused | null {
  const was = vm.observedGeneration === vm.generation ? vm.observed : "fresh";
  if (mayFollow[vm.desired][was].includes(report.observed)) return null;
  const state = `${vm.observed}, wanted ${vm.desired}, at generation ${vm.generation}`;
  return refuse("WRONG_STATE", `${titleOf(vm.spec.name)} is ${state}, and cannot become ${report.observed}`);
}

function isRepetition(vm: VmRecord, report: VmReport): boolean {
  return (
    vm.observedGeneration === report.generation &&
    vm.observed === report.observed &&
    vm.failure === report.failure &&
    vm.output === report.output &&
    sameExit(vm.exit, report.exit)
  );
}

function sameExit(one: VmExit | null, other: VmExit | null): boolean {
  if (one === null || other === null) return one === other;
  return one.how === other.how && one.code === other.code && one.signal === other.signal;
}

function copyOf(exit: VmExit | null): VmExit | null {
  return exit === null ? null : { how: exit.how, code: exit.code, signal: exit.signal };
}
