import { Flags } from "@oclif/core";
import { nodeFlag, vmArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { vmChanged } from "../../cli/vm-view.ts";
import { awaitMoved, awaitVm } from "../../cli/vm-wait.ts";

export default class VmMigrate extends DaemonCommand {
  static override summary = "Move a VM to another worker: stopped where it is, then started there; or with its memory.";
  static override description =
    "It is stopped first, and gets its new owner only when its worker has said that it ended; whoever leads goes on with a move that was begun. Nothing is stopped for which there is no place. With --live its memory is sent while it runs on, and it stands still only for the last part of it; where that fails it stays. What cannot move so is refused, and nothing is stopped instead.";
  static override examples = [
    "<%= config.bin %> vm migrate web",
    "<%= config.bin %> vm migrate web --to n2 --wait",
    "<%= config.bin %> vm migrate web --to n2 --live --wait",
  ];
  static override args = { name: vmArgument };
  static override flags = {
    to: nodeFlag({ description: "The worker to move it to. [default: the best one]" }),
    live: Flags.boolean({ description: "With its memory, or not at all." }),
    wait: waitFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(VmMigrate);
    const { name } = args;
    const { wait, live, to = "" } = flags;
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.vm.migrate({ request, name, to, live }, options));
    if (live) {
      const seen = wait ? await awaitMoved(daemon, name, changed) : changed;
      return this.print(flags, vmChanged(name, wait ? "runs after its move, with its memory" : "is to move with its memory", seen));
    }
    // One that does not run has nothing to wait for.
    const ran = changed.vm?.observed !== "stopped" && changed.vm?.observed !== "failed";
    const seen = wait && ran ? await awaitVm(daemon, name, "running") : changed;
    await this.print(flags, vmChanged(name, wait && ran ? "runs after its move" : "is to move", seen));
  }
}
