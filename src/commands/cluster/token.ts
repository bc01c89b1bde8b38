import { Args, Flags } from "@oclif/core";
import { DaemonCommand } from "../../cli/command.ts";
import { tokenCreated } from "../../cli/membership-view.ts";
import { parseName } from "../../cli/name.ts";
import { parseDuration } from "../../cli/duration.ts";

const longestTtlMs = 3_600_000;

export default class ClusterToken extends DaemonCommand {
  static override summary = "Make a token with which one node of that name may join, once.";
  static override description = "The token alone is printed on stdout, and it is not shown again.";
  static override examples = ["<%= config.bin %> cluster token n2", "<%= config.bin %> cluster token n2 --ttl 10m"];
  static override args = {
    name: Args.custom<string>({ parse: async (text) => parseName(text, "node") })({ required: true, description: "Name of the node that will join." }),
  };
  static override flags = {
    ttl: Flags.custom<number>({ parse: async (text) => parseDuration(text, longestTtlMs) })({
      description: "How long it may be used, an hour at most. [default: 1h]",
      helpValue: "DURATION",
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterToken);
    const { name } = args;
    const ttlSeconds = Math.max(1, Math.round((flags.ttl ?? longestTtlMs) / 1000));
    const made = await this.daemon(flags).write((daemon, request, options) => daemon.cluster.createToken({ request, name, ttlSeconds }, options));
    await this.print(flags, tokenCreated(name, made));
  }
}
