import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../../cli/command.ts";

export default class TraceExport extends LocalCommand {
  static override summary = "Export the merged trace of a run: for TLC, or as evidence for an auditor.";
  static override description =
    "--tla writes a directory with the lines as a TLA+ module, the specification and a configuration, which TLC runs unchanged. --audit writes one file of JSON lines, each with the hash of all before it, which `trace check-export` checks.";
  static override examples = [
    "<%= config.bin %> trace export --tla ./for-tlc ./n1/trace ./n2/trace ./n3/trace",
    "<%= config.bin %> trace export --audit evidence.jsonl --redact ./traces",
  ];
  static override strict = false;
  static override args = { path: Args.string({ required: true, description: "Trace files, or directories that hold them." }) };
  static override flags = {
    "allow-torn": Flags.boolean({ description: "Pass over a last line that was cut off." }),
    audit: Flags.string({ description: "Write evidence to that file.", helpValue: "FILE", exactlyOne: ["audit", "tla"] }),
    group: Flags.string({ description: "Only the steps of that group.", helpValue: "GROUP" }),
    redact: Flags.boolean({ description: "With --audit: pseudonyms in place of the names of nodes and VMs.", dependsOn: ["audit"] }),
    spec: Flags.string({ description: "Directory of the specification. [default: the one that comes with blixard]", helpValue: "DIR" }),
    tla: Flags.string({ description: "Write a directory for TLC.", helpValue: "DIR" }),
  };

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(TraceExport);
    const { exportTrace } = await import("../trace-export.ts");
    const specDirectory = flags.spec ?? join(this.config.root, "spec");
    await this.print(flags, exportTrace({ ...flags, paths: argv as string[], specDirectory, allowTorn: flags["allow-torn"] }));
  }
}
