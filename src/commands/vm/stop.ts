import { Flags } from "@oclif/core";
import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";

export default class VmStop extends DaemonCommand {
  static override summary = "Stop a VM: the guest is asked to shut down, then forced.";
  static override examples = ["<%= config.bin %> vm stop web", "<%= config.bin %> vm stop web --force --wait"];
  static override args = { name: vmArgument };
  static override flags = { force: Flags.boolean({ description: "Do not wait for the guest." }), wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmStop);
    const { name } = args;
    const { force } = flags;
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.vm.stop({ request, name, force }, options));
    const seen = flags.wait ? await waitForVm(daemon, name, "stopped", changed) : changed;
    await this.print(flags, vmChanged(name, flags.wait ? "stopped" : "is to stop", seen));
  }
}
