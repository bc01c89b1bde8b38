import { Flags } from "@oclif/core";
import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { awaitDrained } from "../../cli/worker-drain.ts";
import { workerChanged } from "../../cli/worker-view.ts";

export default class WorkerDrain extends DaemonCommand {
  static override summary = "Move the VMs of a worker away and let no more come.";
  static override description = "Each VM and each service is moved as by `vm migrate`; one that has no place elsewhere, or is paused, stays where it is. A task that runs is waited for; its next attempt, if it needs one, goes elsewhere. The worker is drained when none is left.";
  static override examples = ["<%= config.bin %> worker drain n2 --monitor"];
  static override args = { node: nodeArgument({ required: true, description: "The worker, by name or id." }) };
  static override flags = { monitor: Flags.boolean({ description: "Tell of each VM that moves; return when the worker is drained." }) };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(WorkerDrain);
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.worker.setAdmin({ request, node: args.node, admin: "draining" }, options));
    const seen = flags.monitor ? await awaitDrained(daemon, args.node) : changed;
    await this.print(flags, workerChanged(args.node, flags.monitor ? "is drained" : "is being drained", seen));
  }
}
