import { DaemonCommand } from "../../cli/command.ts";
import { nodeStatus } from "../../cli/node-view.ts";

export default class NodeStatus extends DaemonCommand {
  static override summary = "Show one daemon: its groups, its disk, its VM drivers.";
  static override examples = ["<%= config.bin %> node status", "<%= config.bin %> node status --addr 127.0.0.1:7102 --json"];

  override async run(): Promise<void> {
    const { flags } = await this.parse(NodeStatus);
    const status = await this.daemon(flags).read((daemon, options) => daemon.cluster.nodeStatus({}, options));
    await this.print(flags, nodeStatus(status));
  }
}
