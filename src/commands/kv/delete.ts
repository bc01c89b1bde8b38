import { Flags } from "@oclif/core";
import { keyArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvWritten } from "../../cli/kv-view.ts";
import { parseWholeNumber } from "../../cli/name.ts";

export default class KvDelete extends DaemonCommand {
  static override summary = "Delete a key.";
  static override examples = ["<%= config.bin %> kv delete /config/limits", "<%= config.bin %> kv delete /config/limits --if-version 7"];
  static override args = { key: keyArgument };
  static override flags = {
    "if-version": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a version", 1, Number.MAX_SAFE_INTEGER) })({
      description: "Version that it must have.",
      helpValue: "N",
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvDelete);
    const { key } = args;
    const ifVersion = flags["if-version"];
    const written = await this.daemon(flags).write((daemon, request, options) => daemon.kv.delete({ request, key, ifVersion }, options));
    await this.print(flags, kvWritten(key, "deleted", written));
  }
}
