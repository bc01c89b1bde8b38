import { vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { waitForVm } from "../../cli/vm-wait.ts";

export default class VmStart extends DaemonCommand {
  static override summary = "Start a VM; one that runs stays as it is.";
  static override examples = ["<%= config.bin %> vm start web", "<%= config.bin %> vm start web --wait --timeout 2m"];
  static override args = { name: vmArgument };
  static override flags = { wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmStart);
    const { name } = args;
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.vm.start({ request, name }, options));
    await this.print(flags, vmChanged(name, flags.wait ? "started" : "is to start", flags.wait ? await waitForVm(daemon, name, "running", changed) : changed));
  }
}
