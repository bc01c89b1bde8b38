import { consistentFlag, taskArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { taskStatus } from "../../cli/task-view.ts";

export default class TaskStatus extends DaemonCommand {
  static override summary = "Show a task: its state, its attempts, how it ended, the end of its output.";
  static override description = "The state is pending, assigned, running, completed, failed, timed-out or cancelled.";
  static override examples = ["<%= config.bin %> task status report"];
  static override args = { name: taskArgument };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskStatus);
    const { consistent } = flags;
    await this.print(flags, taskStatus(await this.daemon(flags).read((daemon, options) => daemon.task.get({ name: args.name, read: { consistent } }, options))));
  }
}
