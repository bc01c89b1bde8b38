import { logsFlags, vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { writeLogs } from "../../cli/vm-logs.ts";

export default class VmLogs extends DaemonCommand {
  static override summary = "Print the console of a VM.";
  static override description = "Ends with the log; with --follow when the VM is deleted or you interrupt it. With --json, one object a line.";
  static override examples = ["<%= config.bin %> vm logs web --tail 20", "<%= config.bin %> vm logs web -f"];
  static override args = { name: vmArgument };
  static override flags = logsFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmLogs);
    const { follow, tail = 0, json } = flags;
    await writeLogs(
      this.daemon(flags).stream((daemon) => daemon.vm.logs({ name: args.name, tail, follow })),
      json,
    );
  }
}
