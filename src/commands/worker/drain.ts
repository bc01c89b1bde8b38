import { Flags } from "@oclif/core";
import { nodeArgument } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { confirmByTyping } from "../../cli/confirm.ts";
import { assertedBy, awaitDrained, offMeaning, parseAssertion } from "../../cli/worker-drain.ts";
import { workerChanged } from "../../cli/worker-view.ts";

export default class WorkerDrain extends DaemonCommand {
  static override summary = "Move the VMs of a worker away and let no more come.";
  static override description = "Each VM and each service is moved as by `vm migrate`; one that has no place elsewhere, or is paused, stays where it is. A task that runs is waited for; its next attempt, if it needs one, goes elsewhere. The worker is drained when none is left. With --dead nobody waits for the machine: that no VM runs twice then rests on your word alone.";
  static override examples = ["<%= config.bin %> worker drain n2 --monitor", '<%= config.bin %> worker drain n2 --dead --assert "powered off, checked by hand" --yes'];
  static override args = { node: nodeArgument({ required: true, description: "The worker, by name or id." }) };
  static override flags = {
    monitor: Flags.boolean({ description: "Tell of each VM that moves; return when the worker is drained." }),
    dead: Flags.boolean({ description: "The machine is off: its VMs go to others at once, without waiting for its lease. Refused while it is heard.", dependsOn: ["assert"] }),
    assert: Flags.custom<string>({ parse: async (text) => parseAssertion(text) })({ description: "How you know that it is off; written to the log and to `events`, with your name.", helpValue: "TEXT", dependsOn: ["dead"] }),
    yes: Flags.boolean({ description: "Do not ask.", dependsOn: ["dead"] }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(WorkerDrain);
    if (flags.dead && !flags.yes) await confirmByTyping(args.node, offMeaning(args.node));
    const asserted = flags.assert === undefined ? "" : assertedBy(flags.assert);
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.worker.setAdmin({ request, node: args.node, admin: "draining", asserted }, options));
    const seen = flags.monitor ? await awaitDrained(daemon, args.node) : changed;
    await this.print(flags, workerChanged(args.node, flags.monitor ? "is drained" : "is being drained", seen));
  }
}
