import { stopFlags, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class VmRestart extends DaemonCommand {
  static override summary = "Stop a VM and start it again, in one wish: it is never left stopped.";
  static override description = "The guest is asked to shut down, then forced. One that does not run is started.";
  static override examples = ["<%= config.bin %> vm restart web --wait", "<%= config.bin %> vm restart web --force --wait"];
  static override args = { name: vmArgument };
  static override flags = { ...stopFlags, wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmRestart);
    const { name } = args;
    const { wait, force, grace: graceMs = 0 } = flags;
    const seen = await changeVm(this.daemon(flags), name, wait ? "running" : null, (asked, request, options) =>
      asked.vm.restart({ request, name, force, graceMs }, options),
    );
    await this.print(flags, vmChanged(name, wait ? "restarted" : "is to be restarted", seen));
  }
}
