import { DaemonCommand } from "../../cli/command.ts";
import { nodeIdentity } from "../../cli/node-view.ts";

export default class NodeIdentity extends DaemonCommand {
  static override summary = "Show who a daemon is: its id (never used again), name, address and cluster.";
  static override examples = ["<%= config.bin %> node identity --json"];

  override async run(): Promise<void> {
    const { flags } = await this.parse(NodeIdentity);
    const status = await this.daemon(flags).read((daemon, options) => daemon.cluster.nodeStatus({}, options));
    await this.print(flags, nodeIdentity(status));
  }
}
