import { Flags } from "@oclif/core";
import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { listingFlags } from "../../cli/listing.ts";
import { taskList, taskListing } from "../../cli/task-view.ts";

const states = ["pending", "assigned", "running", "completed", "failed", "timed-out", "cancelling", "cancelled"] as const;

export default class TaskList extends DaemonCommand {
  static override summary = "List the tasks of the cluster.";
  static override description = "The latest thousand that came to their end are kept, with their results.";
  static override examples = [
    "<%= config.bin %> task list",
    "<%= config.bin %> task list --state failed --state timed-out",
    "<%= config.bin %> task list --columns name,exit,failure --filter worker=n2",
  ];
  static override flags = {
    ...listingFlags(taskListing),
    state: Flags.option({ options: states, multiple: true, multipleNonGreedy: true, default: [] as never })({ description: "Only tasks in this state; may be given again." }),
    consistent: consistentFlag,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(TaskList);
    const { consistent, state } = flags;
    const tasks = await this.daemon(flags).read((daemon, options) => daemon.task.list({ read: { consistent } }, options));
    await this.print(flags, taskList(tasks, state, flags));
  }
}
