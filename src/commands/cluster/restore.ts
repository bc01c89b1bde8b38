import { resolve } from "node:path";
import { Args, Flags } from "@oclif/core";
import { readBackup } from "../../cli/backup-file.ts";
import { LocalCommand, readAddress } from "../../cli/command.ts";
import { parseName } from "../../cli/name.ts";
import { founded } from "../../cli/recovery-view.ts";

export default class ClusterRestore extends LocalCommand {
  static override summary = "Found the cluster anew on a backup, with a new node as its only member.";
  static override description =
    "Offline, into a directory that holds no node yet. The cluster goes on in a new epoch: members of the former one are refused. A file that is damaged is refused before anything is written.";
  static override examples = ["<%= config.bin %> cluster restore monday.backup --data-dir ./n1 --id n1 --address 127.0.0.1:7100"];
  static override args = { file: Args.string({ required: true, description: "A file that `cluster backup` wrote." }) };
  static override flags = {
    "data-dir": Flags.string({ description: "Directory of the new node.", required: true, helpValue: "DIR" }),
    id: Flags.custom<string>({ parse: async (text) => parseName(text, "node") })({ description: "Name of the new node.", required: true, helpValue: "NAME" }),
    address: Flags.custom<string>({ parse: readAddress })({ description: "Address at which others will reach it.", required: true, helpValue: "HOST:PORT" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterRestore);
    const { head, rows } = await readBackup(args.file);
    const { restoreIn } = await import("../../node/offline.ts");
    const target = { dataDir: resolve(flags["data-dir"]), name: flags.id, address: flags.address };
    await this.print(flags, founded(await restoreIn(target, head, rows, Date.now()), "restored", null));
  }
}
