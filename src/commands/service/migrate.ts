import { nodeFlag, serviceArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { serviceChanged } from "../../cli/service-view.ts";
import { awaitVm } from "../../cli/vm-wait.ts";

export default class ServiceMigrate extends DaemonCommand {
  static override summary = "Move a service to another worker: stopped where it is, then started there.";
  static override description = "It runs nowhere in between, and never twice. Nothing is stopped for which there is no place.";
  static override examples = ["<%= config.bin %> service migrate web", "<%= config.bin %> service migrate web --to n2 --wait"];
  static override args = { name: serviceArgument };
  static override flags = {
    to: nodeFlag({ description: "The worker to move it to. [default: the best one]" }),
    wait: waitFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceMigrate);
    const { name } = args;
    const { wait, to = "" } = flags;
    const daemon = this.daemon(flags);
    const changed = await daemon.write((asked, request, options) => asked.service.migrate({ request, name, to }, options));
    await this.print(flags, serviceChanged(name, wait ? "moved" : "is to move", wait ? await awaitVm(daemon, `service/${name}`, "running") : changed));
  }
}
