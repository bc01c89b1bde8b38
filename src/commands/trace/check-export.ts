import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../../cli/command.ts";

export default class TraceCheckExport extends LocalCommand {
  static override summary = "Check evidence that `trace export --audit` wrote: every hash, every line, the count.";
  static override examples = ["<%= config.bin %> trace check-export evidence.jsonl", "<%= config.bin %> trace check-export evidence.jsonl --unpack ./traces"];
  static override args = { file: Args.string({ required: true, description: "The exported file." }) };
  static override flags = {
    unpack: Flags.string({ description: "Write the traces in it to that directory, for `verify`.", helpValue: "DIR" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TraceCheckExport);
    const { checkExport } = await import("../trace-export.ts");
    await this.print(flags, checkExport(args.file, flags.unpack));
  }
}
