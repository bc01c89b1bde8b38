import { taskArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { expectCompleted, taskChanged } from "../../cli/task-view.ts";
import { awaitTask } from "../../cli/task-wait.ts";

export default class TaskWait extends DaemonCommand {
  static override summary = "Wait until a task has come to its end.";
  static override description = "Ends with status 0 when it completed, 1 when it failed, timed out or was cancelled, 5 when the time is up before.";
  static override examples = ["<%= config.bin %> task wait report --timeout 10m"];
  static override args = { name: taskArgument };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskWait);
    const seen = await awaitTask(this.daemon(flags), args.name);
    if (seen.vm !== null) expectCompleted(seen.vm);
    await this.print(flags, taskChanged(args.name, "has ended", seen));
  }
}
