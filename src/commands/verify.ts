import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../cli/command.ts";

export default class Verify extends LocalCommand {
  static override summary = "Hold traces against the TLA+ specification: every line, every invariant.";
  static override description =
    "Exits 0 only when every line is a step that the specification allows; 8 when one is not, when nothing is decided, or when there is nothing to check.";
  static override examples = ["<%= config.bin %> verify ./n1/trace ./n2/trace ./n3/trace", "<%= config.bin %> verify traces/accepted --json"];
  static override strict = false;
  static override args = { path: Args.string({ required: true, description: "Trace files, or directories that hold them." }) };
  static override flags = {
    "allow-torn": Flags.boolean({ description: "Pass over a last line that was cut off." }),
    group: Flags.string({ description: "Only the steps of that group.", helpValue: "GROUP" }),
    spec: Flags.string({ description: "Directory of the specification. [default: the one that comes with blixard]", helpValue: "DIR" }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Verify);
    const { judge } = await import("./judgement.ts");
    const specDirectory = flags.spec ?? join(this.config.root, "spec");
    return judge({ ...flags, paths: argv as string[], specDirectory, allowTorn: flags["allow-torn"] });
  }
}
