import { join } from "node:path";
import { Flags } from "@oclif/core";
import { LocalCommand } from "../cli/command.ts";

export default class Simulate extends LocalCommand {
  static override summary = "Run clusters on virtual time with faults by seed, and hold every trace against the specification.";
  static override description =
    "The consensus core, the replicated machine and the trace are the real ones; clock, network, disk and processes are simulated. The same seed gives the same run. Exits 8 when a run breaks a law; its seed is printed.";
  static override examples = [
    "<%= config.bin %> simulate --seed 7 --nodes 5 --seconds 60",
    "<%= config.bin %> simulate --seeds 100 --seconds 20",
    "<%= config.bin %> simulate --scenario test/simulation/scenarios/figure-8.json --out ./traces",
  ];
  static override flags = {
    seed: Flags.integer({ description: "Seed of the first run.", default: 1, min: 0 }),
    seeds: Flags.integer({ description: "How many runs, each with the next seed.", default: 1, min: 1 }),
    nodes: Flags.integer({ description: "Nodes that form the cluster.", default: 5, min: 1, max: 15 }),
    seconds: Flags.integer({ description: "Virtual seconds with faults.", default: 30, min: 1 }),
    faults: Flags.string({ description: "Kinds of faults, or `none`. [default: a mix that the seed gives]", helpValue: "KIND,…" }),
    planted: Flags.string({ description: "Plant this bug, to see that it is caught.", helpValue: "BUG" }),
    scenario: Flags.string({ description: "Play this scenario instead.", helpValue: "FILE" }),
    out: Flags.string({ description: "Write the traces there; of several runs, each into a directory by seed.", helpValue: "DIR" }),
    spec: Flags.string({ description: "Directory of the specification. [default: the one that comes with blixard]", helpValue: "DIR" }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Simulate);
    const { runSimulations } = await import("./simulated-runs.ts");
    return runSimulations({ ...flags, specDirectory: flags.spec ?? join(this.config.root, "spec") });
  }
}
