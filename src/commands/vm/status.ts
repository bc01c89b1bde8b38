import { consistentFlag, vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmStatus } from "../../cli/vm-view.ts";

export default class VmStatus extends DaemonCommand {
  static override summary = "Show one VM: what is wanted, what was observed, and where it was placed and why.";
  static override examples = ["<%= config.bin %> vm status web"];
  static override args = { name: vmArgument };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmStatus);
    const { consistent } = flags;
    const vm = await this.daemon(flags).read((daemon, options) => daemon.vm.get({ name: args.name, read: { consistent } }, options));
    await this.print(flags, vmStatus(vm));
  }
}
