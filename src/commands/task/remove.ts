import { Flags } from "@oclif/core";
import { taskArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { taskChanged } from "../../cli/task-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class TaskRemove extends DaemonCommand {
  static override summary = "Remove a task with its result and its log; one that runs is ended.";
  static override description = "Asks at a terminal; a script is not asked.";
  static override examples = ["<%= config.bin %> task remove report --wait"];
  static override args = { name: taskArgument };
  static override flags = {
    wait: Flags.boolean({ description: "Wait until nothing is left of it, with progress on stderr.", allowNo: true }),
    yes: yesFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TaskRemove);
    const { name } = args;
    await confirmAtTerminal(flags.yes, name, `Task ${name} is ended, if it runs; its result and its log are lost.`);
    const seen = await changeVm(this.daemon(flags), `task/${name}`, flags.wait ? "gone" : null, (asked, request, options) => asked.task.remove({ request, name }, options));
    await this.print(flags, taskChanged(name, flags.wait || seen.vm === null ? "removed" : "is to be removed", seen));
  }
}
