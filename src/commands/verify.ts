import { join } from "node:path";
import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../cli/command.ts";

const formats = ["text", "json", "junit", "github"] as const;

export default class Verify extends LocalCommand {
  static override summary = "Hold traces against the TLA+ specification: every line, every invariant.";
  static override description =
    "Exits 0 only when every line is a step that the specification allows; 8 when one is not, when nothing is decided, or when there is nothing to check. Directories with a verdict.json of their own are runs of their own; their order is the order of the report, however many threads judge.";
  static override examples = [
    "<%= config.bin %> verify ./n1/trace ./n2/trace ./n3/trace",
    "<%= config.bin %> verify traces/accepted --json",
    "<%= config.bin %> verify runs --format junit > report.xml",
    "<%= config.bin %> verify runs/7 --html finding.html",
  ];
  static override strict = false;
  static override args = { path: Args.string({ required: true, description: "Trace files, or directories that hold them." }) };
  static override flags = {
    "allow-torn": Flags.boolean({ description: "Pass over a last line that was cut off." }),
    bound: Flags.integer({ description: "How many explanations are followed at a time before it is undecided. [default: 64]", helpValue: "STATES", min: 1 }),
    format: Flags.option({ options: formats })({ description: "Form of the report; junit and github tell of every run. [default: text]" }),
    group: Flags.string({ description: "Only the steps of that group.", helpValue: "GROUP" }),
    html: Flags.string({ description: "Write a page that shows the finding in space and time.", helpValue: "FILE" }),
    jobs: Flags.integer({ description: "Threads for runs and groups. [default: one a core, where the traces are long]", helpValue: "N", min: 1, max: 256 }),
    "keep-going": Flags.boolean({ description: "Judge the runs behind one that is rejected, too." }),
    spec: Flags.string({ description: "Directory of the specification. [default: the one that comes with blixard]", helpValue: "DIR" }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Verify);
    const { judge } = await import("./judgement.ts");
    const specDirectory = flags.spec ?? join(this.config.root, "spec");
    return judge({ ...flags, paths: argv as string[], specDirectory, allowTorn: flags["allow-torn"], keepGoing: flags["keep-going"] });
  }
}
