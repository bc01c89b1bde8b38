import { stopFlags, taskArgument } from "../../cli/arguments.ts";
import { Flags } from "@oclif/core";
import { DaemonCommand } from "../../cli/command.ts";
import { taskChanged } from "../../cli/task-view.ts";
import { awaitTask } from "../../cli/task-wait.ts";

export default class TaskCancel extends DaemonCommand {
  static override summary = "Cancel a task: its program gets SIGTERM, SIGKILL when the grace is over, and there is no other attempt.";
  static override description = "One that has come to its end already is left as it is, with status 6.";
  static override examples = ["<%= config.bin %> task cancel report --wait", "<%= config.bin %> task cancel report --force"];
  static override args = { name: taskArgument };
  static override flags = { ...stopFlags, wait: Flags.boolean({ description: "Wait until nothing of it runs any more, with progress on stderr.", allowNo: true }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskCancel);
    const { name } = args;
    const { force, grace: graceMs = 0, wait } = flags;
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.task.cancel({ request, name, force, graceMs }, options));
    await this.print(flags, taskChanged(name, wait ? "was cancelled" : "is to be cancelled", wait ? await awaitTask(daemon, name) : changed));
  }
}
