import { Flags } from "@oclif/core";
import { waitForCluster } from "../../cli/cluster-wait.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { parseWholeNumber } from "../../cli/name.ts";

export default class ClusterWait extends DaemonCommand {
  static override summary = "Wait until the cluster is as asked; fail with the last known state when it is not in time.";
  static override description = "Every member is asked itself. May be given as often as you like.";
  static override examples = [
    "<%= config.bin %> cluster wait --formed 3 --leader",
    "<%= config.bin %> cluster wait --caught-up --timeout 30s",
  ];
  static override flags = {
    formed: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a number of voters", 1, 99) })({
      description: "That many voters at least, and every member agrees on them.",
      atLeastOne: ["formed", "leader", "caught-up"],
      helpValue: "VOTERS",
    }),
    leader: Flags.boolean({ description: "There is a leader." }),
    "caught-up": Flags.boolean({ description: "Every member has applied what is committed now." }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterWait);
    const { formed = null, leader, "caught-up": caughtUp } = flags;
    await this.print(flags, await waitForCluster(this.daemon(flags), { formed, leader, caughtUp }));
  }
}
