import { DaemonCommand } from "../../cli/command.ts";
import { initialized } from "../../cli/membership-view.ts";

export default class ClusterInit extends DaemonCommand {
  static override summary = "Found a cluster with this daemon as its first member.";
  static override description = "The first configuration and the cluster's id become the first entries of the log. Refused when the daemon has a cluster.";
  static override examples = ["<%= config.bin %> cluster init"];

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterInit);
    const founded = await this.daemon(flags).once((daemon, options) => daemon.cluster.initialize({}, options));
    await this.print(flags, initialized(founded));
  }
}
