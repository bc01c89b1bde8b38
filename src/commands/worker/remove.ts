import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { workerChanged } from "../../cli/worker-view.ts";

export default class WorkerRemove extends DaemonCommand {
  static override summary = "Forget a worker that holds no VM.";
  static override examples = ["<%= config.bin %> worker remove n2"];
  static override args = { node: nodeArgument({ required: true, description: "The worker, by name or id." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(WorkerRemove);
    const changed = await this.daemon(flags).write((asked, request, options) => asked.worker.remove({ request, node: args.node }, options));
    await this.print(flags, workerChanged(args.node, "is no worker any more", changed));
  }
}
