import { Args, Flags } from "@oclif/core";
import { DaemonCommand } from "../../cli/command.ts";
import { defaultWaitMs } from "../../cli/daemon-session.ts";
import { replaced } from "../../cli/membership-view.ts";
import { parseNames } from "../../cli/name.ts";

const names = async (text: string) => parseNames(text, "node");

export default class ClusterReplace extends DaemonCommand {
  static override summary = "Replace voters by learners, all at once; the old ones need not be reachable.";
  static override description =
    "The new nodes have joined with `cluster join --learner`; the command waits until they have caught up. While the change is under way both the old and the new voters must agree. Whoever leads completes it, whatever becomes of this command.";
  static override examples = ["<%= config.bin %> cluster replace n1 --with n4", "<%= config.bin %> cluster replace n1,n2 --with n4,n5 --timeout 2m"];
  static override args = {
    old: Args.custom<readonly string[]>({ parse: names })({ required: true, description: "The nodes that leave, by name or id, with commas between them." }),
  };
  static override flags = {
    with: Flags.custom<readonly string[]>({ parse: names })({
      required: true,
      description: "The learners that take their place, by name or id, with commas between them.",
      helpValue: "NEW[,NEW]",
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterReplace);
    const request = { leaving: args.old, entering: flags.with };
    const answer = await this.daemon(flags).once((daemon, options) => daemon.cluster.replaceMembers(request, options), defaultWaitMs);
    await this.print(flags, replaced(request, answer));
  }
}
