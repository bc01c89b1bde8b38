import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { listingFlags } from "../../cli/listing.ts";
import { serviceList, serviceListing } from "../../cli/service-view.ts";

export default class ServiceList extends DaemonCommand {
  static override summary = "List the services of the cluster.";
  static override examples = [
    "<%= config.bin %> service list",
    "<%= config.bin %> service list --columns name,state,failure --filter state=failed",
    "<%= config.bin %> service list --consistent --json",
  ];
  static override flags = { ...listingFlags(serviceListing), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ServiceList);
    const { consistent } = flags;
    const services = await this.daemon(flags).read((daemon, options) => daemon.service.list({ read: { consistent } }, options));
    await this.print(flags, serviceList(services, flags));
  }
}
