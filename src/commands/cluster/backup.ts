import { Args, Flags } from "@oclif/core";
import { writeBackup } from "../../cli/backup-file.ts";
import { DaemonCommand } from "../../cli/command.ts";

export default class ClusterBackup extends DaemonCommand {
  static override summary = "Write the replicated state to a file.";
  static override description =
    "All rows as they were at one index, with a checksum; readable by you alone, for values may be secrets. What was acknowledged before is in it.";
  static override examples = ["<%= config.bin %> cluster backup monday.backup", "<%= config.bin %> cluster backup last.backup --stale"];
  static override args = { file: Args.string({ required: true, description: "The file to write." }) };
  static override flags = {
    stale: Flags.boolean({ description: "Take what this daemon has applied, also when there is no quorum." }),
    replace: Flags.boolean({ description: "Replace a file that is there." }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterBackup);
    const chunks = this.daemon(flags).stream((daemon) => daemon.cluster.backup({ read: { consistent: !flags.stale } }));
    await this.print(flags, await writeBackup(args.file, chunks, flags.replace));
  }
}
