import { consistentFlag } from "../../cli/arguments.ts";
import { clusterStatus } from "../../cli/cluster-view.ts";
import { DaemonCommand } from "../../cli/command.ts";

export default class ClusterStatus extends DaemonCommand {
  static override summary = "Show the cluster: its leader, its log and its members, also those that do not answer.";
  static override examples = ["<%= config.bin %> cluster status", "<%= config.bin %> cluster status --consistent --json"];
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterStatus);
    const { consistent } = flags;
    const answer = await this.daemon(flags).read((daemon, options) => daemon.cluster.clusterStatus({ read: { consistent } }, options));
    await this.print(flags, clusterStatus(answer));
  }
}
