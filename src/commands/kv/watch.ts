import { Args, Flags } from "@oclif/core";
import { indexFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { writeChanges } from "../../cli/follow-view.ts";

export default class KvWatch extends DaemonCommand {
  static override summary = "Print the changes of keys, each once and in order, from an index on.";
  static override description =
    "Every node tells the same changes under the same indices, so what broke off at one goes on at another. A batch is told as one entry. With --json one object a line; those with `progress` say that nothing was missed up to their index. A node that keeps the changes no more says where it can begin.";
  static override examples = ["<%= config.bin %> kv watch /config/ --follow", "<%= config.bin %> kv watch / --since 1204 --follow --json"];
  static override args = { prefix: Args.string({ description: "Beginning of the keys; all when left out.", default: "" }) };
  static override flags = {
    since: indexFlag({ description: "Changes of entries after this index. [default: what comes from now on]", atLeastOne: ["since", "follow"] }),
    follow: Flags.boolean({ char: "f", description: "Go on with what is written next." }),
    epoch: indexFlag({ description: "Epoch of the cluster in which the index was read; another one is refused." }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvWatch);
    const { since, follow, epoch = 0, json } = flags;
    await writeChanges(
      this.daemon(flags).stream((daemon) => daemon.kv.watch({ prefix: args.prefix, since, follow, epoch })),
      json,
    );
  }
}
