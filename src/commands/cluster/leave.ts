import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { leaveCluster } from "../../cli/leave.ts";

export default class ClusterLeave extends DaemonCommand {
  static override summary = "Remove the daemon that is asked from its cluster.";
  static override description = "Its id is never used again: to come back it needs an empty data directory and a new token. Asks at a terminal; a script is not asked.";
  static override examples = ["<%= config.bin %> cluster leave --addr 127.0.0.1:7102"];

  static override flags = { yes: yesFlag };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterLeave);
    await confirmAtTerminal(flags.yes, "leave", `The daemon at ${flags.addr} leaves its cluster for good.`);
    await this.print(flags, await leaveCluster(this.daemon(flags)));
  }
}
