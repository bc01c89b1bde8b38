import { Args, Flags } from "@oclif/core";
import { LocalCommand } from "../cli/command.ts";

export default class Model extends LocalCommand {
  static override summary = "Explore every state of a TLA+ specification, and check what its configuration asks for.";
  static override description =
    "Reads the modules beside the specification and its .cfg as TLC does: constants, invariants, properties of steps, constraints, symmetry, view. Exits 8 when something is violated and prints the shortest way there.";
  static override examples = ["<%= config.bin %> model spec/MCRaft.tla", "<%= config.bin %> model Mine.tla --config Small.cfg --workers 1 --json"];
  static override args = { spec: Args.string({ required: true, description: "The .tla file of the root module." }) };
  static override flags = {
    config: Flags.string({ description: "The configuration. [default: the .cfg of the same name]", helpValue: "FILE" }),
    workers: Flags.integer({ description: "Threads. [default: as many as there are processors]", min: 1, max: 64, helpValue: "N" }),
    "max-states": Flags.integer({ description: "Stop, undecided, after so many distinct states.", min: 1, helpValue: "N" }),
    "safety-only": Flags.boolean({ description: "Pass over what properties say about liveness, instead of refusing it." }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Model);
    const { explore } = await import("./exploration.ts");
    const { config, workers, "max-states": maxStates, "safety-only": safetyOnly, timeout, json } = flags;
    return explore({ file: args.spec, configurationFile: config, workers, maxStates, safetyOnly, timeout, json });
  }
}
