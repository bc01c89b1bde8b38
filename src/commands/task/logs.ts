import { logsFlags, taskArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { writeLogs } from "../../cli/vm-logs.ts";

export default class TaskLogs extends DaemonCommand {
  static override summary = "Print what the last attempt at a task has written on stdout and stderr.";
  static override description = "Ends with the log; with --follow when the task is removed or you interrupt it. Kept by the worker that ran it; `task status` shows its end also when that worker is lost. With --json, one object a line.";
  static override examples = ["<%= config.bin %> task logs report --tail 20", "<%= config.bin %> task logs report -f"];
  static override args = { name: taskArgument };
  static override flags = logsFlags;

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskLogs);
    const { follow, tail = 0, json } = flags;
    await writeLogs(
      this.daemon(flags).stream((daemon) => daemon.task.logs({ name: args.name, tail, follow })),
      json,
    );
  }
}
