import { serviceArgument, stopFlags, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { serviceChanged } from "../../cli/service-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class ServiceRestart extends DaemonCommand {
  static override summary = "Stop a service and start it again, in one wish: it is never left stopped.";
  static override description = "One that does not run is started.";
  static override examples = ["<%= config.bin %> service restart web --wait", "<%= config.bin %> service restart web --grace 30s"];
  static override args = { name: serviceArgument };
  static override flags = { ...stopFlags, wait: waitFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceRestart);
    const { name } = args;
    const { force, grace: graceMs = 0, wait } = flags;
    const seen = await changeVm(this.daemon(flags), `service/${name}`, wait ? "running" : null, (asked, request, options) =>
      asked.service.restart({ request, name, force, graceMs }, options),
    );
    await this.print(flags, serviceChanged(name, wait ? "restarted" : "is to be restarted", seen));
  }
}
