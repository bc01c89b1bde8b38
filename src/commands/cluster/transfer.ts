import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { transferred } from "../../cli/membership-view.ts";

export default class ClusterTransfer extends DaemonCommand {
  static override summary = "Hand leadership to another voter.";
  static override examples = ["<%= config.bin %> cluster transfer n2", "<%= config.bin %> cluster transfer"];
  static override args = { node: nodeArgument({ description: "The voter, by name or id; when left out the leader chooses." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterTransfer);
    const { node = "" } = args;
    const answer = await this.daemon(flags).once((daemon, options) => daemon.cluster.transferLeadership({ node }, options));
    await this.print(flags, transferred(answer));
  }
}
