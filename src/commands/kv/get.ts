import { consistentFlag, keyArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvItem } from "../../cli/kv-view.ts";

export default class KvGet extends DaemonCommand {
  static override summary = "Print the value of a key.";
  static override examples = ["<%= config.bin %> kv get /config/limits", "<%= config.bin %> kv get /config/limits --consistent --json"];
  static override args = { key: keyArgument };
  static override flags = { consistent: consistentFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvGet);
    const { consistent } = flags;
    const found = await this.daemon(flags).read((daemon, options) => daemon.kv.get({ key: args.key, read: { consistent } }, options));
    await this.print(flags, kvItem(args.key, found));
  }
}
