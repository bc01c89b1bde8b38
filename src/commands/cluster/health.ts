import { clusterHealth } from "../../cli/cluster-health.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { surveyNodes } from "../../cli/node-survey.ts";

export default class ClusterHealth extends DaemonCommand {
  static override summary = "Ask every member how it stands, and say whether the cluster works.";
  static override description =
    "Per member and group: formed, forming or failed, and the last error. Ends with 0 when all is well, 1 when a member is not, 4 without a leader, 5 without a quorum.";
  static override examples = ["<%= config.bin %> cluster health", "<%= config.bin %> cluster health --json"];

  override async run(): Promise<number> {
    const { flags } = await this.parse(ClusterHealth);
    const { answer, exit } = clusterHealth(await this.daemon(flags).read((daemon, options) => surveyNodes(daemon, options)));
    await this.print(flags, answer);
    return exit;
  }
}
