import { consistentFlag } from "../../cli/arguments.ts";
import { clusterMembers, memberListing } from "../../cli/cluster-view.ts";
import { listingFlags } from "../../cli/listing.ts";
import { DaemonCommand } from "../../cli/command.ts";

export default class ClusterMembers extends DaemonCommand {
  static override summary = "List the members of the committed configuration.";
  static override examples = ["<%= config.bin %> cluster members", "<%= config.bin %> cluster members --consistent --json"];
  static override flags = { ...listingFlags(memberListing("")), consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterMembers);
    const { consistent } = flags;
    const answer = await this.daemon(flags).read((daemon, options) => daemon.cluster.clusterStatus({ read: { consistent } }, options));
    await this.print(flags, clusterMembers(answer, flags));
  }
}
