import { Args, Flags } from "@oclif/core";
import { consistentFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvList } from "../../cli/kv-view.ts";
import { parseWholeNumber } from "../../cli/name.ts";

export default class KvLs extends DaemonCommand {
  static override summary = "List the keys that begin with a prefix.";
  static override examples = ["<%= config.bin %> kv ls", "<%= config.bin %> kv ls /config/ --limit 20"];
  static override args = { prefix: Args.string({ description: "Beginning of the keys; all when left out.", default: "" }) };
  static override flags = {
    consistent: consistentFlag,
    limit: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a limit", 1, 100_000) })({
      description: "The most keys to list.",
      default: 1000,
      helpValue: "N",
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvLs);
    const { consistent, limit } = flags;
    const found = await this.daemon(flags).read((daemon, options) =>
      daemon.kv.list({ prefix: args.prefix, limit, read: { consistent } }, options),
    );
    await this.print(flags, kvList(found));
  }
}
