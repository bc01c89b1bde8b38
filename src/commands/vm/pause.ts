import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class VmPause extends DaemonCommand {
  static override summary = "Let a VM stand still: its guest keeps its memory and gets no time.";
  static override examples = ["<%= config.bin %> vm pause web --wait"];
  static override args = { name: vmArgument };
  static override flags = { wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmPause);
    const { name } = args;
    const { wait } = flags;
    const seen = await changeVm(this.daemon(flags), name, wait ? "paused" : null, (asked, request, options) =>
      asked.vm.pause({ request, name }, options),
    );
    await this.print(flags, vmChanged(name, wait ? "paused" : "is to be paused", seen));
  }
}
