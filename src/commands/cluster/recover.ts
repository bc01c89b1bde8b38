import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { LocalCommand } from "../../cli/command.ts";
import { confirmByTyping } from "../../cli/confirm.ts";
import { writeLine } from "../../cli/output.ts";
import { paintFor } from "../../cli/paint.ts";
import { askOthers, compared, evidenceText, founded, requireLostQuorum } from "../../cli/recovery-view.ts";
import { UserError } from "../../errors.ts";

export default class ClusterRecover extends LocalCommand {
  static override summary = "Found the cluster anew on the data of one node, when its quorum is lost for good.";
  static override description =
    "Offline: no daemon may run on the directory. Shows what is there and what may be lost, asks, then makes the node the only member in a new epoch; members of the former epoch are refused from then on. With several directories it compares them, says which to go on with, and changes nothing.";
  static override examples = [
    "<%= config.bin %> cluster recover --data-dir ./n1 --data-dir ./n3",
    "<%= config.bin %> cluster recover --data-dir ./n3",
  ];
  static override flags = {
    "data-dir": Flags.string({ description: "Directory of a node. May be given several times.", required: true, multiple: true, helpValue: "DIR" }),
    yes: Flags.boolean({ description: "Do not ask." }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(ClusterRecover);
    const { bestOf, readEvidence, recoverIn } = await import("../../node/offline.ts");
    const dataDirs = [...new Set(flags["data-dir"].map((directory) => resolve(directory)))];
    const all = [];
    for (const dataDir of dataDirs) all.push(await readEvidence(dataDir));
    const [evidence] = all;
    const best = bestOf(all);
    if (evidence === undefined || best === undefined) throw new UserError("INVALID_ARGUMENT", "no directory was named");
    if (all.length > 1) return this.print(flags, compared(all, best));
    const voices = await askOthers(evidence);
    if (!flags.json) await writeLine(`${evidenceText(evidence, voices, await paintFor(process.stdout, process.env))}\n`);
    requireLostQuorum(evidence, voices);
    if (!flags.yes) await confirmByTyping(evidence.name, "The other members are given up for ever.");
    await this.print(flags, founded(await recoverIn(evidence.dataDir, Date.now()), "recovered", evidence));
  }
}
