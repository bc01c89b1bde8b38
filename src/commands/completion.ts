import { Args } from "@oclif/core";
import { completionScripts } from "../cli/completion.ts";
import { LocalCommand } from "../cli/command.ts";

const shells = ["bash", "zsh", "fish"] as const satisfies readonly (keyof typeof completionScripts)[];

export default class Completion extends LocalCommand {
  static override summary = "Print a script that lets a shell complete commands, flags and names.";
  static override description = "Names of VMs, services, tasks, images, nodes and keys come from the daemon that BLIXARD_ADDR or --addr names; when it does not answer within a second there are none.";
  static override examples = ["<%= config.bin %> completion bash > /etc/bash_completion.d/blixard", "<%= config.bin %> completion fish | source"];
  static override args = { shell: Args.option({ options: shells })({ required: true, description: `The shell: ${shells.join(", ")}.` }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion);
    const script = completionScripts[args.shell];
    await this.print(flags, { json: { shell: args.shell, script }, text: () => script });
  }
}
