import { DaemonCommand } from "../../cli/command.ts";
import { stopNode } from "../../cli/node-stop.ts";

export default class NodeStop extends DaemonCommand {
  static override summary = "Stop a daemon and wait until it has ended. Its VMs go on running.";
  static override examples = ["<%= config.bin %> node stop", "<%= config.bin %> node stop --addr 127.0.0.1:7102"];

  override async run(): Promise<void> {
    const { flags } = await this.parse(NodeStop);
    await this.print(flags, await stopNode(this.daemon(flags)));
  }
}
