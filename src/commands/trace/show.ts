import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../../cli/command.ts";
import { parseWholeNumber } from "../../cli/name.ts";

export default class TraceShow extends LocalCommand {
  static override summary = "Print the traces of a run, merged by causality.";
  static override description = "A last line that was cut off is passed over with a warning. With --json, one object a line.";
  static override examples = [
    "<%= config.bin %> trace show ./n1/trace ./n2/trace",
    "<%= config.bin %> trace show traces --event BecomeLeader --node n2 --limit 20",
  ];
  static override strict = false;
  static override args = { path: Args.string({ required: true, description: "Trace files, or directories that hold them." }) };
  static override flags = {
    event: Flags.string({ description: "Only events of that name; may be repeated.", multiple: true, multipleNonGreedy: true, helpValue: "EVENT" }),
    node: Flags.string({ description: "Only lines of that node, by name or id.", helpValue: "NODE" }),
    group: Flags.string({ description: "Only lines of that group.", helpValue: "GROUP" }),
    limit: Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a limit", 1, 1_000_000_000) })({
      description: "The most lines. [default: all]",
      helpValue: "LINES",
    }),
  };

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(TraceShow);
    const { showTrace } = await import("../trace-lines.ts");
    await showTrace(argv as string[], flags);
  }
}
