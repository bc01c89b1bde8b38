import { Flags } from "@oclif/core";
import { randomUUID } from "node:crypto";
import { vmArgument, wordsBehind } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { feedInput } from "../../cli/exec-input.ts";
import { relayExec } from "../../cli/vm-exec.ts";
import { UserError } from "../../errors.ts";

export default class VmExec extends DaemonCommand {
  static override summary = "Run a command in the guest of a VM, by its agent.";
  static override description =
    "Its stdout and stderr come apart; its exit code becomes that of this command, 128 + number where a signal ended it. It gets no stdin without --stdin; with it, what is piped in, and its end. With --timeout it is ended when the time is up, as it is when you interrupt. No shell is involved unless you name one.";
  static override examples = ["<%= config.bin %> vm exec web -- uname -r", "<%= config.bin %> vm exec web --timeout 5s -- sh -c 'df -h | tail -1'", "<%= config.bin %> vm exec -i web -- tar x < files.tar"];
  static override usage = "vm exec NAME [-i] [--timeout DURATION] [--json] -- COMMAND [ARGUMENT...]";
  static override flags = { stdin: Flags.boolean({ char: "i", description: "Pass stdin on to the command." }) };
  static override args = { name: vmArgument };
  static override strict = false;

  override async run(): Promise<number> {
    const { args, flags, raw } = await this.parse(VmExec);
    const command = wordsBehind(raw, 1);
    if (command.length === 0) {
      throw new UserError("INVALID_ARGUMENT", "no command is named", { next: `For example: blixard vm exec ${args.name} -- uname -r` });
    }
    const session = flags.stdin ? randomUUID() : "";
    const request = { name: args.name, argv: command, timeoutMs: flags.timeout ?? 0, session };
    const daemon = this.daemon(flags);
    return relayExec(daemon.stream((asked) => asked.vm.exec(request)), flags.json, () => feedInput(daemon, session, process.stdin));
  }
}
