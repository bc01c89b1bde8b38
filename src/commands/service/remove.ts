import { serviceArgument, waitFlag } from "../../cli/arguments.ts";
import { DaemonCommand } from "../../cli/command.ts";
import { confirmAtTerminal, yesFlag } from "../../cli/confirm.ts";
import { serviceChanged } from "../../cli/service-view.ts";
import { changeVm } from "../../cli/vm-wait.ts";

export default class ServiceRemove extends DaemonCommand {
  static override summary = "Stop a service and remove it, with its log.";
  static override description = "Asks at a terminal; a script is not asked.";
  static override examples = ["<%= config.bin %> service remove web --wait"];
  static override args = { name: serviceArgument };
  static override flags = { wait: waitFlag, yes: yesFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ServiceRemove);
    const { name } = args;
    await confirmAtTerminal(flags.yes, name, `Service ${name} and its log are lost.`);
    const seen = await changeVm(this.daemon(flags), `service/${name}`, flags.wait ? "gone" : null, (asked, request, options) =>
      asked.service.remove({ request, name }, options),
    );
    await this.print(flags, serviceChanged(name, flags.wait ? "removed" : "is to be removed", seen));
  }
}
