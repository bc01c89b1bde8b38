import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class VmKill extends DaemonCommand {
  static override summary = "End a VM at once, without asking its guest.";
  static override description = "The same as `vm stop --force`: what the guest has not written to its disk is lost.";
  static override examples = ["<%= config.bin %> vm kill web --wait"];
  static override args = { name: vmArgument };
  static override flags = { wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmKill);
    const { name } = args;
    const { wait } = flags;
    const seen = await changeVm(this.daemon(flags), name, wait ? "stopped" : null, (asked, request, options) =>
      asked.vm.stop({ request, name, force: true }, options),
    );
    await this.print(flags, vmChanged(name, wait ? "killed" : "is to be killed", seen));
  }
}
