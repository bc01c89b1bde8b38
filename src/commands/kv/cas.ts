import { Args, Flags } from "@oclif/core";
import { keyArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { kvWritten } from "../../cli/kv-view.ts";
import { parseWholeNumber } from "../../cli/name.ts";

export default class KvCas extends DaemonCommand {
  static override summary = "Write a value if the present one is as expected (compare and swap).";
  static override examples = [
    "<%= config.bin %> kv cas /config/limits 43 --if-version 7",
    "<%= config.bin %> kv cas /leader n2 --if-value n1",
  ];
  static override args = { key: keyArgument, value: Args.string({ required: true, description: "The new value." }) };
  static override flags = {
    "if-version": Flags.custom<number>({ parse: async (text) => parseWholeNumber(text, "a version", 0, Number.MAX_SAFE_INTEGER) })({
      description: "Version that it must have.",
      exactlyOne: ["if-version", "if-value"],
      helpValue: "N",
    }),
    "if-value": Flags.string({ description: "Value that it must have.", helpValue: "VALUE" }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(KvCas);
    const { key, value } = args;
    const condition = { ifVersion: flags["if-version"], ifValue: flags["if-value"] };
    const written = await this.daemon(flags).write((daemon, request, options) =>
      daemon.kv.compareAndSwap({ request, key, value, ...condition }, options),
    );
    await this.print(flags, kvWritten(key, "swapped", written));
  }
}
