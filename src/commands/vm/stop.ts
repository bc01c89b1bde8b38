import { stopFlags, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class VmStop extends DaemonCommand {
  static override summary = "Stop a VM: the guest is asked to shut down, then forced.";
  static override description = "A stop with --force also hurries one that is under way.";
  static override examples = ["<%= config.bin %> vm stop web --grace 30s", "<%= config.bin %> vm stop web --force --wait"];
  static override args = { name: vmArgument };
  static override flags = { ...stopFlags, wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmStop);
    const { name } = args;
    const { force, grace: graceMs = 0, wait } = flags;
    const seen = await changeVm(this.daemon(flags), name, wait ? "stopped" : null, (asked, request, options) =>
      asked.vm.stop({ request, name, force, graceMs }, options),
    );
    await this.print(flags, vmChanged(name, wait ? "stopped" : "is to stop", seen));
  }
}
