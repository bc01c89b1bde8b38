import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { defaultWaitMs } from "../../cli/daemon-session.ts";
import { promoted } from "../../cli/membership-view.ts";

export default class ClusterPromote extends DaemonCommand {
  static override summary = "Give a learner its vote, once it has caught up.";
  static override examples = ["<%= config.bin %> cluster promote n4"];
  static override args = { node: nodeArgument({ required: true, description: "The learner, by name or id." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterPromote);
    const { node } = args;
    const answer = await this.daemon(flags).once((daemon, options) => daemon.cluster.promoteMember({ node }, options), defaultWaitMs);
    await this.print(flags, promoted(node, answer));
  }
}
