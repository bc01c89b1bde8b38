import { Flags } from "@oclif/core";
import { indexFlag } from "../cli/arguments.ts";
import { DaemonCommand } from "../cli/command.ts";
import { writeEvents } from "../cli/follow-view.ts";
import { UserError } from "../errors.ts";

const kinds = ["cluster", "member", "leader", "token", "worker", "vm", "image", "service", "task"];

export default class Events extends DaemonCommand {
  static override summary = "Print what happened in the cluster, in order, from an index on.";
  static override description =
    "Every node tells the same events under the same indices, so what broke off at one goes on at another. With --json one object a line; those with `progress` say that nothing was missed up to their index.";
  static override examples = ["<%= config.bin %> events", "<%= config.bin %> events --kind vm,worker --since 1204 --follow"];
  static override flags = {
    since: indexFlag({ description: "Events of entries after this index. [default: all that are kept]" }),
    follow: Flags.boolean({ char: "f", description: "Go on with what happens next." }),
    kind: Flags.custom<readonly string[]>({ parse: async (text) => parseKinds(text) })({
      description: `Only these kinds, with commas: ${kinds.join(", ")}.`,
      helpValue: "KINDS",
    }),
    epoch: indexFlag({ description: "Epoch of the cluster in which the index was read; another one is refused." }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const { since, follow, kind: wanted = [], epoch = 0, json } = flags;
    await writeEvents(
      this.daemon(flags).stream((daemon) => daemon.cluster.events({ since, follow, kinds: wanted, epoch })),
      json,
    );
  }
}

function parseKinds(text: string): readonly string[] {
  const given = text.split(",").map((kind) => kind.trim());
  const unknown = given.find((kind) => !kinds.includes(kind));
  if (unknown === undefined) return given;
  throw new UserError("INVALID_ARGUMENT", `there are no events of kind ${JSON.stringify(unknown)}`, { next: `Give some of ${kinds.join(", ")}.` });
}
