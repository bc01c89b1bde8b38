import { Flags } from "@oclif/core";
import { vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { awaitVm, vmGoals } from "../../cli/vm-wait.ts";

export default class VmWait extends DaemonCommand {
  static override summary = "Wait until a VM is observed to be in a state, whoever asks for it.";
  static override description = "`stopped` also holds of a VM that failed. Ends with status 5 when the time is up, 1 when the VM came to an end instead.";
  static override examples = ["<%= config.bin %> vm wait web --for running --timeout 2m", "<%= config.bin %> vm wait web --for gone"];
  static override args = { name: vmArgument };
  static override flags = {
    for: Flags.option({ options: vmGoals })({ description: "The state.", default: "running" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmWait);
    const goal = flags.for;
    await this.print(flags, vmChanged(args.name, `is ${goal}`, await awaitVm(this.daemon(flags), args.name, goal)));
  }
}
