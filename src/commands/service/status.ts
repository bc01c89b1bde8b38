import { consistentFlag, serviceArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { serviceStatus } from "../../cli/service-view.ts";

export default class ServiceStatus extends DaemonCommand {
  static override summary = "Show a service: its state, what is wanted, where it is, what it runs.";
  static override description = "The state is running, stopped, failed or migrating; running is only said after the worker has seen the program run.";
  static override examples = ["<%= config.bin %> service status web"];
  static override args = { name: serviceArgument };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceStatus);
    const { consistent } = flags;
    await this.print(flags, serviceStatus(await this.daemon(flags).read((daemon, options) => daemon.service.get({ name: args.name, read: { consistent } }, options))));
  }
}
