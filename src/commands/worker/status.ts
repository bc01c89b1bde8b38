import { consistentFlag, nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { workerStatus } from "../../cli/worker-view.ts";

export default class WorkerStatus extends DaemonCommand {
  static override summary = "Show one worker, and the room that is taken on it.";
  static override examples = ["<%= config.bin %> worker status n2"];
  static override args = { node: nodeArgument({ required: true, description: "The worker, by name or id." }) };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(WorkerStatus);
    const { consistent } = flags;
    const read = { consistent };
    const [workers, taken] = await this.daemon(flags).read((daemon, options) =>
      Promise.all([daemon.worker.list({ read }, options), daemon.worker.reservations({ read }, options)]),
    );
    await this.print(flags, workerStatus(args.node, workers, taken));
  }
}
