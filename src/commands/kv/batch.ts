import { Args } from "@oclif/core";
import { DaemonCommand } from "../../cli/command.ts";
import { batchOutcome, readOperations } from "../../cli/kv-batch.ts";

export default class KvBatch extends DaemonCommand {
  static override summary = "Write, swap and delete several keys at once: all of it or nothing.";
  static override description =
    'One operation a line, as JSON: {"op":"put","key":"/a","value":"1"}, put-if-absent likewise, {"op":"cas","key":"/a","value":"2","ifVersion":1} (or ifValue), {"op":"delete","key":"/b"} (ifVersion if you like). They happen in this order. When one is refused nothing is written, and the result of each says why.';
  static override examples = ["<%= config.bin %> kv batch changes.jsonl", "<%= config.bin %> kv batch - < changes.jsonl"];
  static override args = { file: Args.string({ required: true, description: "File with the operations; - for stdin." }) };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(KvBatch);
    const operations = await readOperations(args.file);
    const answer = await this.daemon(flags).write((daemon, request, options) => daemon.kv.batch({ request, operations }, options));
    const { answer: told, exit, complaint } = batchOutcome(operations, answer);
    await this.print(flags, told);
    if (complaint !== "") process.stderr.write(`${complaint}\n`);
    return exit;
  }
}
