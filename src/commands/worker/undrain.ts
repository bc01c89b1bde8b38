import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { workerChanged } from "../../cli/worker-view.ts";

export default class WorkerUndrain extends DaemonCommand {
  static override summary = "Let VMs come to a worker again.";
  static override description = "What has moved away does not come back by itself.";
  static override examples = ["<%= config.bin %> worker undrain n2"];
  static override args = { node: nodeArgument({ required: true, description: "The worker, by name or id." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(WorkerUndrain);
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.worker.setAdmin({ request, node: args.node, admin: "active" }, options));
    await this.print(flags, workerChanged(args.node, "takes VMs again", changed));
  }
}
