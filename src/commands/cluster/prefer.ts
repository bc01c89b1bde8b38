import { Flags } from "@oclif/core";
import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { preferred, preferredNode } from "../../cli/membership-view.ts";

export default class ClusterPrefer extends DaemonCommand {
  static override summary = "Say which voter shall lead whenever it can.";
  static override description =
    "Whoever leads hands leadership to it once it has been in touch and caught up for a while. At most one is preferred; it stays so until it is removed or another command says otherwise.";
  static override examples = ["<%= config.bin %> cluster prefer n2", "<%= config.bin %> cluster prefer --none"];
  static override args = { node: nodeArgument({ description: "The voter, by name or id." }) };
  static override flags = { none: Flags.boolean({ description: "Prefer nobody." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterPrefer);
    const answer = await this.daemon(flags).once((daemon, options) => daemon.cluster.preferLeader({ node: preferredNode(args.node, flags.none) }, options));
    await this.print(flags, preferred(answer));
  }
}
