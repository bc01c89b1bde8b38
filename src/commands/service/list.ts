import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { serviceList } from "../../cli/service-view.ts";

export default class ServiceList extends DaemonCommand {
  static override summary = "List the services of the cluster.";
  static override examples = ["<%= config.bin %> service list", "<%= config.bin %> service list --consistent --json"];
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ServiceList);
    const { consistent } = flags;
    await this.print(flags, serviceList(await this.daemon(flags).read((daemon, options) => daemon.service.list({ read: { consistent } }, options))));
  }
}
