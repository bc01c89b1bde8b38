import { serviceArgument, stopFlags, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { serviceChanged } from "../../cli/service-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class ServiceStop extends DaemonCommand {
  static override summary = "Stop a service: SIGTERM to all of its processes, SIGKILL when the grace is over.";
  static override description = "It stays stopped, and keeps its place, until somebody starts it.";
  static override examples = ["<%= config.bin %> service stop web --wait", "<%= config.bin %> service stop web --grace 30s"];
  static override args = { name: serviceArgument };
  static override flags = { ...stopFlags, wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceStop);
    const { name } = args;
    const { force, grace: graceMs = 0, wait } = flags;
    const seen = await changeVm(this.daemon(flags), `service/${name}`, wait ? "stopped" : null, (asked, request, options) =>
      asked.service.stop({ request, name, force, graceMs }, options),
    );
    await this.print(flags, serviceChanged(name, wait ? "stopped" : "is to stop", seen));
  }
}
