import { logsFlags, serviceArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { writeLogs } from "../../cli/vm-logs.ts";

export default class ServiceLogs extends DaemonCommand {
  static override summary = "Print what a service has written on stdout and stderr since it was started last.";
  static override description = "Ends with the log; with --follow when the service is removed or you interrupt it. With --json, one object a line.";
  static override examples = ["<%= config.bin %> service logs web --tail 20", "<%= config.bin %> service logs web -f"];
  static override args = { name: serviceArgument };
  static override flags = logsFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceLogs);
    const { follow, tail = 0, json } = flags;
    await writeLogs(
      this.daemon(flags).stream((daemon) => daemon.service.logs({ name: args.name, tail, follow })),
      json,
    );
  }
}
