import { Args, Flags } from "@oclif/core";
import { DaemonCommand, readAddress } from "../../cli/command.ts";
import { defaultWaitMs } from "../../cli/daemon-session.ts";
import { joined } from "../../cli/membership-view.ts";

export default class ClusterJoin extends DaemonCommand {
  static override summary = "Let this daemon, whose disk is empty, join a cluster.";
  static override description = "It joins as a learner and votes once it has caught up, or stays one with --learner. Any member of the cluster serves as the seed.";
  static override examples = ["<%= config.bin %> cluster join 127.0.0.1:7100 --token TOKEN --addr 127.0.0.1:7101"];
  static override args = {
    seed: Args.custom<string>({ parse: readAddress })({ required: true, description: "Address of a member of the cluster." }),
  };
  static override flags = {
    learner: Flags.boolean({ description: "Stay a learner: get every entry and vote on none, until `cluster replace` or `cluster promote`." }),
    token: Flags.string({ description: "The token that a member made for this node.", required: true, env: "BLIXARD_TOKEN", helpValue: "TOKEN" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterJoin);
    const { token, learner: standby = false } = flags;
    const answer = await this.daemon(flags).once(
      (daemon, options) => daemon.cluster.joinCluster({ seedAddress: args.seed, token, standby }, options),
      defaultWaitMs,
    );
    await this.print(flags, joined(answer, standby));
  }
}
