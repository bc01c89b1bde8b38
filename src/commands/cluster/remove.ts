import { nodeArgument } from "../../cli/arguments.ts";
import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { defaultWaitMs } from "../../cli/daemon-session.ts";
import { removed } from "../../cli/membership-view.ts";

export default class ClusterRemove extends DaemonCommand {
  static override summary = "Remove a node from the cluster; it need not be reachable.";
  static override examples = ["<%= config.bin %> cluster remove n3"];
  static override description = "Asks at a terminal; a script is not asked. The id of the node is never used again.";
  static override flags = { yes: yesFlag };
  static override args = { node: nodeArgument({ required: true, description: "The node, by name or id." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterRemove);
    const { node } = args;
    await confirmAtTerminal(flags.yes, node, `Node ${node} leaves the cluster for good; to come back it needs an empty data directory.`);
    const answer = await this.daemon(flags).once((daemon, options) => daemon.cluster.removeMember({ node }, options), defaultWaitMs);
    await this.print(flags, removed(node, answer));
  }
}
