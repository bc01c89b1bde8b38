import { Args } from "@oclif/core";
import { LocalCommand } from "../../cli/command.ts";

export default class TraceCheckExport extends LocalCommand {
  static override summary = "Check evidence that `trace export --audit` wrote: every hash, every line, the count.";
  static override examples = ["<%= config.bin %> trace check-export evidence.jsonl"];
  static override args = { file: Args.string({ required: true, description: "The exported file." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(TraceCheckExport);
    const { checkExport } = await import("../trace-export.ts");
    await this.print(flags, checkExport(args.file));
  }
}
