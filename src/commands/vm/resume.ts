import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class VmResume extends DaemonCommand {
  static override summary = "Let a paused VM go on.";
  static override examples = ["<%= config.bin %> vm resume web --wait"];
  static override args = { name: vmArgument };
  static override flags = { wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmResume);
    const { name } = args;
    const { wait } = flags;
    const seen = await changeVm(this.daemon(flags), name, wait ? "running" : null, (asked, request, options) =>
      asked.vm.resume({ request, name }, options),
    );
    await this.print(flags, vmChanged(name, wait ? "resumed" : "is to be resumed", seen));
  }
}
