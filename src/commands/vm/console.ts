import { Flags } from "@oclif/core";
import { vmArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { attachConsole, openTyping } from "../../cli/vm-console.ts";

export default class VmConsole extends DaemonCommand {
  static override summary = "Sit at the console of a VM: what you type goes to its serial line.";
  static override description =
    "Leave with Ctrl-]. What is piped in is typed, and what the guest answers is waited for until it is silent. The guest of the image default gives a shell when Enter is pressed.";
  static override examples = ["<%= config.bin %> vm console web", "<%= config.bin %> vm console web --show-log", "<%= config.bin %> vm console web < commands.txt"];
  static override args = { name: vmArgument };
  static override flags = { "show-log": Flags.boolean({ description: "Begin with the last 100 lines that it wrote." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmConsole);
    await attachConsole(this.daemon(flags), args.name, flags["show-log"] ? 100 : 0, openTyping());
  }
}
