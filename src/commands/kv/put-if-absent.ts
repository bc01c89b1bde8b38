import { Args } from "@oclif/core";
import { keyArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvWritten } from "../../cli/kv-view.ts";

export default class KvPutIfAbsent extends DaemonCommand {
  static override summary = "Write a value if the key is absent; of several at once, one wins.";
  static override examples = ["<%= config.bin %> kv put-if-absent /config/limits 42"];
  static override args = { key: keyArgument, value: Args.string({ required: true, description: "The value." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvPutIfAbsent);
    const { key, value } = args;
    const written = await this.daemon(flags).write((daemon, request, options) => daemon.kv.putIfAbsent({ request, key, value }, options));
    await this.print(flags, kvWritten(key, "written", written));
  }
}
