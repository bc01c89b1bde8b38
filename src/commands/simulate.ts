import { join } from "node:path";
import { Flags } from "@oclif/core";
import { LocalCommand } from "../cli/command.ts";

export default class Simulate extends LocalCommand {
  static override summary = "Run clusters on virtual time with faults by seed, and hold every trace against the specification.";
  static override description =
    "The consensus core, the replicated machine and the trace are the real ones; clock, network, disk and processes are simulated; with --storage sqlite the storage is the real one too. " +
    "The same seed gives the same run. What clients saw must be linearizable, and no acknowledged write may be lost. " +
    "Exits 8 when a run breaks a law; its seed is printed, and a smaller scenario that shows it is written.";
  static override examples = [
    "<%= config.bin %> simulate --seed 7 --nodes 5 --seconds 60",
    "<%= config.bin %> simulate --seed 7 --nodes 5 --hours 24 --faults crash,partition,bit-flip",
    "<%= config.bin %> simulate --seeds 20 --seconds 20 --storage sqlite",
    "<%= config.bin %> simulate --scenario test/simulation/scenarios/figure-8.json --out ./traces",
  ];
  static override flags = {
    seed: Flags.integer({ description: "Seed of the first run.", default: 1, min: 0 }),
    seeds: Flags.integer({ description: "How many runs, each with the next seed.", default: 1, min: 1 }),
    nodes: Flags.integer({ description: "Nodes that form the cluster.", default: 5, min: 1, max: 15 }),
    seconds: Flags.integer({ description: "Virtual seconds with faults. [default: 30]", min: 1, exclusive: ["hours"] }),
    hours: Flags.integer({ description: "Virtual hours with faults.", min: 1 }),
    faults: Flags.string({ description: "Kinds of faults, or `none`. [default: a mix that the seed gives]", helpValue: "KIND,…" }),
    pace: Flags.integer({ description: "Times between faults are this often longer. [default: 1; with --hours 10]", min: 1 }),
    clients: Flags.integer({ description: "Clients that read and write.", default: 3, min: 0, max: 100 }),
    think: Flags.integer({ description: "Mean milliseconds between two requests of a client. [default: 120; with --hours 5000]", min: 1 }),
    storage: Flags.option({ options: ["memory", "sqlite"] as const, default: "memory" as const, description: "What disks are: a model, or the real storage." })(),
    planted: Flags.string({ description: "Plant this bug, to see that it is caught.", helpValue: "BUG" }),
    scenario: Flags.string({ description: "Play this scenario instead.", helpValue: "FILE" }),
    out: Flags.string({ description: "Write the traces there; of several runs, each into a directory by seed.", helpValue: "DIR" }),
    "shrink-seconds": Flags.integer({ description: "How long to look for a smaller scenario of a failure; 0: not at all.", default: 60, min: 0 }),
    spec: Flags.string({ description: "Directory of the specification. [default: the one that comes with blixard]", helpValue: "DIR" }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Simulate);
    const { hours, spec, "shrink-seconds": shrinkSeconds, ...rest } = flags;
    const { runSimulations } = await import("./simulated-runs.ts");
    return runSimulations({
      ...rest,
      seconds: hours === undefined ? (flags.seconds ?? 30) : hours * 3_600,
      pace: flags.pace ?? (hours === undefined ? 1 : 10),
      thinkMs: flags.think ?? (hours === undefined ? 120 : 5_000),
      shrinkSeconds,
      specDirectory: spec ?? join(this.config.root, "spec"),
    });
  }
}
