import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { listingFlags } from "../../cli/listing.ts";
import { vmList, vmListing } from "../../cli/vm-list.ts";

export default class VmList extends DaemonCommand {
  static override summary = "List the VMs of the cluster.";
  static override examples = [
    "<%= config.bin %> vm list",
    "<%= config.bin %> vm list --columns name,observed,ended --filter observed=failed,stopped",
    "<%= config.bin %> vm list --consistent --json",
  ];
  static override flags = { ...listingFlags(vmListing), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(VmList);
    const { consistent } = flags;
    const vms = await this.daemon(flags).read((daemon, options) => daemon.vm.list({ read: { consistent } }, options));
    await this.print(flags, vmList(vms, flags));
  }
}
