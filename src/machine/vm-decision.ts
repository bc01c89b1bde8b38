/** Which rule decides a command about a VM. */

import { unreachable } from "../assert.ts";
import type { HealthReport, SteadyReport, VmCommand } from "./commands.ts";
import type { Decision } from "./decision.ts";
import { decideCarriage } from "./carry.ts";
import { decideReassign } from "./lease.ts";
import { decideMigrate, decideSwitch } from "./migration.ts";
import { decidePreempt } from "./preemption.ts";
import { decideRollback } from "./rollback.ts";
import type { MachineState } from "./state.ts";
import { decideRetry } from "./task.ts";
import { decideHealth } from "./vm-health.ts";
import { decideSteady } from "./vm-steady.ts";
import { decideReport } from "./vm-report.ts";
import { decideCreate, decideDelete, decidePause, decideRestart, decideResume, decideStart, decideStop } from "./vm.ts";
import { decideAdmit } from "./waiting.ts";

/** What a command about a VM comes to at `index`. */
export function decideVm(state: MachineState, command: VmCommand | HealthReport | SteadyReport, index: number): Decision {
  switch (command.kind) {
    case "vm-create":
      return decideCreate(state, command, index);
    case "vm-start":
      return decideStart(state, command, index);
    case "vm-stop":
      return decideStop(state, command, index);
    case "vm-pause":
      return decidePause(state, command, index);
    case "vm-resume":
      return decideResume(state, command, index);
    case "vm-restart":
      return decideRestart(state, command, index);
    case "vm-delete":
      return decideDelete(state, command, index);
    case "vm-report":
      return decideReport(state, command, index);
    case "health-report":
      return decideHealth(state, command, index);
    case "steady-report":
      return decideSteady(state, command, index);
    case "vm-migrate":
      return decideMigrate(state, command, index);
    case "vm-carry":
    case "vm-hand-over":
    case "vm-keep":
      return decideCarriage(state, command, index);
    case "vm-switch":
      return decideSwitch(state, command, index);
    case "vm-retry":
      return decideRetry(state, command, index);
    case "vm-rollback":
      return decideRollback(state, command, index);
    case "vm-preempt":
      return decidePreempt(state, command, index);
    case "vm-admit":
      return decideAdmit(state, command, index);
    case "vm-reassign":
      return decideReassign(state, command, index);
    default:
      return unreachable(command);
  }
}
