import { vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmInspected } from "../../cli/vm-view.ts";

export default class VmInspect extends DaemonCommand {
  static override summary = "Show all that is known of a VM: wishes, observations, placement, process, arguments, files, history.";
  static override description = "What the process is comes from the machine of its owner; when that cannot be asked, the rest is shown all the same.";
  static override examples = ["<%= config.bin %> vm inspect web", "<%= config.bin %> vm inspect web --json"];
  static override args = { name: vmArgument };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmInspect);
    const { name } = args;
    await this.print(flags, vmInspected(await this.daemon(flags).read((daemon, options) => daemon.vm.inspect({ name }, options))));
  }
}
