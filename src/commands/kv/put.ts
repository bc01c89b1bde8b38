import { Args } from "@oclif/core";
import { keyArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvWritten } from "../../cli/kv-view.ts";

export default class KvPut extends DaemonCommand {
  static override summary = "Write a value, whatever was there.";
  static override examples = ["<%= config.bin %> kv put /config/limits 42"];
  static override args = { key: keyArgument, value: Args.string({ required: true, description: "The value." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvPut);
    const { key, value } = args;
    const written = await this.daemon(flags).write((daemon, request, options) => daemon.kv.put({ request, key, value }, options));
    await this.print(flags, kvWritten(key, "written", written));
  }
}
