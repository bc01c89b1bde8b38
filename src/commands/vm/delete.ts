import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";

export default class VmDelete extends DaemonCommand {
  static override summary = "Stop a VM and remove it, with its disk.";
  static override examples = ["<%= config.bin %> vm delete web", "<%= config.bin %> vm delete web --wait --timeout 2m"];
  static override args = { name: vmArgument };
  static override description = "Asks at a terminal; a script is not asked.";
  static override flags = { wait: waitFlag, yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmDelete);
    const { name } = args;
    await confirmAtTerminal(flags.yes, name, `VM ${name} and its disk are lost.`);
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.vm.delete({ request, name }, options));
    await this.print(flags, vmChanged(name, flags.wait ? "deleted" : "is to be deleted", flags.wait ? await waitForVm(daemon, name, "gone", changed) : changed));
  }
}
